# Rollcall's chores. `make` alone lists them.
#
# Everything up to `demo` needs Go, git and the Go module proxy, and nothing
# else; only `test-interop` needs nginx, Caddy and Chromium too. `install` and
# what follows it need kubectl and a cluster; `image` needs docker or another
# program with its command line.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The operator's image, for deploy, dist and image.
IMG ?= controller:latest
# What the image is built onto; it needs nothing but CA certificates.
BASE_IMAGE ?= gcr.io/distroless/static:nonroot
CONTAINER_TOOL ?= docker
KUBECTL ?= kubectl
# Rollcall's tools and documentation all write under this field manager: Flux
# takes away what a manager whose name begins with kubectl has written.
APPLY = apply --server-side --field-manager=rollcall-cli $(APPLY_FLAGS)
# Where somebody else has set the same field to something else, install and
# deploy stop and say so; APPLY_FLAGS=--force-conflicts takes it over.
APPLY_FLAGS ?=
# Arguments of `make demo`, for example --tour.
DEMO_ARGS ?=
# Arguments of `make test-faults`, for example -seed=7 -rounds=10 -run=Killed.
# They mostly wait, so more of them run at a time than there are cores.
FAULTS_ARGS ?=
FAULTS_TIMEOUT ?= 2h
# Members of `make bench`, and workers of each side.
N ?= 10000
CONCURRENCY ?= 8
# More arguments of `make bench`, `bench-plugin` and `bench-gate`, for example --json=FILE.
BENCH_ARGS ?=
# Where install-plugin puts `kubectl member`: where go install does.
PLUGIN_DIR ?= $(or $(shell go env GOBIN),$(shell go env GOPATH)/bin)
# Packages that `make test` tests, and how long each of them may take.
TEST_PACKAGES ?= ./...
TEST_TIMEOUT ?= 20m
TEST_ARGS ?=
# The race detector needs a C compiler; Go turns cgo off where there is none.
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
manifests: $(CONTROLLER_GEN) ## Generate the CRDs and the operator's role.
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
tidy: ## Tidy all three modules.
	go mod tidy
	go -C hack/tools mod tidy
	go -C hack/controlplane mod tidy

.PHONY: verify
verify: $(TOOLS) ## Check that generated files are current, modules tidy, and lint clean.
	hack/verify.sh
	$(MAKE) lint

.PHONY: test
test: vet ## Test everything, against a real control plane too.
	export KUBEBUILDER_ASSETS="$$(hack/controlplane/build.sh)"; \
	go test $(RACE) -timeout $(TEST_TIMEOUT) $(TEST_ARGS) $(TEST_PACKAGES)

.PHONY: test-short
test-short: ## Test what needs no control plane.
	go test -short -timeout 2m $(TEST_ARGS) $(TEST_PACKAGES)

.PHONY: test-interop
test-interop: ## Test the login gate behind nginx and Caddy, with a real browser.
	@test/interop/install.sh --check
	export KUBEBUILDER_ASSETS="$$(hack/controlplane/build.sh)"; \
	go test $(RACE) -tags interop -timeout $(TEST_TIMEOUT) $(TEST_ARGS) ./test/interop

.PHONY: test-faults
test-faults: ## Test what becomes of members while everything fails; FAULTS_ARGS for longer.
	export KUBEBUILDER_ASSETS="$$(hack/controlplane/build.sh)"; \
	go test $(RACE) -tags faults -count=1 -v -parallel=7 -timeout $(FAULTS_TIMEOUT) ./test/faults $(FAULTS_ARGS)

.PHONY: bench
bench: ## Measure the operator beside a bare client-go loop, with N members.
	@export KUBEBUILDER_ASSETS="$$(hack/controlplane/build.sh)"; \
	go build -o $(BIN)/bench ./test/bench; \
	exec $(BIN)/bench operator --members=$(N) --concurrency=$(CONCURRENCY) $(BENCH_ARGS)

.PHONY: bench-plugin
bench-plugin: ## Measure kubectl member: 5,000 rows imported beside a bare client-go loop, 50,000 members listed.
	@export KUBEBUILDER_ASSETS="$$(hack/controlplane/build.sh)"; \
	go build -o $(BIN)/bench ./test/bench; \
	exec $(BIN)/bench plugin $(BENCH_ARGS)

