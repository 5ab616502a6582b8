"""What every test shares."""

import gc
from collections.abc import Generator

import pytest
import structlog
from hypothesis import settings

from tests.cpu import CpuOfFiles
from tests.sizes import examples
from tests.turns import waiting

# Rich's rendering of a traceback takes half a second, in which a media worker under test is late.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S"),
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

# How long one example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("hotline", deadline=None, max_examples=examples(100))
settings.load_profile("hotline")


@pytest.fixture(autouse=True)
def _log() -> Generator[None]:
    """What a command configures in this process holds for its test only."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(CpuOfFiles())


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """All that is collected stays, so nobody looks for garbage in it, neither now nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


_LONGEST_FIRST = (
    *("tests/e2e/browser/", "tests/interop/", "tests/e2e/", "tests/speech/"),
    *("tests/simulator/", "tests/store/", "tests/warehouse/"),
)
_BY_THEN = 0.8  # of the other files

_LOADS = "tests/interop/"
"""Where the tests are that have the machine to themselves: `make test` looks nowhere else."""


_ALWAYS = ("req", "alone")
"""Marks of tests whose files wait for no other day (tests/turns.py)."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    File by file: those that wait for phones among those that only reckon, the longest first.

    So neither do all wait at once nor all reckon, and what is left for the end is short.
    """
    for item in items:
        if item.get_closest_marker("alone") and not item.nodeid.startswith(_LOADS):
            raise pytest.UsageError(f"{item.nodeid} is no part of {_LOADS}")
    always = {_file(item) for item in items if any(map(item.get_closest_marker, _ALWAYS))}
    later = waiting(map(_file, items), always)
    config.hook.pytest_deselected(items=[item for item in items if _file(item) in later])
    items[:] = [item for item in items if _file(item) not in later]
    files = dict.fromkeys(map(_file, items))
    long = sorted((file for file in files if _rank(file) < len(_LONGEST_FIRST)), key=_rank)
    others = [file for file in files if file not in long]
    place = {file: n / len(long) * _BY_THEN for n, file in enumerate(long)}
    place |= {file: n / len(others) for n, file in enumerate(others)}
    items.sort(key=lambda item: place[_file(item)])


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _rank(file: str) -> int:
    longest = (n for n, name in enumerate(_LONGEST_FIRST) if file.startswith(name))
    return next(longest, len(_LONGEST_FIRST))
