# Two commands are the whole set-up: `make demo` and `make test`.
.PHONY: demo demo-down test check bench build release bootstrap

DROVER := .build/release/drover

bootstrap:
	@scripts/bootstrap

# What the whole job looks like: provisioning, balancing, promotion, rollback and scaling of a real service.
demo: bootstrap
	@scripts/demo

demo-down:
	@scripts/demo-down

build: bootstrap
	swift build

release: bootstrap
	swift build -c release --product drover

# Unit, conformance and end-to-end tests; the last need root, and run on hosts of a lab.
test: bootstrap
	@scripts/test

check:
	@scripts/check
	@scripts/check --self-test

bench: release
	@Benchmarks/run
