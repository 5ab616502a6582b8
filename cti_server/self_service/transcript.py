"""What was read and typed in a session, line by line. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

LONGEST: Final = 4000
"""Characters that an agent is shown: the last ones."""
HIDDEN: Final = "••••••"
"""Stands for what nobody is to see."""

Author = Literal["service", "customer"]
_SIGNS: Final = {"service": "<", "customer": ">"}


@dataclass(frozen=True, slots=True)
class Line:
    """``number`` from 1 on, without a gap: who was away asks for those after it."""

    number: int
    author: Author
    text: str


class Transcript:
    def __init__(self) -> None:
        self._lines: list[Line] = []

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, author: Author, text: str) -> None:
        self._lines.append(Line(len(self._lines) + 1, author, text))

    def since(self, number: int) -> Sequence[Line]:
        """Those after it."""
        return self._lines[number:]

    def for_agents(self) -> str:
        text = "\n".join(f"{_SIGNS[line.author]} {line.text}" for line in self._lines)
        return text if len(text) <= LONGEST else f"…{text[1 - LONGEST :]}"
