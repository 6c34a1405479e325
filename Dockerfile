# The image that deploy/deployment.yaml runs: one static program and nothing else.
#
#   docker build -t wfe-webhook:0.1.0 .
#
# Any image with Rust and a C compiler can build it, for example one pinned by its digest:
#   docker build --build-arg BUILDER=rust@sha256:... -t wfe-webhook:0.1.0 .
ARG BUILDER=rust:1.95

FROM ${BUILDER} AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
# Cargo reads the manifest of what the tests need as well, and builds nothing of it.
COPY tests/support/Cargo.toml tests/support/
COPY src src
# For musl where the builder has that target and its compiler, else for glibc, linked statically as well. The target is
# named even if it is the builder's own: otherwise the flag would apply to procedural macros too, which cannot be static.
RUN set -eu; \
    target=$(uname -m)-unknown-linux-musl; \
    if ! command -v musl-gcc >/dev/null || ! [ -d "$(rustc --print target-libdir --target "$target")" ]; then \
        target=$(uname -m)-unknown-linux-gnu; \
        export RUSTFLAGS="-C target-feature=+crt-static"; \
    fi; \
    cargo build --locked --release --bin wfe-webhook --target "$target" --target-dir /target; \
    cp "/target/$target/release/wfe-webhook" /wfe-webhook

FROM scratch
LABEL org.opencontainers.image.title="wfe-webhook" \
      org.opencontainers.image.description="Completes and guards the conditions of kubernaut's WorkflowExecution" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /wfe-webhook /wfe-webhook
# A number, so that runAsNonRoot can be checked without a list of users.
USER 65532:65532
EXPOSE 8443 8080
ENTRYPOINT ["/wfe-webhook"]
CMD ["serve"]
