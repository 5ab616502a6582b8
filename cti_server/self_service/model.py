"""What a session is about: what was chosen, what is asked, how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from acd.model import Channel
from ivr.nodes import Option
from ivr.reading import Asked


class Wanted(NamedTuple):
    """What was chosen: which service, by which front end, in which language."""

    service: str
    title: str
    channel: Channel
    language: str | None


class Question(NamedTuple):
    """What the customer is to answer now; ``number``: of the line that it was asked in."""

    number: int
    options: Sequence[Option]
    open: bool
    secret: bool
    least: int
    most: int

    @classmethod
    def of(cls, asked: Asked, line: int) -> "Question":
        return cls(line, asked.options, asked.open, asked.secret, *asked.keys)


@dataclass(frozen=True, slots=True)
class Ended:
    """As in contact.ended; an agent has the contact who is ``handed_over``."""

    outcome: str
    reason: str
    handed_over: bool = False
