# `make demo` and `make test` are all there is to know. Both install what this machine lacks, where they may.
.PHONY: help demo test build bench format lint clean
.DEFAULT_GOAL := help

help:
	@echo 'make demo    build Switchback and show it at work on two throw-away Postgres clusters'
	@echo 'make test    lint, build and test everything; the summary is at the end'
	@echo 'make build   build .build/release/switchback'
	@echo 'make bench   run the benchmarks; ARGS="--quick --systems none,native,switchback" and the like choose (ARGS=--help)'
	@echo 'make format  format the Swift sources'
	@echo 'make lint    check their format'
	@echo 'make clean   remove what was built; downloads stay'

build:
	@bash Scripts/setup
	swift build -c release --product switchback

demo: build
	@.build/release/switchback demo

test:
	@bash Scripts/test

bench:
	@Benchmarks/run $(ARGS)

format:
	swift format --in-place --recursive Sources Tests Benchmarks Package.swift

lint:
	swift format lint --strict --recursive Sources Tests Benchmarks Package.swift

clean:
	swift package clean
