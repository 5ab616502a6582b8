# The commands. `make demo` and `make test` are the two that matter; both set everything up.
SHELL := /bin/bash
VENV := .venv
DESKTOP := agent_desktop/built/index.html
PY := $(VENV)/bin/python
TWO_MINUTES := $(PY) -m benchmarks.hour --seconds 120 --recorded

.PHONY: setup setup-dev setup-speech demo test test-long check calls peers intelligibility bench hour two-minutes lock clean

setup: $(VENV)/.ready $(DESKTOP)
setup-dev: $(VENV)/.ready-dev $(DESKTOP)
setup-speech: requirements-speech.lock
	scripts/setup speech

# The web client, and what its types are made from.
CLIENT := $(shell git ls-files agent_desktop/client cti_server/wire cti_server/api 2>/dev/null || find agent_desktop/client/src)
$(DESKTOP): $(CLIENT) scripts/build-desktop scripts/write_wire.py | $(VENV)/.ready
	scripts/build-desktop

COMPILED := hatch_build.py cti_server/media/packets.py cti_server/media/packets.pxd cti_server/media/sockets.pxd \
	cti_server/media/visits.py cti_server/media/visits.pxd \
	cti_server/media/web/datagrams.py cti_server/media/web/datagrams.pxd

$(VENV)/.ready: requirements.lock pyproject.toml scripts/setup $(COMPILED)
	scripts/setup

$(VENV)/.ready-dev: requirements-dev.lock pyproject.toml scripts/setup $(COMPILED)
	scripts/setup dev

peers: setup-dev
	scripts/install-peers

demo: setup
	$(VENV)/bin/hotline demo $(if $(ONCE),--once)

check: setup-dev
	scripts/check

calls: setup-dev
	PYTHONASYNCIODEBUG=1 scripts/run-tests tests/calls tests/floor

test: export TEST_FORM ?= short
test: peers
	$(MAKE) -j2 --output-sync=target check calls
	$(MAKE) two-minutes
	scripts/run-tests -m "not alone and not intelligibility" --ignore=tests/calls --ignore=tests/floor
	JOBS=1 scripts/run-tests -m alone tests/interop

# The same with all whole journeys (tests/turns.py), and all that is large by number in its whole
# size (tests/sizes.py): an hour.
test-long:
	TEST_FORM=long $(MAKE) test

# Listens to all prompts, for minutes; `make test` to a twelfth of them, another one every week.
intelligibility: setup-dev
	JOBS=1 scripts/run-tests -m intelligibility tests/speech

bench: setup-dev
	$(PY) -m benchmarks

hour: setup-dev
	$(PY) -m benchmarks.hour

# With fewer calls where the machine was too busy to say anything, for it may be a slow one.
two-minutes: setup-dev
	for rate in 20 5; do \
		$(TWO_MINUTES) --rate $$rate; code=$$?; [ $$code -eq 3 ] || break; \
	done; exit $$code

lock: setup
	scripts/lock

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis
