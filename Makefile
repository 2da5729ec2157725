# The public doors: `make demo`, `make test`, `make check`, `make bench`. All survive being run twice.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .make
WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup web demo test check types bench lock docs clean system-packages

help:
	@echo "make demo    set up, start a server, train real models as real processes, show their states"
	@echo "make test    set up, check and test everything"
	@echo "make check   lint, types, layers"
	@echo "make bench   Heartline beside its peers, one table"

$(STAMPS)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Heartline needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(BIN)/python: | $(STAMPS)/python
	@echo "== making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(STAMPS)/dependencies: locks/dev.txt | $(BIN)/python
	@echo "== installing pinned dependencies (about a minute on a new machine)"
	@$(BIN)/python -m pip install --quiet --require-hashes -r locks/dev.txt
	@touch $@

$(STAMPS)/package: pyproject.toml $(STAMPS)/dependencies
	@echo "== installing heartline (editable)"
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(STAMPS)/package

web: setup
	@$(BIN)/python tools/web.py

demo: setup web
	@$(BIN)/heartline demo

system-packages:
	@sh tools/test_system_packages.sh

check: setup
	@echo "== ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "run: $(BIN)/ruff format ."; exit 1; }
	@echo "== mypy --strict"
	@$(BIN)/mypy
	@echo "== layers"
	@$(BIN)/lint-imports --no-cache

test: setup system-packages web check
	@echo "== tests"
	@$(BIN)/python -m pytest -n $(WORKERS) -q

bench: setup
	@echo "== installing the peers beside us"
	@$(BIN)/python tools/bench_setup.py
	@$(BIN)/python -m benchmarks

lock: setup
	@$(BIN)/python tools/lock.py

docs: setup
	@$(BIN)/python tools/draw_lifecycle.py

clean:
	rm -rf $(VENV) $(STAMPS) dist build .mypy_cache .ruff_cache .hypothesis web/node_modules
