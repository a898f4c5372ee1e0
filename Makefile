# The few words of this project. Everything runs in .venv, made from locked, hashed requirements.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --quiet --custom-compile-command "make lock"

NODE := tests/ci_templates/tools tests/sigstore_js

.PHONY: help demo lab test lint format bench zonebench mutants system tools cases docs lock
.DELETE_ON_ERROR:

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

demo: $(READY)  ## the incident of 5 May 2026 refused, the repaired release approved
	rm -rf gatekeeper-demo
	$(BIN)/gatekeeper demo

lab: $(READY) system  ## the same incident with real HSM tokens, signer, name servers and resolvers: refused at three points
	rm -rf gatekeeper-lab
	$(BIN)/gatekeeper lab

test: lint system tools  ## everything that must hold before a change lands
	$(BIN)/pytest -n auto --dist=worksteal --cov --cov-report=term

lint: $(READY)  ## style, types, import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(READY)  ## rewrite the code in the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(READY)  ## CPU time of commands and decisions against their targets; rates of the ledger
	PYTHONPATH=tests $(BIN)/python benchmarks/run.py

zonebench: $(READY)  ## attest zone beside the validators of other projects, on the same files in the same rounds: CACHE=folder for the zones
	$(BIN)/python benchmarks/zones/run.py --cache $(or $(CACHE),zones-cache) $(ZONEBENCH)

mutants: $(READY)  ## change one thing after another in a module and tell what its tests do not notice: MODULE=gatekeeper/people.py
	PYTHONPATH=tests $(BIN)/python -m mutation.mutate $(MODULE)

system:  ## the Debian packages that tests run: installed when root, named otherwise
	@sh tests/system_packages.sh

tools: $(NODE:%=%/node_modules/.package-lock.json)  ## the programs from npm that tests run, pinned with their digests

%/node_modules/.package-lock.json: %/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix $* --no-audit --no-fund --ignore-scripts --loglevel=error && touch $@; \
	else echo "missing: npm (Debian package npm): tests in $*" >&2; [ "$$CI" != true ]; fi

cases: $(READY)  ## write the attack cases under tests/cases anew
	PYTHONPATH=tests $(BIN)/python -m attacks.write
	PYTHONPATH=tests $(BIN)/python -m world.policy_cases

docs: $(READY)  ## write the pages that are made from the code
	$(BIN)/python -m gatekeeper.documentation

lock: $(READY)  ## write requirements/ from pyproject.toml; newer releases with: make lock UPGRADE=--upgrade
	$(LOCK) $(UPGRADE) --output-file requirements/base.txt
	$(LOCK) $(UPGRADE) --extra hsm --extra referee --extra validator --extra fast --extra cluster --group dev --constraint requirements/base.txt \
		--output-file requirements/dev.txt

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "wanted Python 3.11 or newer: make PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@
