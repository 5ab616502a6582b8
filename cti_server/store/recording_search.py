"""
Recordings found by what is said of them, among millions, the latest first.

A search looks at recordings in their order by one index, and at so many at most for a page, so that
whatever is asked costs about the same: a page may end early, with a place to go on from. What only
a few contacts have (a ticket, a seldom disposition or word, the beginning of a number) is gathered
first, and nothing else is looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    false,
    select,
    tuple_,
)

from recording.search import RecordingSearch, number_pattern

from .dispositions import Disposition
from .foreign_calls import ForeignCallName
from .note_words import NoteWord
from .recording_conditions import begins, of_code, of_others, of_ticket, plain, says, span, terms_of
from .recordings import Recording
from .tickets import Ticket, TicketContact

FEW = 1000
"""So many contacts, or recordings, are gathered; more are met often enough on the way."""
LOOKS = 2000  # recordings that are looked at for one page
FIRST_LOOK = 200  # of them in the first statement; in each further one three times as many
WORDS = 4  # of a search whose contacts are gathered
COUNTED = 1000
"""More than so many are not counted."""

Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Place:
    """Of the recording that was looked at last."""

    started_at: datetime
    recording_id: str


@dataclass(frozen=True, slots=True)
class Found:
    """The recordings of a page in their order; ``next``: where more may be."""

    ids: list[str]
    next: Place | None


@dataclass(frozen=True, slots=True)
class Count:
    """``whole``: there are no more than so many."""

    recordings: int
    whole: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """
    Which recordings are looked at, by an index, and which of them are meant.

    Those that are ``gathered`` are few, and have no index in their order.
    """

    among: Conditions
    meant: ColumnElement[bool]
    gathered: bool


def search(
    connection: Connection,
    wanted: RecordingSearch,
    seen: Conditions,
    *,
    limit: int,
    after: Place | None = None,
) -> Found:
    """``seen``: which of them whoever asks may see."""
    plan = _plan(connection, wanted, seen)
    found: list[str] = []
    looked, place = 0, after
    for looked, (place, meant) in enumerate(_walk(connection, plan, after), 1):  # noqa: B007
        if meant:
            found.append(place.recording_id)
            if len(found) == limit:
                return Found(found, place)
    return Found(found, place if looked == LOOKS else None)


def count(connection: Connection, wanted: RecordingSearch, seen: Conditions) -> Count:
    """How many there are, as far as that is soon told."""
    plan = _plan(connection, wanted, seen)
    number = looked = 0
    for looked, (_, meant) in enumerate(_walk(connection, plan, None), 1):  # noqa: B007
        number += meant
        if number > COUNTED:
            return Count(COUNTED, whole=False)
    return Count(number, whole=looked < LOOKS)


def _walk(connection: Connection, plan: _Plan, after: Place | None) -> Iterator[tuple[Place, bool]]:
    """At most so many recordings in their order, each with whether it is meant."""
    if plan.gathered:
        yield from _sorted(connection, plan, after)
        return
    left, at_once = LOOKS, FIRST_LOOK
    while left:
        some = min(at_once, left)
        rows = connection.execute(_look(plan, after, some)).all()
        for started_at, recording_id, meant in rows:
            after = Place(started_at, recording_id)
            yield after, bool(meant)
        if len(rows) < some:
            return
        left, at_once = left - some, at_once * 3


def _sorted(connection: Connection, plan: _Plan, after: Place | None) -> list[tuple[Place, bool]]:
    """Here, not by the database: it would take the order for a reason to look at all there are."""
    rows = connection.execute(_some(plan)).all()
    found = [(Place(row[0], row[1]), bool(row[2])) for row in rows]
    found.sort(key=lambda one: (one[0].started_at, one[0].recording_id), reverse=True)
    if after is None:
        return found
    last = (after.started_at, after.recording_id)
    return [one for one in found if (one[0].started_at, one[0].recording_id) < last]


def _some(plan: _Plan) -> Select[datetime, str, bool]:
    return select(Recording.started_at, Recording.id, plan.meant.label("meant")).where(*plan.among)


def _look(plan: _Plan, after: Place | None, limit: int) -> Select[datetime, str, bool]:
    query = _some(plan)
    if after is not None:
        query = query.where(
            Recording.started_at <= after.started_at,  # which an index of its own can follow
            tuple_(Recording.started_at, Recording.id) < (after.started_at, after.recording_id),
        )
    return query.order_by(Recording.started_at.desc(), Recording.id.desc()).limit(limit)


def _plan(connection: Connection, wanted: RecordingSearch, seen: Conditions) -> _Plan:
    within = span(wanted)
    told, led_by = plain(wanted, _sent(connection, wanted))
    meant = [Recording.state == wanted.state, *told, *of_others(wanted), *seen]
    few = _few(connection, wanted, within)
    if few is not None:
        return _Plan([few], and_(*meant, *within), gathered=True)
    return _Plan([*led_by, *within], and_(*meant), gathered=False)


def _sent(connection: Connection, wanted: RecordingSearch) -> dict[str, list[str]]:
    """The ways in which its whole numbers came: as a rule one, whatever the carriers could do."""

    def those(column: Any, ways: Sequence[str]) -> list[str]:
        of = select(Recording.id).limit(1)
        return [way for way in ways if connection.scalar(of.where(column == way)) is not None]

    return {
        "number": those(Recording.caller_number, wanted.ways("number")),
        "dialled": those(Recording.dialled_number, wanted.ways("dialled")),
    }


def _few(
    connection: Connection, wanted: RecordingSearch, within: Conditions
) -> ColumnElement[bool] | None:
    """The recordings of the smallest such set; None where each is too large."""
    if wanted.contact_id is not None:
        return Recording.contact_id == wanted.contact_id
    sets: list[tuple[int, ColumnElement[bool]]] = []
    for ids in _contacts(wanted):
        found = connection.scalars(ids.limit(FEW + 1)).all()
        if len(found) <= FEW:
            sets.append((len(found), Recording.contact_id.in_(set(found))))
    if wanted.number is not None:
        pattern = number_pattern(wanted.number)
        if pattern.part == "beginning":
            its = begins(Recording.caller_number, pattern)
            ids = select(Recording.id).where(its, *within)
            found = connection.scalars(ids.limit(FEW + 1)).all()
            if len(found) <= FEW:
                sets.append((len(found), Recording.id.in_(found)))
    if wanted.foreign is not None:
        named = select(ForeignCallName.recording_id).where(ForeignCallName.name == wanted.foreign)
        found = connection.scalars(named.limit(FEW + 1)).all()
        if len(found) <= FEW:
            sets.append((len(found), Recording.id.in_(set(found))))
    if not sets:
        return None
    number, condition = min(sets, key=lambda one: one[0])
    return condition if number else false()


def _contacts(wanted: RecordingSearch) -> Iterator[Select[Any] | CompoundSelect[Any]]:
    """The ids of contacts, which may be few, by what is said of them elsewhere."""
    if wanted.ticket is not None:
        ids = select(Ticket.id).where(of_ticket(wanted.ticket))
        linked = select(TicketContact.contact_id).where(TicketContact.ticket_id.in_(ids))
        opened = select(Ticket.contact_id).where(of_ticket(wanted.ticket))
        yield linked.union_all(opened.where(Ticket.contact_id.is_not(None)))
    if wanted.disposition is not None:
        recorded = select(Disposition.contact_id).where(of_code(wanted.disposition))
        if wanted.since is not None:  # it is recorded when the agent has talked
            recorded = recorded.where(Disposition.created_at >= wanted.since)
        yield recorded
    for term in islice(terms_of(wanted), WORDS):
        yield select(NoteWord.contact_id).where(says(term))
