# Two commands are the whole set-up: `make demo` and `make test`.
.PHONY: agent demo demo-down test test-long check chaos bench diagnose-bench build release install package bootstrap docs

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

# The agent for hosts, static: .build/agent/drover-agent.
agent: bootstrap
	@scripts/agent-build

# Program, completions and man pages below $(DESTDIR)$(PREFIX).
install: release
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' scripts/install

# A .deb for Debian 12 and 13, and a tarball that needs nothing but glibc, in .build/packages/.
package: release
	@scripts/package

# Unit, conformance and end-to-end tests; the last need root, and run on hosts of a lab.
test: bootstrap
	@scripts/test

# The pages of docs/ that are made from the program; `make test` tells when they are stale.
docs: build
	@scripts/reference

check:
	@scripts/check
	@scripts/check --self-test

bench: release
	@Benchmarks/run

# Bottlenecks staged on hosts of a lab, and whether drover diagnose names each: .build/diagnose/results.tsv.
diagnose-bench: release
	@Benchmarks/diagnose/run

# Rollouts with a fault at a random moment: RUNS of them, from seed SEED; .build/chaos.log tells what became of each.
chaos: bootstrap
	@scripts/chaos $(or $(RUNS),60) $(SEED)

# What is too long for `make test`; each part has its short form there.
test-long: package
	@scripts/chaos $(or $(RUNS),200) $(SEED)
	@DROVER_CHAOS_FAULT=controllerPaused scripts/chaos 30 $(SEED)
	@DROVER_LONG_TESTS=1 swift test --skip-build --no-parallel \
		--filter 'CrashEndToEndTests/(twoUsers|aVisitorWithoutAHome|aWrongClock)|FirstServiceEndToEndTests/every|PackageEndToEndTests|FaultEndToEndTests/(theDead|goodBuild|aRolloutSurvives)|RolloutEngineEndToEndTests/thirtyBuilds'
