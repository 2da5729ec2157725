# The public doors: `make demo`, `make test`, `make check`, `make bench`. All survive being run twice.
PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
# Inside the environment, so that removing it forgets what was installed in it.
STAMPS := $(VENV)/.heartline
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Emptied: an environment that forbids bytecode makes every process that tests start slow.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup system-packages web demo check lint types tidy test bench lock docs clean

help:
	@echo "make demo    set up, start a server, train real models as real processes, show their states"
	@echo "make test    set up, check and test everything"
	@echo "make check   lint, types, layers, tidiness"
	@echo "make bench   Heartline beside its peers, one table"
	@echo "also: setup, web, docs, lock, clean"

$(STAMPS)/venv:
	@command -v $(PYTHON) >/dev/null 2>&1 \
	  || { echo "$(PYTHON) is not here: install Python 3.11 or newer, or set PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Heartline needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1)."; \
	  echo "Say which to use: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "== making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dependencies: locks/dev.txt $(STAMPS)/venv
	@echo "== installing pinned dependencies (a minute or two on a new machine)"
	@$(BIN)/python -m pip install --quiet --require-hashes -r locks/dev.txt
	@touch $@

$(STAMPS)/package: pyproject.toml tools/build_web.py $(STAMPS)/dependencies
	@echo "== installing heartline (editable)"
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(STAMPS)/package

system-packages:
	@sh tools/test_system_packages.sh

web: setup
	@$(BIN)/python tools/web.py

demo: setup web
	@$(BIN)/heartline demo

# `make -k check` goes on after the first that is not content.
check: lint types tidy

lint: setup
	@echo "== ruff"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "run: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/python tools/web.py run --if-present lint

types: setup
	@echo "== mypy --strict"
	@$(BIN)/mypy

tidy: setup
	@echo "== layers and tidiness"
	@$(BIN)/python -m pytest -q -n 0 tests/tidy

# The web app's tests and its weight come before pytest, so that pytest has the last word.
test: setup system-packages web check
	@$(BIN)/python tools/web.py run --if-present test
	@$(BIN)/python tools/web.py run --if-present size
	@echo "== tests"
	@$(BIN)/python -m pytest -n $(WORKERS) -ra

$(STAMPS)/peers: locks/bench.txt $(STAMPS)/package
	@echo "== installing the peers that Heartline is measured beside"
	@$(BIN)/python -m venv $(VENV)/peers
	@$(VENV)/peers/bin/python -m pip install --quiet --require-hashes -r locks/bench.txt
	@$(VENV)/peers/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# All parts, or those in PART; `make bench PART=soak` opens a tab for a long time.
bench: $(STAMPS)/peers web
	@$(VENV)/peers/bin/python -m benchmarks $(PART)

# Only what pyproject.toml asks anew; UPGRADE=--upgrade takes the newest of everything.
lock: setup
	@$(BIN)/python tools/lock.py $(UPGRADE)

docs: setup
	@echo "== generating pages"
	@$(BIN)/python tools/draw_lifecycle.py
	@$(BIN)/python tools/write_cli_reference.py
	@$(BIN)/python tools/write_api_types.py
	@echo "== writing the documentation to site/"
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

clean:
	rm -rf $(VENV) dist build site .mypy_cache .ruff_cache .pytest_cache .hypothesis web/node_modules
	rm -rf src/heartline/server/static
