# What to run by hand and in CI; `make help` lists it.

# Further arguments: make run ARGS='--listen 127.0.0.1:9443', make test ARGS='--test wire'
ARGS ?=
# dev is built faster; release is what the image runs.
PROFILE ?= dev

BENCHES = --locked --release --manifest-path benches/Cargo.toml --target-dir target/benches

.PHONY: help
help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Serve the webhook over HTTPS on port 8443
	cargo run --locked --profile $(PROFILE) -- serve $(ARGS)

.PHONY: test
test: setup ## Set up what the tests need and run all of them
	cargo test --locked --no-fail-fast $(ARGS)

.PHONY: counts
counts: ## Hold the exact counts of benches/counts.json; ARGS=record writes them, ARGS=show prints them
	tests/setup.sh
	cargo build $(BENCHES) --package counts
	target/benches/release/counts $(or $(ARGS),check)

.PHONY: soak
soak: ## Put the server under load for some minutes and print rates and latencies
	SOAK=1 cargo test --locked --profile release --test reliability -- --nocapture --test-threads 2 $(ARGS)

.PHONY: mutants
mutants: ## Change the core in every small way and name the changes that no test notices
	cargo mutants $(ARGS)

.PHONY: demo
demo: control-plane ## Show the webhook at work behind a real API server
	cargo run --locked --quiet --example demo $(ARGS)

.PHONY: setup
setup: control-plane ## Install or name what the tests need
	tests/setup.sh

.PHONY: control-plane
control-plane:
	@test -n "$(KUBEBUILDER_ASSETS)" || tests/control-plane/build.sh
