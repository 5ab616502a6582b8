"""A recorded day again: the same inputs, the same moments, the same ids; are the decisions, too?"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest

import msgspec

from acd import inputs
from acd.model import Offer
from acd.router import Router

from .record_lines import Continued, Line, Opened, Taken, decode, encode


@dataclass(frozen=True, slots=True)
class Difference:
    """A decision that came out otherwise: the offers as JSON, or the refusals."""

    at: datetime
    happened: str  # to the router
    contact_id: str | None
    recorded: str
    replayed: str


@dataclass(slots=True)
class Verdict:
    segments: int = 0
    inputs: int = 0
    decisions: int = 0
    versions: set[str] = field(default_factory=set)
    """Of the servers that decided."""
    differences: list[Difference] = field(default_factory=list)
    """The first of each segment: what follows it shows nothing more."""


def replay(lines: Iterable[tuple[bytes, Line]]) -> Verdict:
    """Let it all happen again, and compare."""
    verdict, segment = Verdict(), None
    for raw, line in lines:
        match line:
            case Opened():
                segment = _Segment(line)
                verdict.segments += 1
                verdict.versions.add(line.version)
            case Taken() if segment is not None:
                replayed = segment.take(line)
                verdict.inputs += 1
                verdict.decisions += len(line.offers) + (line.refused is not None)
                if not _same(raw, line, replayed):
                    verdict.differences.append(_difference(line, replayed))
                    segment = None
            case Continued() | Taken():
                continue
    return verdict


class _Segment:
    """One router's life once more."""

    def __init__(self, opened: Opened) -> None:
        self._ids = deque[str]()
        self._router = Router(opened.queues, self._new_id, opened.rules)

    def take(self, recorded: Taken) -> Taken:
        """
        The same with what comes of it now.

        The net is needed because a fault of the router's that stopped an input is on record, too.
        """
        at, happened = recorded.at, recorded.input
        self._ids = deque(offer.id for offer in recorded.offers)
        try:
            return Taken.of(at, happened, inputs.apply(self._router, happened, at))
        except Exception as error:  # noqa: BLE001
            return Taken(at, happened, refused=type(error).__name__)

    def _new_id(self) -> str:
        return self._ids.popleft() if self._ids else "not on record"


def _same(raw: bytes, recorded: Taken, replayed: Taken) -> bool:
    """To the byte; only what an earlier release had not yet to say is taken as its default."""
    line = encode(replayed)
    return line == raw or encode(decode(line)) == encode(recorded)


def _difference(recorded: Taken, replayed: Taken) -> Difference:
    for before, now in zip_longest(recorded.offers, replayed.offers):
        if _json(before) != _json(now):
            concerned = before or now
            return _told(recorded, concerned.contact_id, _json(before), _json(now))
    contact = getattr(recorded.input, "contact", None)
    contact_id = contact.id if contact is not None else None
    return _told(
        recorded, contact_id, recorded.refused or "no refusal", replayed.refused or "no refusal"
    )


def _told(recorded: Taken, contact_id: str | None, before: str, now: str) -> Difference:
    return Difference(recorded.at, inputs.name_of(recorded.input), contact_id, before, now)


def _json(offer: Offer | None) -> str:
    return "no offer" if offer is None else msgspec.json.encode(offer).decode()
