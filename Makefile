# Needs Python ≥ 3.11 and nothing else; each goal does its own set-up first. `make help` lists them.
PYTHON ?= python3
PORT ?= 8000
ONLY ?=
BOOTSTRAP = $(PYTHON) platform/embedded/bootstrap.py
BIN = .venv/bin
export PYTHONUNBUFFERED = 1

.PHONY: help setup demo test lint bench clean
help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /  make \1\t/p' Makefile

setup:  ## the Python environment, Node and the front end
	@$(BOOTSTRAP) setup

demo:  ## the platform with made-up images on http://127.0.0.1:8000 (PORT=8001 for another port)
	@$(BOOTSTRAP) demo --port $(PORT)
	@$(BIN)/python manage.py up --demo --port $(PORT)

test:  ## every check and every test, browser included; stops at the first failure
	@$(BOOTSTRAP) test
	@$(MAKE) --no-print-directory lint
	@$(BOOTSTRAP) npm run test
	$(BIN)/pytest

lint:  ## formatting, types and directions only (after make setup)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BOOTSTRAP) npm run typecheck
	@$(BOOTSTRAP) npm run lint

bench:  ## all benchmarks into docs/benchmarks.md and build/bench.json (ONLY=worklist for one)
	@$(BOOTSTRAP) test
	@$(BIN)/python -m tests.benchmarks $(ONLY)

clean:  ## what was built and installed; never the data folder
	rm -rf .venv build static_build frontend/node_modules .mypy_cache .ruff_cache .pytest_cache
