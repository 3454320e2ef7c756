# Three commands matter: `make run` serves the dashboard, `make check` is the quick half of `make test`, which checks everything. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The newest of these that starts (a name on the PATH may lead nowhere); `make PYTHON=/path/to/python3` takes another.
VERSIONS := 3.14 3.13 3.12 3.11
SUITS := 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))'
PYTHON ?= $(shell for name in $(VERSIONS:%=python%) python3; do if $$name -c $(SUITS) 2>/dev/null; then echo $$name; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
# Stamps: a target whose stamp is newer than its lock file has nothing to do.
RUNTIME := $(VENV)/.runtime-installed
TOOLS := $(VENV)/.tools-installed
ARGS ?=
# Processes of `make test`: more than processors pay off only where tests wait.
WORKERS ?= 2
# Every program of the tests would compile a thousand modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run install tools check test coverage lint format docs lock wheels licences look benchmark clean sources-demo

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: install ## install what is missing and serve on http://127.0.0.1:8050 (ARGS=--demo for demo data)
	@exec $(BIN)/dashapp run $(ARGS)

sources-demo: $(TOOLS) ## all services as stand-ins on this machine, and the dashboard against them
	@$(BIN)/python -m tests.standins

install: $(RUNTIME) ## create .venv and install the locked versions
	@:

$(VENV)/bin/python:
	@test -n "$(PYTHON)" && $(PYTHON) -c $(SUITS) || { echo "no Python 3.11 to 3.14 with venv found: install one (on Debian with the package python3-venv) or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

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

tools: $(TOOLS) ## install test tools, Chromium, a real influxd, ClickHouse's engine and others where they are missing
	@.ci/prepare

check: lint ## the quick half: style, types, contracts between rooms, pages of reference, unit tests (about a minute)
	@$(BIN)/pytest tests/unit -n 2 --dist loadfile -m "not slow" --durations=20 $(ARGS)

test: tools lint ## everything that must be green: style, types, contracts, pages of reference, all tests
	@# a file of tests stays with one worker; slow files come first (tests/conftest.py)
	@$(BIN)/pytest tests -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations=20 $(ARGS)

coverage: tools ## which lines the tests never reach (takes far longer than `make test`)
	@$(BIN)/pytest tests --cov --cov-report=term:skip-covered $(ARGS)

lint: $(TOOLS) ## style, types, which room may import which, reference pages up to date
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy & types=$$!; $(BIN)/lint-imports; $(BIN)/python -m dashapp.reference --check; wait $$types

format: $(TOOLS) ## put the code into its agreed shape
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

docs: $(RUNTIME) ## write docs/reference anew from the declarations
	@$(BIN)/python -m dashapp.reference

COMPILE := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-annotate
TELEMETRY := opentelemetry-sdk opentelemetry-exporter-otlp-proto-http opentelemetry-api opentelemetry-semantic-conventions opentelemetry-proto \
  opentelemetry-exporter-otlp-common opentelemetry-exporter-otlp-proto-common opentelemetry-exporter-http-transport googleapis-common-protos protobuf
PLATFORMS := x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu aarch64-apple-darwin

lock: $(VENV)/bin/python ## choose versions anew within the ranges of setup.py, for every Python and platform
	@$(PIP) install uv
	@$(COMPILE) --upgrade setup.py -o requirements.lock
	@$(COMPILE) --upgrade setup.py --extra test -o requirements-dev.lock -c requirements.lock
	@printf 'psycopg\npsycopg-binary\n' | $(COMPILE) --upgrade --no-deps - -o requirements-postgresql.lock -c requirements-dev.lock
	@printf '%s\n' $(TELEMETRY) | $(COMPILE) --upgrade --no-deps --prerelease allow - -o requirements-telemetry.lock -c requirements-dev.lock
	@printf 'clickhouse-connect\nlz4 ; python_version < "3.14"\n' | $(COMPILE) --upgrade --no-deps - -o requirements-clickhouse.lock -c requirements-dev.lock
	@printf 'chdb\nchdb-core\npyarrow\n' | $(COMPILE) --upgrade --no-deps - -o requirements-chdb.lock -c requirements-dev.lock
	@printf 'openapi-python-client\nruamel-yaml\nattrs\n' | $(COMPILE) --upgrade --no-deps - -o requirements-generator.lock -c requirements-dev.lock
	@$(MAKE) wheels

wheels: $(VENV)/bin/python ## whether every locked version has a wheel for each Python and platform; nothing is installed
	@$(PIP) install uv
	@for version in $(VERSIONS); do for platform in $(PLATFORMS); do \
	  $(BIN)/uv pip compile -q --only-binary :all: --python-version $$version --python-platform $$platform requirements.lock -o /dev/null \
	    || { echo "no wheels for Python $$version on $$platform" >&2; exit 1; }; done; done
	@echo "wheels for Python $(VERSIONS) on $(PLATFORMS)"

licences: $(RUNTIME) ## the licence of each package that is installed
	@$(BIN)/python .ci/licences

look: $(TOOLS) ## a screenshot of each page over a made-up year, wide and narrow, light and dark, into build/look (ARGS="--data var/metrics.duckdb" for your own)
	@$(BIN)/python -m tests.look $(ARGS)

benchmark: $(TOOLS) ## measure speed against raw baselines (see benchmarks/README.md)
	@for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python "$$file" $(ARGS); done

clean: ## remove what make made; your data in var/ stays
	@rm -rf $(VENV) build dist *.egg-info .coverage htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
