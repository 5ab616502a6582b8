"""
Erasing a person: whether it may be done now, in which order, and what speaks of them.

Pure. The order is such that nothing which was erased can be made anew by something that was not:
files that are still to be imported go first, then the rows, then what is only copied from them.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

import msgspec
import phonenumbers

from .errors import NotNow
from .numbers import LONGEST_LOCAL, TAIL, NumberKind, normalise

STEPS = ("imports", "records", "recordings", "events", "answers", "space")
"""What is done one after the other; each may be done twice."""

DONE = "done"

_SHORTEST_ID = 6  # characters of another system's id that is looked for among other text
_PARTS = re.compile(r"[;,|/\n]")
_NO_DIGITS = re.compile(r"[^0-9]")


class ErasureRefused(NotNow):
    """Something stands in the way; the message says what."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an erasure is about: all that they can be recognised by, under every id they had."""

    customer_ids: list[str]
    names: list[str] = []
    numbers: list[tuple[str, str]] = []  # kind and text, as crm.numbers has them
    addresses: list[str] = []  # the keys by which they are compared
    external_ids: list[str] = []
    contact_ids: list[str] = []
    call_ids: list[str] = []


def check(
    *,
    live: Collection[str],
    recording: Collection[str],
    holds: Sequence[tuple[str, str]],
    importing: Collection[str] = (),
) -> None:
    """
    Raises ErasureRefused.

    ``live``: contacts of the person that are not over; ``recording``: recordings that are still
    written; ``holds``: what is under a legal hold, and why; ``importing``: imports at work, which
    would make the person anew.
    """
    if holds:
        named = ", ".join(f"{record} ({reason})" for record, reason in holds)
        raise ErasureRefused(f"a legal hold keeps what is theirs: {named}")
    if live:
        raise ErasureRefused(f"{len(live)} of their contacts are under way: {_some(live)}")
    if recording:
        raise ErasureRefused(
            f"{len(recording)} of their recordings are still being written: {_some(recording)}"
        )
    if importing:
        raise ErasureRefused(f"customers are being imported: {_some(importing)}")


def after(step: str) -> str:
    """The step that follows, or "done"."""
    return (*STEPS, DONE)[STEPS.index(step) + 1]


class Likeness:
    """Finds the person in text: the cells of a file, a whole document."""

    def __init__(self, subject: Subject, region: str) -> None:
        self._region = region
        self._names = {_plain(name) for name in subject.names} - {""}
        self._numbers = {text for _, text in subject.numbers}
        self._digits = tuple(
            sorted({run for kind, text in subject.numbers for run in _runs(kind, text)})
        )
        self._addresses = tuple(address for address in map(_plain, subject.addresses) if address)
        self._ids = {*subject.customer_ids, *subject.contact_ids}
        self._external = {one for one in subject.external_ids if len(one) >= _SHORTEST_ID}

    def has_number(self, number: str) -> bool:
        """Whether it is one of theirs, however it was shown."""
        return normalise(number, self._region).text in self._numbers

    def in_row(self, cells: Sequence[str]) -> bool:
        """
        Whether a table's row is about them.

        By name alone only where the row names no other number or address: namesakes are many.
        """
        if any(self._named_by(cell) for cell in cells):
            return True
        return any(_plain(cell) in self._names for cell in cells) and not any(
            self._names_somebody(cell) for cell in cells
        )

    def in_text(self, text: str) -> bool:
        """Whether a document has an id, a number, an address or a name of theirs in it."""
        return (
            any(one in text for one in self._ids | self._external)
            or self._reached_by(text)
            or any(name in _plain(text) for name in self._names)
        )

    def _named_by(self, cell: str) -> bool:
        return cell.strip() in self._external or self._reached_by(cell)

    def _reached_by(self, text: str) -> bool:
        digits = _NO_DIGITS.sub("", unicodedata.normalize("NFKC", text))
        if any(run in digits for run in self._digits):
            return True
        return any(address in _plain(text) for address in self._addresses)

    def _names_somebody(self, cell: str) -> bool:
        return any(
            "@" in part or normalise(part, self._region).kind is NumberKind.INTERNATIONAL
            for part in _PARTS.split(cell)
        )


def _runs(kind: str, text: str) -> Iterable[str]:
    """The digits by which a number is recognised amid others; too few are anybody's."""
    if kind == NumberKind.INTERNATIONAL.value:
        yield text.removeprefix("+")
        national = str(phonenumbers.parse(text).national_number)
        if len(national) >= TAIL:
            yield national
    elif len(text) > LONGEST_LOCAL and text.isdecimal():
        yield text


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _some(ids: Collection[str]) -> str:
    return ", ".join(sorted(ids)[:5])
