"""
What recordings are searched by: a description, and what of it is refused. Pure.

All that is said has to be so. It is what the query of a request says, what a saved search keeps and
what an export is made of.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    model_validator,
)

FEWEST_DIGITS = 4
"""Of a number's beginning or end; with fewer it could be guessed digit by digit."""
LAST_DIGITS = 4
"""So many of a number's last characters are an index of their own."""
LONGEST = 24 * 3600.0
"""Seconds; no recording is longer."""

_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_SEPARATORS = re.compile(r"[\s().\-/]")
_DIGITS = re.compile(r"\+?[0-9]{1,32}", re.ASCII)
_UNPRINTABLE = "has characters that cannot be printed"


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """``part``: all of a number, its beginning, or its last digits."""

    part: Literal["whole", "beginning", "end"]
    digits: str


def number_pattern(text: str) -> NumberPattern:
    """
    ``+8613800138000``, ``+86138*`` or ``*8000``; separators do not count.

    Raises ValueError.
    """
    plain = _SEPARATORS.sub("", text)
    digits = plain.strip("*")
    starred = len(plain) - len(digits)
    if not _DIGITS.fullmatch(digits) or starred > 1:
        raise ValueError(
            "must be a number, its beginning and a star, or a star and its last digits"
        )
    if not starred:
        return NumberPattern("whole", digits)
    if len(digits.removeprefix("+")) < FEWEST_DIGITS:
        raise ValueError(f"of a part of a number at least {FEWEST_DIGITS} digits are needed")
    if plain.endswith("*"):
        return NumberPattern("beginning", digits)
    if digits.startswith("+"):
        raise ValueError("no number ends in a plus and digits")
    return NumberPattern("end", digits)


def _number(text: str) -> str:
    number_pattern(text)
    return text


def _our_number(text: str) -> str:
    if number_pattern(text).part == "end":
        raise ValueError("must be a number, or its beginning and a star")
    return text


def _words(text: str) -> str:
    if not text.strip():
        raise ValueError("must have a word")
    return _printable(text)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError(_UNPRINTABLE)
    return text


def nodes_in(path: str) -> list[str]:
    """Of ``menu>sales``. Raises ValueError."""
    nodes = [node.strip() for node in path.split(">")]
    if not all(nodes):
        raise ValueError("must be the names of nodes with > between them")
    return nodes


def _nodes_of_a_path(path: str) -> str:
    nodes_in(path)
    return _printable(path)


def _moment(at: datetime) -> datetime:
    if not _EARLIEST <= at < _LATEST:
        raise ValueError("must be a moment from 1970 to 2199")
    return at.astimezone(UTC)


Name = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_printable)]
Moment = Annotated[AwareDatetime, AfterValidator(_moment)]
Seconds = Annotated[float, Field(ge=0, le=LONGEST, allow_inf_nan=False)]
Mark = Annotated[int, Field(ge=1, le=10)]


class RecordingSearch(BaseModel):
    """
    ``number`` is the customer's, ``dialled`` ours. ``state``: "running" while the call goes on.
    ``disposition``: a code, or a group of codes. ``ticket``: its number or id. ``rating_from`` and
    ``rating_to``: of one answer of the survey.
    ``path``: nodes of the menu that the caller went through one after the other, ``menu>sales``;
    ``notes``: words that all are in what agents noted of the contact. ``foreign``: what another PBX
    calls its call that it has recorded here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: Annotated[str, Field(max_length=64), AfterValidator(_number)] | None = None
    dialled: Annotated[str, Field(max_length=64), AfterValidator(_our_number)] | None = None
    agent_id: Name | None = None
    queue: Name | None = None
    kind: Literal["conversation", "message", "menu", "siprec"] | None = None
    state: Literal["stored", "running"] = "stored"
    contact_id: Name | None = None
    since: Moment | None = None
    before: Moment | None = None
    shortest: Seconds | None = None
    longest: Seconds | None = None
    rating_from: Mark | None = None
    rating_to: Mark | None = None
    disposition: Name | None = None
    ticket: Name | None = None
    flow: Name | None = None
    path: Annotated[str, Field(max_length=400), AfterValidator(_nodes_of_a_path)] | None = None
    notes: Annotated[str, Field(max_length=200), AfterValidator(_words)] | None = None
    foreign: (
        Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_printable)] | None
    ) = None

    _spellings: dict[str, tuple[str, ...]] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _ranges_have_something_in_them(self) -> Self:
        for first, last in _RANGES:
            low, high = getattr(self, first), getattr(self, last)
            if low is not None and high is not None and low > high:
                raise ValueError(f"{last}: must not be less than {first}")
        return self

    def spelt(self, spellings: Mapping[str, tuple[str, ...]]) -> Self:
        """The same, with the ways in which its whole numbers may be written, the one form first."""
        forms = {name: ways[0] for name, ways in spellings.items()}
        spelt = self.model_copy(update=forms)
        spelt._spellings = dict(spellings)  # noqa: SLF001 - of the same class
        return spelt

    def ways(self, name: Literal["number", "dialled"]) -> tuple[str, ...]:
        """In which this whole number may be written: it alone if nobody said; none of a part."""
        if name in self._spellings or (text := getattr(self, name)) is None:
            return self._spellings.get(name, ())
        pattern = number_pattern(text)
        return (pattern.digits,) if pattern.part == "whole" else ()

    @property
    def asked(self) -> dict[str, object]:
        """What it says, as JSON has it."""
        return self.model_dump(mode="json", exclude_none=True)


_RANGES = (("since", "before"), ("shortest", "longest"), ("rating_from", "rating_to"))
FIELDS = tuple(RecordingSearch.model_fields)
