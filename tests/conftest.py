"""What every test shares."""

import pytest
import structlog
from hypothesis import settings

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
settings.register_profile("hotline", deadline=None)
settings.load_profile("hotline")

_LONGEST_FIRST = ("tests/e2e/browser/", "tests/interop/", "tests/e2e/", "tests/speech/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no core is idle at the end."""

    def place(item: pytest.Item) -> int:
        longest = (at for at, name in enumerate(_LONGEST_FIRST) if item.nodeid.startswith(name))
        return next(longest, len(_LONGEST_FIRST))

    items.sort(key=place)
