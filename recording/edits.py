"""
What is left out of a recording, or silent in it, for whoever hears it edited. Pure.

The recording itself stays as it is. Spans are told in milliseconds of it, so that no edit moves
another one, and in which order they are made makes no difference.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from .capture import SAMPLE_RATE
from .errors import RecordingError

MOST = 500  # spans in a recording
PER_MS = SAMPLE_RATE // 1000  # samples

Kind = Literal["cut", "redact"]


class EditRefused(RecordingError):
    """Edits that make no sense, by which field and which rule."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(field, rule)
        self.field = field
        self.rule = rule

    def __str__(self) -> str:
        return f"{self.field}: {self.rule}"


@dataclass(frozen=True, slots=True)
class Span:
    """
    What is done from one moment up to another.

    ``cut``: it is left out, and what follows comes earlier. ``redact``: it is silent.
    """

    kind: Kind
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Piece:
    """The recording from one position up to another, as it is or silent."""

    start: int
    end: int
    silent: bool = False

    @property
    def samples(self) -> int:
        return self.end - self.start


def check(spans: Sequence[Span], samples: int) -> None:
    """Raises EditRefused for spans that a recording of so many samples cannot have."""
    if len(spans) > MOST:
        raise EditRefused("edits", f"{MOST} at most")
    length = -(-samples // PER_MS)
    for number, span in enumerate(spans):
        if not 0 <= span.from_ms < span.to_ms:
            raise EditRefused(f"edits.{number}.to_ms", "must be later than from_ms")
        if span.to_ms > length:
            raise EditRefused(f"edits.{number}.to_ms", f"the recording ends at {length}")
    if not pieces(spans, samples):
        raise EditRefused("edits", "nothing would be left")


def lets_hear_more(before: Iterable[Span], after: Iterable[Span], samples: int) -> bool:
    """Whether something is heard by these edits that was not by those."""
    heard = _heard(before, samples)
    return not all(
        any(start <= begins and ends <= end for start, end in heard)
        for begins, ends in _heard(after, samples)
    )


def _heard(spans: Iterable[Span], samples: int) -> list[tuple[int, int]]:
    return [(piece.start, piece.end) for piece in pieces(spans, samples) if not piece.silent]


def pieces(spans: Iterable[Span], samples: int) -> tuple[Piece, ...]:
    """What is heard of a recording of so many samples, in its order."""
    changes = [
        (min(at * PER_MS, samples), span.kind, step)
        for span in spans
        for at, step in ((span.from_ms, 1), (span.to_ms, -1))
    ]
    found: list[Piece] = []
    depth, start = Counter[Kind](), 0
    for at, kind, step in [*sorted(changes), (samples, "cut", 0)]:
        if start < at and not depth["cut"]:
            silent = depth["redact"] > 0
            if found and (found[-1].end, found[-1].silent) == (start, silent):
                start = found.pop().start
            found.append(Piece(start, at, silent))
        start = max(start, at)
        depth[kind] += step
    return tuple(found)


def heard_at(heard: Iterable[Piece], position: int) -> int:
    """How much is heard before what the recording has there."""
    return sum(max(min(position, piece.end) - piece.start, 0) for piece in heard)


def within(heard: Iterable[Piece], start: int, end: int) -> tuple[Piece, ...]:
    """What is heard of the recording's own positions from ``start`` up to ``end``."""
    return tuple(
        Piece(max(piece.start, start), min(piece.end, end), piece.silent)
        for piece in heard
        if max(piece.start, start) < min(piece.end, end)
    )


def between(heard: Iterable[Piece], start: int, end: int) -> tuple[Piece, ...]:
    """Of what is heard the positions from ``start`` up to ``end``."""
    found, at = [], 0
    for piece in heard:
        first, after = max(start - at, 0), min(end - at, piece.samples)
        if first < after:
            found.append(Piece(piece.start + first, piece.start + after, piece.silent))
        at += piece.samples
    return tuple(found)
