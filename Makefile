PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# The PyTorch that its own LSTM and optimizers are tested with. On PyPI for Linux it is one with CUDA, of several GB.
TORCH ?= torch==2.13.0

.PHONY: help verify gate test torch wheel-test platforms-test lint types grammar check clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

verify: $(VENV)/installed ## check every claim of the homework
	$(BIN)/refute check

gate: $(VENV)/installed-torch ## check every claim, and that nothing is weaker than refute.lock says
	$(BIN)/refute gate

# What these run is in processes of its own, or is the homework: coverage would make them slow and see little.
UNCOVERED = properties tests/test_action.py tests/test_code.py tests/test_sandbox.py

test: $(VENV)/installed-dev ## run all properties and tests, in parallel and in random order, most tests with coverage
	$(BIN)/python -m pytest --numprocesses auto $(UNCOVERED)
	$(BIN)/python -m pytest --numprocesses auto tests $(addprefix --ignore=,$(UNCOVERED)) --cov

torch: $(VENV)/installed-torch ## install PyTorch, so that the tests run its LSTM and optimizers too, and skip none of them

wheel-test: $(VENV)/installed-dev ## build the wheel, install it in a clean environment, check the homework there
	$(BIN)/python -m pytest -m wheel

platforms-test: $(VENV)/installed-platforms ## ask otter and nbgrader whether they read what we write for them
	$(BIN)/python -m pytest -m platforms tests/test_platforms.py

lint: $(VENV)/installed-dev ## check the style and the formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/installed-dev ## check the types
	$(BIN)/mypy

grammar: $(VENV)/installed-dev ## write the parser's table anew, after a change of formula.lark
	$(BIN)/python -m refute.formula.grammar

check: lint types gate test ## run every check, as CI does

clean: ## remove the virtual environment and the caches
	rm -rf $(VENV) .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache dist

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# A stamp is older than pyproject.toml when the dependencies may have changed.
$(VENV)/installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

$(VENV)/installed-torch: $(VENV)/installed-dev
	$(BIN)/python -m pip install --quiet --editable '.[dev,torch]' '$(TORCH)'
	touch $@

$(VENV)/installed-platforms: $(VENV)/installed-dev
	$(BIN)/python -m pip install --quiet --editable '.[dev,platforms-test]'
	touch $@
