# Two commands matter: `make run` serves the dashboard, `make test` checks everything. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
# Stamps: a target whose stamp is newer than its lock file has nothing to do.
RUNTIME := $(VENV)/.runtime-installed
TOOLS := $(VENV)/.tools-installed
ARGS ?=

.PHONY: help run install tools test coverage lint format docs lock benchmark clean sources-demo

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: install ## install what is missing and serve on http://127.0.0.1:8050 (ARGS=--demo for demo data)
	@exec $(BIN)/dashapp run $(ARGS)

sources-demo: $(TOOLS) ## all services as stand-ins on this machine, and the dashboard against them
	@$(BIN)/python -m tests.standins

install: $(RUNTIME) ## create .venv and install the locked versions
	@:

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) not found: install Python 3.11 or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "could not create $(VENV): on Debian install the package python3.11-venv" >&2; exit 1; }

$(RUNTIME): requirements.lock setup.py | $(VENV)/bin/python
	@echo "installing the locked versions into $(VENV) (about a minute, once)"
	@$(PIP) install -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(TOOLS): requirements-dev.lock requirements-generator.lock $(RUNTIME)
	@echo "installing the test tools into $(VENV) (about a minute, once)"
	@$(PIP) install -r requirements-dev.lock
	@# without what it asks for: the tests want its generator alone, and its range for typer would hold back ours
	@$(PIP) install --no-deps -r requirements-generator.lock
	@touch $@

tools: $(TOOLS) ## install test tools, Chromium, promtool and a real influxd where they are missing
	@.ci/prepare

test: tools lint ## everything that must be green: style, types, contracts, pages of reference, all tests
	@# two workers, a file of tests stays with one; what fails fastest comes first (tests/conftest.py)
	@$(BIN)/pytest tests -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

coverage: tools ## which lines the tests never reach (takes far longer than `make test`)
	@$(BIN)/pytest tests --cov --cov-report=term:skip-covered $(ARGS)

lint: $(TOOLS) ## style, types, which room may import which, reference pages up to date
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m dashapp.reference --check

format: $(TOOLS) ## put the code into its agreed shape
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

docs: $(RUNTIME) ## write docs/reference anew from the declarations
	@$(BIN)/python -m dashapp.reference

lock: $(VENV)/bin/python ## choose versions anew within the ranges of setup.py
	@$(PIP) install uv
	@$(BIN)/uv pip compile -q --upgrade --python-version 3.11 setup.py -o requirements.lock --no-header --no-annotate
	@$(BIN)/uv pip compile -q --upgrade --python-version 3.11 setup.py --extra test -o requirements-dev.lock --no-header --no-annotate -c requirements.lock
	@$(BIN)/uv pip compile -q --upgrade --python-version 3.11 setup.py --extra postgresql --no-header --no-annotate -c requirements-dev.lock | grep '^psycopg' >requirements-postgresql.lock

benchmark: $(TOOLS) ## measure speed against raw baselines (see benchmarks/README.md)
	@for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python "$$file" $(ARGS); done

clean: ## remove what make made; your data in var/ stays
	@rm -rf $(VENV) build dist *.egg-info .coverage htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
