# make report · make reports · make check · make test · make lab. Each sets up what it needs; a second call starts at once.
.DEFAULT_GOAL := help
.PHONY: help setup report reports check test test-lowest test-newest lab docs gallery format words lock clean

# Kernels start by the hundred: what is compiled once is kept.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
READY_DEV := $(VENV)/ready-dev
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do $$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && break; done)

help:
	@echo "make report   run the main report and print where it is"
	@echo "make reports  run all reports and print what each of them finds"
	@echo "make check    run the quick tests, in under a minute"
	@echo "make test     run all tests"
	@echo "make test-lowest  run the quick tests with the lowest versions pyproject.toml allows; test-newest: with the newest"
	@echo "make lab      open JupyterLab on the notebooks"
	@echo "make gallery  draw the figures the README shows"
	@echo "make docs     build the documentation as a site"
	@echo "make format   tidy code and notebooks (what pre-commit checks)"
	@echo "make words    bring the words of other languages up to date with the English in the code"
	@echo "make lock     renew both locks after a change in pyproject.toml"
	@echo "make clean    remove the environment; reports stay"

setup: $(READY)

# What a run needs. A report looks and counts the same whichever of the two locks is installed: they hold the same versions.
$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "loyaltylab needs Python 3.11 or newer. Install it, or name it: make report PYTHON=/path/to/python"; exit 1; }
	@case "$(abspath $(VENV))" in "$(CURDIR)"/*) ;; *) test ! -e "$(VENV)" || { \
		echo "$(VENV) is there already and stands outside this folder: setting it up anew would empty it. Remove it, or leave VENV= out."; exit 1; };; esac
	@echo "Setting up the environment in $(VENV), once; this takes up to a minute."
	@$(PYTHON) -m venv --clear $(VENV) || { echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install -qq --disable-pip-version-check uv 2>/dev/null || true
	@$(call install,requirements.lock)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

# What development needs besides: tests, tidying, and what a few reports can do faster or in a database.
$(READY_DEV): $(READY) requirements-dev.lock
	@echo "Adding what tests and development need, once."
	@$(call install,requirements-dev.lock)
	@touch $(READY_DEV)

# uv takes a tenth of pip's time; where it cannot be had, or reads other settings than pip, pip does the same.
define install
$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) 2>/dev/null || \
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r $(1)
endef

report: $(READY)
	@$(BIN)/loyaltylab run drivers

reports: $(READY)
	@$(BIN)/loyaltylab run all

check: $(READY_DEV)
	@$(BIN)/python -m pytest -m "not slow"

test: $(READY_DEV)
	@$(BIN)/python -m pytest --durations=10

# The lowest versions that pyproject.toml allows, in an environment of their own; and what is newest today.
test-lowest test-newest: test-%:
	@$(PYTHON) -m venv .venv-$*
	@.venv-$*/bin/python -m pip install -qq --disable-pip-version-check uv
	@.venv-$*/bin/uv pip install --quiet --python .venv-$*/bin/python --resolution $(if $(filter lowest,$*),lowest-direct,highest) --group dev --editable '.[rows,fast,parquet,database,dask]'
	@.venv-$*/bin/python -m pytest -m "not slow"

lab: $(READY)
	@PYTHONSAFEPATH=1 $(BIN)/jupyter lab --notebook-dir=notebooks

gallery: $(READY)
	@$(BIN)/python docs/gallery/make.py

# A warning is an error: a link that leads nowhere, a name that is gone, a cell that fails.
docs: $(READY_DEV)
	@$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "Site: docs/_build/html/index.html"

format: $(READY_DEV)
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/nbstripout --keep-id notebooks/*.ipynb

words: $(READY_DEV)
	@$(BIN)/python -m loyaltylab.core.catalogue

# The lock of a run is a part of the other: the same versions, so that tests test what reports are made with.
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet
lock: $(READY)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check uv
	@$(LOCK) --extra rows --extra fast --extra parquet --extra database --extra dask --group build --group dev --group docs --output-file requirements-dev.lock
	@$(LOCK) --extra rows --group build --constraint requirements-dev.lock --output-file requirements.lock

clean:
	@rm -rf $(VENV)
