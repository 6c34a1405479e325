# What to run by hand and in CI; `make help` lists it.

# Further arguments: make run ARGS='--listen 127.0.0.1:9443', make test ARGS='--test wire'
ARGS ?=
# dev is built faster; release is what the image runs.
PROFILE ?= dev

BENCHES = --locked --release --manifest-path benches/Cargo.toml --target-dir target/benches
# What is measured beside others is linked as the image's program is.
STATIC = $(shell uname -m)-unknown-linux-gnu
BENCH_PROGRAMS = target/benches/$(STATIC)/release

.PHONY: help
help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Serve the webhook over HTTPS on port 8443
	cargo run --locked --profile $(PROFILE) -- serve $(ARGS)

.PHONY: test
test: setup ## Set up what the tests need and run all of them; WFE_WEBHOOK_NO_NODES=1 leaves out a real cluster, which needs root
	tests/run.sh $(ARGS)

# The oldest Kubernetes that the tests have; the newest is the default of KUBERNETES.
OLDEST = 1.34.4
# The oldest that has MutatingAdmissionPolicy for good.
OLDEST_COMPLETING = 1.36.3

.PHONY: test-oldest
test-oldest: ## Run the tests of writes, registrations and policies against the oldest Kubernetes that the tests have
	tests/setup.sh
	KUBEBUILDER_ASSETS= KUBERNETES=$(OLDEST) cargo test --locked --no-fail-fast --test api_server --test deploy -- \
		match_conditions:: policies:: writes:: registration:: ratchet:: refusals:: policy:: self_managed:: client_certificates:: api_server::
	KUBEBUILDER_ASSETS= KUBERNETES=$(OLDEST) cargo test --locked --no-fail-fast --test doctor -- fine:: alone_in_a_softer_mode
	KUBEBUILDER_ASSETS= KUBERNETES=$(OLDEST_COMPLETING) cargo test --locked --no-fail-fast --test api_server completing::

.PHONY: policies
policies: ## Send the whole exhaustive space to an API server with the policies, the webhook and both; takes half an hour
	tests/setup.sh
	WHOLE_SPACE=1 cargo test --locked --test api_server completing:: -- --nocapture

.PHONY: counts
counts: ## Compare with the exact counts of benches/counts.json; ARGS=record writes them, ARGS=show prints them
	tests/setup.sh
	cargo build $(BENCHES) --package counts
	target/benches/release/counts $(or $(ARGS),check)

.PHONY: bench
bench: control-plane bench-programs ## Measure everything and write docs/performance.md; ARGS=quick does it briefly, ARGS=worst prints one section
	ulimit -n "$$(ulimit -Hn)" && \
	KUBEBUILDER_ASSETS=$(or $(KUBEBUILDER_ASSETS),$(CURDIR)/tests/control-plane/.cache/bin) \
	taskset -c 1 $(BENCH_PROGRAMS)/bench $(ARGS)

.PHONY: bench-programs
bench-programs: export RUSTFLAGS = -C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs
bench-programs:
	tests/setup.sh
	cargo build $(BENCHES) --workspace --target $(STATIC)
	cargo build --locked --release --bin wfe-webhook --target-dir target/benches --target $(STATIC)
	cd benches/peers/controller-runtime && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' \
		-o $(CURDIR)/$(BENCH_PROGRAMS)/peer-controller-runtime .

.PHONY: soak
soak: ## Put the server under load for some minutes and print rates and latencies
	SOAK=1 cargo test --locked --profile release --test reliability -- --nocapture --test-threads 2 $(ARGS)

# cargo-deny builds in two to four minutes, once; a check takes a second.
.PHONY: deny
deny: ## Check bans, licenses and sources of all dependencies (deny.toml); advisories need a network and are not checked
	@cargo deny --version >/dev/null 2>&1 || cargo install --locked cargo-deny --version 0.20.2
	cargo deny --locked check bans licenses sources

# cargo-cyclonedx builds in a minute or two, once.
.PHONY: sbom
sbom: ## Write the bills of materials of the program (CycloneDX) to target/release-files
	@cargo cyclonedx --version >/dev/null 2>&1 || cargo install --locked cargo-cyclonedx --version 0.5.9
	release/sbom.sh target/release-files

.PHONY: licenses
licenses: ## Write the licenses of all dependencies to release/third-party-licenses.txt
	@cargo about --version >/dev/null 2>&1 || cargo install --locked cargo-about --version 0.9.3 --features cli
	cargo about generate --locked --offline --fail --config release/about.toml release/licenses.hbs \
		--output-file target/third-party-licenses.txt
	sed 's/[[:space:]]*$$//' target/third-party-licenses.txt >release/third-party-licenses.txt

.PHONY: workflows
workflows: ## Check the workflows and the Dockerfile (actionlint, zizmor, hadolint)
	tests/setup.sh
	tests/actionlint/build.sh
	tests/linters/build.sh
	tests/actionlint/.cache/bin/actionlint
	tests/linters/.cache/venv/bin/zizmor --offline --no-progress --pedantic .github
	tests/linters/.cache/venv/bin/hadolint Dockerfile

# What the pages say of the program is checked by tests/docs. No link to another host is followed.
.PHONY: pages
pages: ## Check links and anchors of all pages (lychee), and the spelling of every file (typos)
	tests/setup.sh
	tests/linters/build.sh
	tests/linters/.cache/venv/bin/lychee --offline --include-fragments --no-progress --extensions md .
	tests/linters/.cache/venv/bin/typos

.PHONY: mutants
mutants: ## Change the core in every small way and list the changes that no test notices
	@cargo mutants --version >/dev/null 2>&1 || cargo install --locked cargo-mutants --version 27.1.0
	cargo mutants $(ARGS)

# make fuzz TIME=60 FUZZERS=check: seconds for each, and which. What a fuzzer keeps for its next run is in fuzz/grown.
TIME ?= 600
FUZZERS ?= check differential patch review status

# No sanitizer: there is no unsafe code to check, and without one more inputs are tried. RUSTC_BOOTSTRAP gives the stable
# compiler the flags that count coverage.
.PHONY: fuzz
fuzz: ## Look for inputs that break what must hold of all, ten minutes for each fuzzer
	@cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz --version 0.13.2
	@set -eu; for name in $(FUZZERS); do \
		mkdir -p fuzz/grown/$$name; \
		RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none $$name fuzz/grown/$$name fuzz/corpus/$$name -- \
			-max_total_time=$(TIME) -timeout=10 -dict=fuzz/names.dict; \
	done

.PHONY: demo
demo: control-plane ## Show the webhook at work behind a real API server
	cargo run --locked --quiet --example demo $(ARGS)

.PHONY: setup
setup: control-plane helm nodes ## Install what the tests need, or list it
	tests/setup.sh

.PHONY: control-plane
control-plane:
	@test -n "$(KUBEBUILDER_ASSETS)" || tests/control-plane/build.sh >/dev/null

.PHONY: helm
helm:
	@test -n "$(HELM_BIN)" || tests/helm/build.sh >/dev/null

.PHONY: nodes
nodes:
	@test -n "$(WFE_WEBHOOK_NO_NODES)" || { tests/control-plane/build.sh nodes && tests/cert-manager/build.sh; } >/dev/null
