# `make demo` and `make test` are all there is to know. Both install what this machine lacks, where they may.
.PHONY: help demo test torture build install uninstall bench format lint clean
.DEFAULT_GOAL := help

PREFIX = /usr/local
PROGRAM = $(DESTDIR)$(PREFIX)/bin/switchback

help:
	@echo 'make demo    build Switchback and show it at work on two throw-away Postgres clusters'
	@echo 'make test    lint, build and test everything; the summary is at the end'
	@echo 'make torture  random writes at several sources, servers killed and networks cut, against an oracle; MINUTES=10 and SEED=… choose'
	@echo 'make build   build .build/release/switchback, which runs where no Swift is'
	@echo 'make install install it as $$(DESTDIR)$$(PREFIX)/bin/switchback; PREFIX is /usr/local'
	@echo 'make bench   run the benchmarks; ARGS="--quick --systems none,native,switchback" and the like choose (ARGS=--help)'
	@echo 'make format  format the Swift sources'
	@echo 'make lint    check their format'
	@echo 'make clean   remove what was built; downloads stay'

build:
	@bash Scripts/setup
	swift build -c release --product switchback --static-swift-stdlib

# Not built here: whoever installs may be one who has no compiler, such as root.
install:
	install -D -m 755 .build/release/switchback $(PROGRAM)

uninstall:
	rm -f $(PROGRAM)

demo: build
	@.build/release/switchback demo

test:
	@bash Scripts/test

# Another seed for every schedule from the first on; a run that fails prints its own.
MINUTES = 10
SEED =
torture:
	@bash Scripts/setup --tests
	swift build --build-tests
	. .build/test-environment && SWITCHBACK_MINUTES=$(MINUTES) SWITCHBACK_SEED=$(SEED) swift test --skip-build \
		--filter 'RandomScheduleTests|FamilyScheduleTests|RingScheduleTests|StressTests|CrashKnowledgeTests'

bench:
	@Benchmarks/run $(ARGS)

format:
	swift format --in-place --recursive Sources Tests Benchmarks Package.swift

lint:
	swift format lint --strict --recursive Sources Tests Benchmarks Package.swift

clean:
	swift package clean
