"""docs/cti_protocol.md by its tables, as somebody reads it who writes a program of their own."""

import re
from pathlib import Path
from typing import NamedTuple

PAGE = (Path(__file__).parent.parent / "docs" / "cti_protocol.md").read_text(encoding="utf-8")


class Way(NamedTuple):
    """A row of the five functions."""

    function: str
    rest: set[str]
    """As ``POST /api/v1/contacts``."""
    commands: set[str]
    told_by: set[str]
    """Events, and messages of the stream."""

    @property
    def verbs(self) -> set[str]:
        return self.rest | self.commands


def table(first: str) -> list[list[str]]:
    """The cells of each row of the table whose first column has this title."""
    _, _, below = PAGE.partition(f"\n| {first} |")
    lines = below.partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named(cell: str) -> set[str]:
    """What stands in a cell as code."""
    return set(re.findall(r"`([^`]+)`", cell))


def first_column(title: str) -> set[str]:
    return {name for row in table(title) for name in named(row[0])}


def ways() -> list[Way]:
    return [
        Way(function, named(rest), named(command), named(told_by))
        for function, _, rest, command, told_by in table("function")
    ]
