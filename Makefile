# Rollcall's tasks. `make` alone lists them.
#
# Everything up to `demo` needs only Go, git, and the Go module proxy;
# `test-interop` also needs nginx, Caddy, and Chromium. `install` and the targets
# after it need kubectl and a cluster. `image` needs docker or a program with the
# same command line.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The operator's image, for deploy, dist, and image.
IMG ?= controller:latest
# The base image; it needs only CA certificates.
BASE_IMAGE ?= gcr.io/distroless/static:nonroot
CONTAINER_TOOL ?= docker
KUBECTL ?= kubectl
# Rollcall's tools and documentation all write under this field manager: Flux
# removes fields written by managers whose names begin with kubectl.
APPLY = apply --server-side --field-manager=rollcall-cli $(APPLY_FLAGS)
# install and deploy stop with an error if another manager has set a field to
# a different value; APPLY_FLAGS=--force-conflicts takes the field over.
APPLY_FLAGS ?=
# Arguments of `make demo`, for example --tour.
DEMO_ARGS ?=
# Arguments of `make test-faults`, for example -seed=7 -rounds=10 -run=Killed.
# The tests mostly wait, so more of them run at once than there are cores.
FAULTS_ARGS ?=
FAULTS_TIMEOUT ?= 2h
# Members in `make bench`, and workers on each side.
N ?= 10000
CONCURRENCY ?= 8
# More arguments of `make bench`, `bench-plugin`, and `bench-gate`, for example --json=FILE.
BENCH_ARGS ?=
# The folder for install-plugin: the same as for go install.
PLUGIN_DIR ?= $(or $(shell go env GOBIN),$(shell go env GOPATH)/bin)
# Packages that `make test` tests, and the time limit for each of them.
TEST_PACKAGES ?= ./...
TEST_TIMEOUT ?= 20m
TEST_ARGS ?=
# The race detector needs a C compiler; Go turns cgo off if there is none.
RACE := $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)

BIN := bin
CONTROLLER_GEN := $(BIN)/controller-gen
CRD_REF_DOCS := $(BIN)/crd-ref-docs
GOLANGCI_LINT := $(BIN)/golangci-lint
KUSTOMIZE := $(BIN)/kustomize
TOOLS := $(CONTROLLER_GEN) $(CRD_REF_DOCS) $(GOLANGCI_LINT) $(KUSTOMIZE)

##@ General

.PHONY: help
help: ## List the targets.
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Development

.PHONY: controlplane
controlplane: ## Build etcd and the Kubernetes control plane, once; print their folder.
	@hack/controlplane/build.sh

.PHONY: generate
generate: $(CONTROLLER_GEN) ## Generate DeepCopy methods from the types in api/.
	$(CONTROLLER_GEN) object paths=./api/...

.PHONY: manifests
manifests: $(CONTROLLER_GEN) ## Generate the CRDs and the operator's Role.
	$(CONTROLLER_GEN) crd paths=./api/... output:crd:artifacts:config=config/crd/bases
	$(CONTROLLER_GEN) rbac:roleName=manager-role paths=./controllers/... output:rbac:artifacts:config=config/rbac

.PHONY: docs
docs: $(CRD_REF_DOCS) ## Generate docs/api.md from the types in api/.
	@mkdir -p docs
	$(CRD_REF_DOCS) --source-path=api/v1alpha1 --config=hack/api-docs/config.yaml --templates-dir=hack/api-docs/templates \
		--renderer=markdown --output-path=docs/api.md --log-level=WARN

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## Format the Go code.
	$(GOLANGCI_LINT) fmt

.PHONY: vet
vet: ## Run go vet.
	go vet ./...

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Run the linters of .golangci.yml.
	$(GOLANGCI_LINT) run

