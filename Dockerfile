# Rollcall's operator, a static binary on a base image of your choice:
#   docker build --build-arg BASE_IMAGE=gcr.io/distroless/static:nonroot --tag rollcall .
# The base image needs CA certificates (for the mail servers) and nothing else.
ARG GO_IMAGE=golang:1.26
ARG BASE_IMAGE=gcr.io/distroless/static:nonroot

# The compiler runs on the builder's own platform and compiles for the target's.
FROM --platform=${BUILDPLATFORM:-linux/amd64} ${GO_IMAGE} AS build
ARG TARGETOS
ARG TARGETARCH
# The image's Go is the one to build with; none is downloaded.
ENV GOTOOLCHAIN=local CGO_ENABLED=0
WORKDIR /src
# The modules by themselves, so that a change of the code does not fetch them again.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN GOOS=${TARGETOS:-linux} GOARCH=${TARGETARCH} \
    go build -trimpath -ldflags="-s -w" -o /out/rollcall .

FROM ${BASE_IMAGE}
COPY --from=build /out/rollcall /rollcall
# By number, since a kubelet with runAsNonRoot cannot check a name.
USER 65532:65532
ENTRYPOINT ["/rollcall"]
CMD ["manager"]
