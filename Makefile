# `make demo` and `make test` are all there is to know. Both install what this machine lacks, where they may.
.PHONY: help demo test build bench format lint clean
.DEFAULT_GOAL := help

help:
	@echo 'make demo    build Switchback and show it at work on two throw-away Postgres clusters'
	@echo 'make test    lint, build and test everything; the summary is at the end'
	@echo 'make build   build .build/release/switchback'
	@echo 'make bench   run the benchmarks'
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

bench: build
	@if [ -x Benchmarks/run ]; then exec Benchmarks/run; else echo 'bench: there is no Benchmarks/run' >&2; exit 1; fi

format:
	swift format --in-place --recursive Sources Tests Package.swift

lint:
	swift format lint --strict --recursive Sources Tests Package.swift

clean:
	swift package clean
