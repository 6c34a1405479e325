# The image that the chart in deploy/chart runs: one static program, and the licenses of what it is made of.
#
#   docker build -t wfe-webhook:0.1.0 .
#
# Any image with Rust and a C compiler can build it, for example one pinned by its digest:
#   docker build --build-arg BUILDER=rust@sha256:... -t wfe-webhook:0.1.0 .
#
# For another architecture than the builder's (--platform linux/arm64), the builder needs a linker and Rust's library for
# it; without them the build says what to install.
ARG BUILDER=rust:1.95

FROM --platform=${BUILDPLATFORM} ${BUILDER} AS build
ARG TARGETARCH
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
# Cargo reads the manifest of what the tests need as well, and builds nothing of it.
COPY tests/support/Cargo.toml tests/support/
COPY release/build.sh release/
COPY src src
# For `--version`.
ARG REVISION
ARG CREATED
RUN WFE_WEBHOOK_REVISION="${REVISION}" WFE_WEBHOOK_CREATED="${CREATED}" CARGO_TARGET_DIR=/target release/build.sh "${TARGETARCH}" /wfe-webhook

FROM scratch
# What a release knows of itself: the version, the commit, when that was made (RFC 3339), and where its sources are.
ARG VERSION
ARG REVISION
ARG CREATED
ARG SOURCE
LABEL org.opencontainers.image.title="wfe-webhook" \
      org.opencontainers.image.description="Completes and guards the conditions of kubernaut's WorkflowExecution" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}"
COPY --from=build /wfe-webhook /wfe-webhook
COPY LICENSE release/third-party-licenses.txt /
# A number, so that runAsNonRoot can be checked without a list of users.
USER 65532:65532
EXPOSE 8443 8080
ENTRYPOINT ["/wfe-webhook"]
CMD ["serve"]
