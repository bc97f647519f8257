# The only commands anybody needs to know.
.PHONY: run test check release bench image tools

# Builds the gateway and opens it on this machine: no configuration, no Redis, no Docker.
run:
	cargo build --release --workspace
	./target/release/pmm-gateway serve

# Installs what is missing, then formatting, lints, every test, the licence and source policy where cargo-deny is installed,
# and the release build run twice.
test: tools check release

check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test --workspace
	@if command -v cargo-deny >/dev/null; then cargo deny check bans licenses sources; \
	else echo "cargo-deny is not installed: licences and sources were not checked (cargo install cargo-deny)"; fi

# The program that people run, run as they run it.
release:
	cargo build --release --workspace
	./tests/release.sh

tools:
	./tests/tools.sh

# Measures against a ceiling in the same run: bounded, on this machine only.
bench: tools
	cargo bench --workspace --bench gateway

# A small image that runs as nobody.
image:
	docker build -t pmm-gateway .
