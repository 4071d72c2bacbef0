# specql-lsp: what a newcomer needs is `make demo` and `make test`; `make help` lists the rest.
# Needs git, make and Python 3.11 or later; everything else is installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SPECQL := .venv-specql
SPECQL_READY := $(SPECQL)/.ready-with-beta
POSTGRESQL15 ?= /usr/lib/postgresql/15/bin
WORKERS ?= auto
EFFORT ?= 20
VSCODE := editors/vscode
VSCODE_READY := $(VSCODE)/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long test-specql test-postgresql15 system-packages lint format rules features bench bench-completion clean test-neovim test-emacs test-kate vsix lint-vscode test-vscode screenshots

help: ## List what can be made
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "specql-lsp needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing specql-lsp and its tools into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(READY)

setup: $(READY) ## Install specql-lsp and its tools into .venv

demo: $(READY) ## Show the main job on fixtures/: the language, check, a client's transcript, allocation, drift
	@$(BIN)/python -m tests.demo

test: $(READY) ## Run the tests, a real PostgreSQL included
	@$(BIN)/python -m pytest -n $(WORKERS)

test-long: $(READY) ## Run the random tests alone, with 20 times the effort (EFFORT=100 for more), from another seed each time
	@SPECQL_TEST_SEED=$${SPECQL_TEST_SEED:-$$(date +%s)} SPECQL_TEST_EFFORT=$(EFFORT) $(BIN)/python -m pytest -n $(WORKERS) -m sweep

test-neovim: $(READY) ## Test the Neovim client in a real Neovim (part of make test, too)
	@$(BIN)/python -m pytest tests/editors/neovim

test-emacs: $(READY) ## Test the Emacs package in a real Emacs (part of make test, too)
	@$(BIN)/python -m pytest tests/editors/emacs

test-kate: $(READY) ## Test the settings for Kate in a real Kate (part of make test, too)
	@$(BIN)/python -m pytest tests/editors/kate

test-postgresql15: $(READY) ## Run the tests of our SQL again, with Debian's PostgreSQL 15
	@test -x $(POSTGRESQL15)/postgres || { echo "There is no PostgreSQL in $(POSTGRESQL15): make system-packages, or name another folder with POSTGRESQL15=..." >&2; exit 1; }
	@SPECQL_TEST_POSTGRESQL=$(POSTGRESQL15) $(BIN)/python -m pytest -n $(WORKERS) -m sql

$(SPECQL_READY):
	@echo "Installing SpecQL 0.9.2 and its beta line into $(SPECQL) ..."
	@$(PYTHON) -m venv $(SPECQL)
	@$(SPECQL)/bin/python -m pip install --quiet --disable-pip-version-check specql==0.9.2
	@$(SPECQL)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(SPECQL)/beta specql-generator==0.5.0b0
	@touch $(SPECQL_READY)

test-specql: $(READY) $(SPECQL_READY) ## Test with SpecQL 0.9.2 itself, in an environment of its own, that it reads what we write
	@$(BIN)/python -m pytest -m specql tests/specql

system-packages: ## Install the Debian 12 packages that the tests use: PostgreSQL 15, PgBouncer, editors (as root; starts no service)
	@.ci/system-packages

lint: $(READY) ## Ruff (lint and format check), mypy in strict mode, the import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(READY) ## Format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(READY) ## Measure every request, diagnostics, loading, memory, allocation; beside yaml-language-server where npm is there
	@$(BIN)/python -m tests.benchmarks

bench-completion: $(READY) ## Measure how good completion is: delete each name of the fixtures and type it again (FOLDERS=... for others)
	@$(BIN)/python -m tests.benchmarks.completion_quality $(FOLDERS)

$(VSCODE_READY): $(VSCODE)/package-lock.json
	@command -v npm >/dev/null || { echo "The VS Code extension needs Node.js 20 or later and npm." >&2; exit 1; }
	@cd $(VSCODE) && npm ci --ignore-scripts --silent && touch node_modules/.package-lock.json

vsix: $(READY) $(VSCODE_READY) ## Build the VS Code extension, with the server's wheel and the rules' pages in it: dist/specql-VERSION.vsix
	@rm -rf $(VSCODE)/server $(VSCODE)/rules && mkdir -p $(VSCODE)/server dist && cp -r docs/rules $(VSCODE)/rules
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir $(VSCODE)/server .
	@cd $(VSCODE) && npm run --silent build && npm run --silent package

lint-vscode: $(VSCODE_READY) ## Check the types and the style of the VS Code extension
	@cd $(VSCODE) && npm run --silent lint

test-vscode: lint-vscode vsix ## Lint and test the VS Code extension: its units, then end to end in a real workbench
	@.ci/system-packages vscode
	@$(VSCODE)/scripts/code-server.sh $(CURDIR)/$(VSCODE)/.test/code-server
	@cd $(VSCODE) && npm --silent test
	@cd $(VSCODE) && npm run --silent test:e2e

rules: $(READY) ## Write what is generated from the rules: README's tables, docs/rules, the extension's settings
	@$(BIN)/python -m tests.docs.rules

features: $(READY) ## Write README's table of what works in which editor, from the tests in the editors
	@$(BIN)/python -m tests.docs.editor_features

screenshots: vsix ## Take the README's pictures of VS Code again, from its end-to-end tests
	@.ci/system-packages vscode
	@$(VSCODE)/scripts/code-server.sh $(CURDIR)/$(VSCODE)/.test/code-server
	@cd $(VSCODE) && npm run --silent screenshots

clean: ## Remove the environment and every cache
	@rm -rf $(VENV) $(SPECQL) build dist $(VSCODE)/dist $(VSCODE)/server $(VSCODE)/rules $(VSCODE)/node_modules tests/benchmarks/yaml_language_server/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
