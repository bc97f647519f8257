# The only commands anybody needs to know.
.PHONY: run test check bench image tools

# Builds the gateway and opens it on this machine: no configuration, no Redis, no Docker.
run:
	cargo build --release --workspace
	./target/release/pmm-gateway serve

# Installs what is missing, then formatting, lints, every test, and the licence and source policy where cargo-deny is installed.
test: tools check

check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test --workspace
	@if command -v cargo-deny >/dev/null; then cargo deny check bans licenses sources; \
	else echo "cargo-deny is not installed: licences and sources were not checked (cargo install cargo-deny)"; fi

tools:
	./tests/tools.sh

# Measures against a ceiling in the same run: bounded, on this machine only.
bench: tools
	cargo bench --workspace --bench gateway

# A small image that runs as nobody.
image:
	docker build -t pmm-gateway .
