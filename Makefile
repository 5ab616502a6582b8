# The commands. `make demo` and `make test` are the two that matter; both set everything up.
SHELL := /bin/bash
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: setup demo test check peers bench lock clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml scripts/setup
	scripts/setup

peers: setup
	scripts/install-peers

demo: setup
	$(VENV)/bin/hotline demo $(if $(ONCE),--once)

check: setup
	scripts/check

test: setup peers
	scripts/check
	$(PY) -m pytest -q -m interop

bench: setup
	$(PY) -m benchmarks

lock: setup
	scripts/lock

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis
