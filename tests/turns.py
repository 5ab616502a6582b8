"""
Which whole journeys have their turn in a run of `make test`: a third of them, others every day.

They put servers, telephones and browsers through at length, two thirds of what all tests cost, and
what each of them stands on has tests of its own, which always run. So does whatever shows that a
requirement is met. `make test-long` runs all, and whoever names a file runs that.
"""

import os
from collections.abc import Iterable
from zlib import crc32

PARTS = 3

_TURN = os.environ.get("TEST_TURN", "")
"""Set by scripts/run-tests for all its processes: midnight may come meanwhile."""

_JOURNEYS = (
    *("tests/e2e/", "tests/interop/"),
    *("tests/api/test_any_request.py", "tests/speech/test_intelligibility.py"),
)


def waiting(files: Iterable[str], always: Iterable[str], turn: str = _TURN) -> set[str]:
    """
    Those of the files that wait for another day, none of which is in ``always``.

    By its name alone, so that what fails has the same turn when it is tried once more by itself.
    """
    if not turn:
        return set()
    journeys = {file for file in files if file.startswith(_JOURNEYS)}.difference(always)
    return {file for file in journeys if (crc32(file.encode()) - int(turn)) % PARTS}