.PHONY: tidy
tidy: ## Tidy all modules.
	for module in . hack/controlplane hack/tools/*/; do go -C "$$module" mod tidy; done

.PHONY: verify
verify: $(TOOLS) ## Check that generated files are current, modules are tidy, and lint is clean.
	hack/verify.sh
	$(MAKE) lint

.PHONY: test
test: vet ## Run all tests, including those against a real control plane.
	export KUBEBUILDER_ASSETS="$$(hack/controlplane/build.sh)"; \
	go test $(RACE) -timeout $(TEST_TIMEOUT) $(TEST_ARGS) $(TEST_PACKAGES)

.PHONY: test-short
test-short: ## Run the tests that need no control plane.
	go test -short -timeout 2m $(TEST_ARGS) $(TEST_PACKAGES)

.PHONY: test-interop
test-interop: ## Test the login gate behind nginx and Caddy with a real browser.
	@test/interop/install.sh --check
	export KUBEBUILDER_ASSETS="$$(hack/controlplane/build.sh)"; \
	go test $(RACE) -tags interop -timeout $(TEST_TIMEOUT) $(TEST_ARGS) ./test/interop

.PHONY: test-faults
test-faults: ## Test the operator under injected faults; FAULTS_ARGS for longer runs.
	export KUBEBUILDER_ASSETS="$$(hack/controlplane/build.sh)"; \
	go test $(RACE) -tags faults -count=1 -v -parallel=7 -timeout $(FAULTS_TIMEOUT) ./test/faults $(FAULTS_ARGS)

.PHONY: bench
bench: ## Compare the operator with a bare client-go loop, with N members.
	@export KUBEBUILDER_ASSETS="$$(hack/controlplane/build.sh)"; \
	go build -o $(BIN)/bench ./test/bench; \
	exec $(BIN)/bench operator --members=$(N) --concurrency=$(CONCURRENCY) $(BENCH_ARGS)

.PHONY: bench-plugin
bench-plugin: ## Measure kubectl member: importing 5,000 rows and listing 50,000 members.
	@export KUBEBUILDER_ASSETS="$$(hack/controlplane/build.sh)"; \
	go build -o $(BIN)/bench ./test/bench; \
	exec $(BIN)/bench plugin $(BENCH_ARGS)

.PHONY: bench-gate
bench-gate: ## Compare the login gate with nginx's auth_basic, with 50,000 members.
	@export KUBEBUILDER_ASSETS="$$(hack/controlplane/build.sh)"; \
	go build -o $(BIN)/bench ./test/bench; \
	exec $(BIN)/bench gate $(BENCH_ARGS)

##@ Build and run

.PHONY: build
build: ## Build static bin/rollcall and bin/kubectl-member.
	CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o $(BIN)/rollcall .
	CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o $(BIN)/kubectl-member ./cmd/kubectl-member

# Like `go install ./cmd/kubectl-member`, plus shell completion: kubectl runs a
# program with this name to complete arguments.
.PHONY: install-plugin
install-plugin: ## Install the plug-in `kubectl member` into PLUGIN_DIR.
	@mkdir -p "$(PLUGIN_DIR)"
	CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o "$(PLUGIN_DIR)/kubectl-member" ./cmd/kubectl-member
	install -m 755 cmd/kubectl-member/kubectl_complete-member "$(PLUGIN_DIR)/kubectl_complete-member"
	@case ":$$PATH:" in *":$(PLUGIN_DIR):"*) ;; *) echo "Add $(PLUGIN_DIR) to your PATH so that kubectl finds the plug-in.";; esac

.PHONY: run
run: ## Run the operator on this machine, for the cluster in your kubeconfig.
	go run . manager --leader-elect=false --metrics-bind-address=0

.PHONY: demo
demo: ## Run everything on this machine; DEMO_ARGS=--tour starts a guided tour.
	@export KUBEBUILDER_ASSETS="$$(hack/controlplane/build.sh)"; \
	go build -o $(BIN)/demo ./hack/demo; \
	exec $(BIN)/demo $(DEMO_ARGS)

.PHONY: image
image: ## Build the image IMG on BASE_IMAGE.
	$(CONTAINER_TOOL) build --build-arg BASE_IMAGE=$(BASE_IMAGE) --tag $(IMG) .

.PHONY: dist
dist: $(KUSTOMIZE) ## Write dist/install.yaml (everything for a cluster) and dist/gate.yaml with the image IMG.
	hack/render.sh default "$(IMG)" dist/install.yaml
	hack/render.sh gate "$(IMG)" dist/gate.yaml
	@echo "dist/install.yaml: kubectl apply --server-side --field-manager=rollcall-cli -f dist/install.yaml"
	@echo "dist/gate.yaml, for the login gate (docs/gate.md): kubectl apply --server-side --field-manager=rollcall-cli -f dist/gate.yaml"

##@ Cluster

.PHONY: install
install: $(KUSTOMIZE) ## Install the CRDs.
	$(KUSTOMIZE) build config/crd | $(KUBECTL) $(APPLY) -f -

.PHONY: uninstall
uninstall: $(KUSTOMIZE) ## Remove the CRDs and with them all members; needs CONFIRM=yes.
	@hack/uninstall.sh "$(KUBECTL)" "$(CONFIRM)"

.PHONY: deploy
deploy: $(KUSTOMIZE) ## Install the CRDs and the operator with the image IMG.
	hack/render.sh default "$(IMG)" - | $(KUBECTL) $(APPLY) -f -

.PHONY: deploy-gate
deploy-gate: $(KUSTOMIZE) ## Install the login gate with the image IMG.
	hack/render.sh gate "$(IMG)" - | $(KUBECTL) $(APPLY) -f -

# The Roles of UserProfiles must not outlive the admission policies. The operator
# would re-create those Roles, so it is removed first.
.PHONY: undeploy
undeploy: $(KUSTOMIZE) ## Remove the operator and the login gate; the CRDs and the members stay.
	$(KUBECTL) delete deployments --namespace=rollcall-system rollcall-controller-manager --cascade=foreground --ignore-not-found
	$(KUBECTL) delete roles --all-namespaces --selector=app.kubernetes.io/managed-by=rollcall,rollcall.dev/user-profile
	$(KUSTOMIZE) build config/undeploy | $(KUBECTL) delete --ignore-not-found -f -
	@echo "The CRDs, the members with their Secrets, and the namespace rollcall-system are still there."

# Each tool has a module of its own in hack/tools, so that `make install` downloads
# and compiles kustomize alone. A tool is rebuilt when its module changes.
$(TOOLS): $(BIN)/%: hack/tools/%/go.mod hack/tools/%/go.sum
	@echo "building $@ from hack/tools/$*/go.mod, once"
	@mkdir -p $(BIN)
	go -C hack/tools/$* build -o $(CURDIR)/$@ tool
	@touch $@