.PHONY: bench-gate
bench-gate: ## Measure the login gate beside nginx's auth_basic, with 50,000 members.
	@export KUBEBUILDER_ASSETS="$$(hack/controlplane/build.sh)"; \
	go build -o $(BIN)/bench ./test/bench; \
	exec $(BIN)/bench gate $(BENCH_ARGS)

##@ Build and run

.PHONY: build
build: ## Build bin/rollcall and bin/kubectl-member, static.
	CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o $(BIN)/rollcall .
	CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o $(BIN)/kubectl-member ./cmd/kubectl-member

# As `go install ./cmd/kubectl-member`, and shell completion beside it: kubectl
# asks a program of this name.
.PHONY: install-plugin
install-plugin: ## Install the plug-in `kubectl member` into PLUGIN_DIR.
	@mkdir -p "$(PLUGIN_DIR)"
	CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o "$(PLUGIN_DIR)/kubectl-member" ./cmd/kubectl-member
	install -m 755 cmd/kubectl-member/kubectl_complete-member "$(PLUGIN_DIR)/kubectl_complete-member"
	@case ":$$PATH:" in *":$(PLUGIN_DIR):"*) ;; *) echo "put $(PLUGIN_DIR) on your PATH, and kubectl finds it";; esac

.PHONY: run
run: ## Run the operator from here, in the cluster of your kubeconfig.
	go run . manager --leader-elect=false --metrics-bind-address=0

.PHONY: demo
demo: ## Show it all on this machine; DEMO_ARGS=--tour walks through it by itself.
	@export KUBEBUILDER_ASSETS="$$(hack/controlplane/build.sh)"; \
	go build -o $(BIN)/demo ./hack/demo; \
	exec $(BIN)/demo $(DEMO_ARGS)

.PHONY: image
image: ## Build the image IMG onto BASE_IMAGE.
	$(CONTAINER_TOOL) build --build-arg BASE_IMAGE=$(BASE_IMAGE) --tag $(IMG) .

.PHONY: dist
dist: $(KUSTOMIZE) ## Write dist/install.yaml (everything for a cluster) and dist/gate.yaml, with the image IMG.
	hack/render.sh default "$(IMG)" dist/install.yaml
	hack/render.sh gate "$(IMG)" dist/gate.yaml
	@echo "dist/install.yaml: kubectl apply --server-side --field-manager=rollcall-cli -f dist/install.yaml"
	@echo "dist/gate.yaml, for the login gate (docs/gate.md): kubectl apply --server-side --field-manager=rollcall-cli -f dist/gate.yaml"

##@ Cluster

.PHONY: install
install: $(KUSTOMIZE) ## Install the kinds (CRDs).
	$(KUSTOMIZE) build config/crd | $(KUBECTL) $(APPLY) -f -

.PHONY: uninstall
uninstall: $(KUSTOMIZE) ## Remove the kinds, and with them all members: asks for CONFIRM=yes.
	@hack/uninstall.sh "$(KUBECTL)" "$(CONFIRM)"

.PHONY: deploy
deploy: $(KUSTOMIZE) ## Install the kinds and the operator, with the image IMG.
	hack/render.sh default "$(IMG)" - | $(KUBECTL) $(APPLY) -f -

.PHONY: deploy-gate
deploy-gate: $(KUSTOMIZE) ## Install the login gate beside the operator, with the image IMG.
	hack/render.sh gate "$(IMG)" - | $(KUBECTL) $(APPLY) -f -

# The Roles of user profiles must not outlive the guards, and the operator would make
# them again, so it goes first.
.PHONY: undeploy
undeploy: $(KUSTOMIZE) ## Remove the operator and the login gate; the kinds and the people stay.
	$(KUBECTL) delete deployments --namespace=rollcall-system rollcall-controller-manager --cascade=foreground --ignore-not-found
	$(KUBECTL) delete roles --all-namespaces --selector=app.kubernetes.io/managed-by=rollcall,rollcall.dev/user-profile
	$(KUSTOMIZE) build config/undeploy | $(KUBECTL) delete --ignore-not-found -f -
	@echo "The kinds, the members with their Secrets, and the namespace rollcall-system are still there."


# The tools are pinned in hack/tools/go.mod and built again when that changes.
# One rule makes all four (&:), so that make -j does not build them four times.
$(TOOLS) &: hack/tools/go.mod hack/tools/go.sum
	@echo "building the tools of hack/tools/go.mod into bin/, once"
	@mkdir -p $(BIN)
	go -C hack/tools build -o $(CURDIR)/$(BIN)/ tool
	@touch $(TOOLS)
