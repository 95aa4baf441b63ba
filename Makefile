# Quorum. `make` alone lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := $(VENV)/.peers
# For make test-torch: another torch than ours, and where it lies.
TORCH ?= 2.11.0
TORCHVISION ?= 0.26.0
OTHER_TORCH ?= $(VENV)/torch-$(TORCH)
T ?=
# Two test processes share two cores: with two threads of torch each they would wait for one another.
ONE_THREAD := OMP_NUM_THREADS=1

.PHONY: help setup demo demo-all run test test-fast test-long test-torch test-postgres lint format types contracts compose openapi browser bench docs clean

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2} /^##@ / {printf "\n%s\n", substr($$0, 5)}' $(MAKEFILE_LIST)

##@ Use it

setup: $(VENV)/.runtime ## Make .venv with everything a run needs

demo: $(VENV)/.runtime ## A whole study on the toy world, then the site (DEMO_SERVE=0 ends instead)
	@$(BIN)/python -m demo.run

demo-all: $(VENV)/.runtime ## Every preset on the toy world, each beside what is true, in a few minutes
	@$(BIN)/python -m demo.run --all

run: $(VENV)/.runtime ## Web, worker, beat and compute processes on the embedded defaults
	@$(BIN)/python manage.py migrate --verbosity 0
	@echo "The site will be at http://$${BIND:-127.0.0.1:8000}/ (Ctrl-C ends it). An account for it, given in"
	@echo "another terminal: $(BIN)/python manage.py researcher NAME"
	@trap : INT; PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/honcho start || test $$? -eq 130

##@ Work on it

test: $(VENV)/.dev $(PEERS) browser ## Everything: style, types, contracts, all tests (T=path runs a part)
	@$(MAKE) --no-print-directory lint types contracts compose
	@$(ONE_THREAD) $(BIN)/python -m pytest -n 2 --dist worksteal -q -m "not long" $(T)
	@$(MAKE) --no-print-directory test-postgres

test-postgres: $(VENV)/.dev ## What depends on the database, on PostgreSQL (QUORUM_TEST_POSTGRES=url)
	@url=$$($(BIN)/python -m tests.services); \
	if [ -n "$$url" ]; then $(ONE_THREAD) DATABASE_URL=$$url $(BIN)/python -m pytest -n 2 --dist worksteal -q -m "database and not browser and not long and not one_database" --ignore=tests/studyapp/compute tests/studyapp tests/marketplace tests/contracts tests/journeys/test_two_at_once.py; fi

test-fast: $(VENV)/.dev ## The quick part, under 90 seconds
	@$(ONE_THREAD) HYPOTHESIS_PROFILE=quick $(BIN)/python -m pytest -n 2 --dist worksteal -q -m "not slow and not long and not browser and not commits and not postgres and not broker" $(T)

test-long: $(VENV)/.dev $(PEERS) ## The checks of explain that take minutes each, left out of make test
	@$(BIN)/python -m pytest -q -m long $(T)

test-torch: $(VENV)/.dev $(PEERS) ## explain/ on another torch (TORCH=2.11.0 TORCHVISION=0.26.0), beside ours
	@test -d $(OTHER_TORCH)/torch || $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --target $(OTHER_TORCH) torch==$(TORCH) torchvision==$(TORCHVISION)
	@$(ONE_THREAD) PYTHONPATH=$(abspath $(OTHER_TORCH)) $(BIN)/python -m tests.other_torch $(TORCH)
	@$(ONE_THREAD) PYTHONPATH=$(abspath $(OTHER_TORCH)) $(BIN)/python -m pytest -q -m "not long" tests/explain $(T)

lint: $(VENV)/.dev ## Style of code and templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(VENV)/.dev ## Put code into shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(VENV)/.dev ## mypy, strict
	@$(BIN)/mypy

contracts: $(VENV)/.dev ## Which part may import which
	@$(BIN)/lint-imports

openapi: $(VENV)/.dev ## Write docs/reference/openapi.yaml anew, after a change of the API
	@$(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/reference/openapi.yaml

compose: ## Check docker-compose.yml with docker-compose's own reader
	@command -v docker-compose >/dev/null || { apt-get update -qq && apt-get install -y -qq docker-compose >/dev/null; }
	@POSTGRES_PASSWORD=x RABBITMQ_PASSWORD=x SECRET_KEY=x docker-compose config --quiet

browser: ## Install Chromium for the browser tests, where apt can
	@command -v chromedriver >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium chromium-driver >/dev/null; }

bench: $(VENV)/.dev $(PEERS) ## Measure: each bench/*.py prints its table
	@for script in $(filter-out bench/machine.py bench/own_site.py,$(wildcard bench/*.py)); do echo "== $$script"; PYTHONPATH=$(CURDIR) $(BIN)/python $$script; done

docs: $(VENV)/.dev browser ## The pictures of the docs, from the demo that was run last
	@$(BIN)/python -m demo.screenshots

clean: ## Remove .venv, var and caches
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Quorum needs Python 3.11 or newer: set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt requirements/web.txt | $(VENV)/bin/python
	@echo "Installing packages (torch is large; a few minutes the first time) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	@touch $@

$(PEERS): requirements/peers.txt | $(VENV)/.dev
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --upgrade --target $(VENV)/peers -r $<
	@touch $@
