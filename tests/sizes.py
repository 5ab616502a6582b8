"""
How much of what is large by number is tried: a part by `make test`, all of it by `make test-long`.

Only how many, never whether: what a test shows, it shows in both. The environment's
``TEST_FORM=long`` asks for the whole.
"""

import os
from datetime import UTC, datetime

LONG = os.environ.get("TEST_FORM") == "long"


def size(whole: int, part: int) -> int:
    """Of crowds, soaks and matrices."""
    return whole if LONG else part


def this_weeks(parts: int) -> slice:
    """Of what is tried in so many parts: all, or another one every week."""
    week = datetime.now(UTC).isocalendar().week
    return slice(None) if LONG else slice(week % parts, None, parts)


def examples(whole: int) -> int:
    """Of Hypothesis, which thinks of others at each run."""
    return size(whole, max(10, whole // 4))
