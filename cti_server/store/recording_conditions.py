"""What is said of recordings in a search, as SQL: of their own rows, and of what hangs on them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, String, and_, cast, exists, false, func, or_, select

from crm.words import Term, terms
from recording.search import LAST_DIGITS, NumberPattern, RecordingSearch, nodes_in, number_pattern

from .contacts import Contact
from .dispositions import Disposition, DispositionCode
from .foreign_calls import ForeignCallName
from .note_words import LONGEST_WORD, NoteWord
from .ratings import Rating
from .recordings import Recording
from .tickets import Ticket, TicketContact

_BEHIND = "\U0010ffff"


def span(wanted: RecordingSearch) -> list[ColumnElement[bool]]:
    within: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        within.append(Recording.started_at >= wanted.since)
    if wanted.before is not None:
        within.append(Recording.started_at < wanted.before)
    return within


def plain(
    wanted: RecordingSearch, sent: Mapping[str, Sequence[str]]
) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    """
    What the recording's own row says; and the rarest of it that has an index in their order.

    ``sent``: the ways in which a whole number was sent.
    """
    all_of_it: list[ColumnElement[bool]] = []
    led_by: list[ColumnElement[bool]] = []

    def also(condition: ColumnElement[bool], *, leads: bool = False) -> None:
        all_of_it.append(condition)
        if leads and not led_by:
            led_by.append(condition)

    if wanted.contact_id is not None:
        also(Recording.contact_id == wanted.contact_id)
    if wanted.number is not None:
        _customers_number(number_pattern(wanted.number), sent["number"], also)
    if wanted.agent_id is not None:
        also(Recording.agent_id == wanted.agent_id, leads=True)
    if wanted.queue is not None:
        also(Recording.queue == wanted.queue, leads=True)
    if wanted.dialled is not None:
        pattern = number_pattern(wanted.dialled)
        if pattern.part == "whole":
            _whole(Recording.dialled_number, sent["dialled"], also)
        else:
            also(begins(Recording.dialled_number, pattern))
    if wanted.kind is not None:
        also(Recording.kind == wanted.kind)
    if wanted.shortest is not None:
        also(Recording.duration >= wanted.shortest)
    if wanted.longest is not None:
        also(Recording.duration <= wanted.longest)
    return all_of_it, led_by


def _customers_number(pattern: NumberPattern, sent: Sequence[str], also: Any) -> None:
    if pattern.part == "beginning":
        also(begins(Recording.caller_number, pattern))
    elif pattern.part == "end":
        also(Recording.last_digits == pattern.digits[-LAST_DIGITS:], leads=True)
        if len(pattern.digits) > LAST_DIGITS:
            also(Recording.caller_number.endswith(pattern.digits))
    else:
        _whole(Recording.caller_number, sent, also)
        ends = {way[-LAST_DIGITS:] for way in sent}
        if len(ends) == 1:
            also(Recording.last_digits == ends.pop(), leads=True)


def _whole(column: Any, sent: Sequence[str], also: Any) -> None:
    """In one way alone it has an order in its index."""
    if len(sent) > 1:
        also(column.in_(sent))
    else:
        also(column == sent[0] if sent else false(), leads=True)


def begins(column: Any, pattern: NumberPattern) -> ColumnElement[bool]:
    return and_(column >= pattern.digits, column < pattern.digits + _BEHIND)


def of_others(wanted: RecordingSearch) -> list[ColumnElement[bool]]:
    """What other tables say of the recording's contact or interaction."""
    found: list[ColumnElement[bool]] = []
    contact_id = Recording.contact_id
    if wanted.disposition is not None:
        recorded = Disposition.id == Recording.interaction_id
        theirs = Disposition.contact_id == contact_id
        found.append(exists().where(recorded, theirs, of_code(wanted.disposition)))
    if wanted.rating_from is not None or wanted.rating_to is not None:
        found.append(_rated(wanted))
    if wanted.ticket is not None:
        ids = select(Ticket.id).where(of_ticket(wanted.ticket))
        linked = TicketContact.ticket_id.in_(ids)
        opened = select(Ticket.contact_id).where(of_ticket(wanted.ticket))
        found.append(
            or_(
                exists().where(TicketContact.contact_id == contact_id, linked),
                contact_id.in_(opened),
            )
        )
    if wanted.flow is not None or wanted.path is not None:
        found.append(exists().where(Contact.id == contact_id, *_went(wanted)))
    if wanted.foreign is not None:
        its = ForeignCallName.recording_id == Recording.id
        found.append(exists().where(its, ForeignCallName.name == wanted.foreign))
    for term in terms_of(wanted):
        found.append(exists().where(NoteWord.contact_id == contact_id, says(term)))  # noqa: PERF401
    return found


def _rated(wanted: RecordingSearch) -> ColumnElement[bool]:
    """An answer of the survey about this conversation, or about the contact as a whole."""
    of_it = or_(Rating.interaction_id.is_(None), Rating.interaction_id == Recording.interaction_id)
    marks = [Rating.rating >= (wanted.rating_from or 0)]
    if wanted.rating_to is not None:
        marks.append(Rating.rating <= wanted.rating_to)
    return exists().where(Rating.contact_id == Recording.contact_id, of_it, *marks)


def _went(wanted: RecordingSearch) -> list[ColumnElement[bool]]:
    went: list[ColumnElement[bool]] = []
    if wanted.flow is not None:
        went.append(Contact.flow == wanted.flow)
    if wanted.path is not None:
        path = cast(Contact.path, String)
        nodes = msgspec.json.encode(nodes_in(wanted.path)).decode()[1:-1]
        went.append(func.replace(path, nodes, "") != path)  # LIKE knows no capitals on SQLite
    return went


def of_code(wanted: str) -> ColumnElement[bool]:
    """This code, or one of the group that it is."""
    code = DispositionCode
    return Disposition.code_id.in_(
        select(code.id).where(or_(code.id == wanted, code.parent_id == wanted))
    )


def of_ticket(ticket: str) -> ColumnElement[bool]:
    return or_(Ticket.id == ticket, Ticket.number == ticket)


def terms_of(wanted: RecordingSearch) -> Sequence[Term]:
    return () if wanted.notes is None else terms(wanted.notes)


def says(term: Term) -> ColumnElement[bool]:
    """A note has the word; a long Chinese one is noted by its parts, too."""
    word = term.word[:LONGEST_WORD]
    if term.prefix:
        return and_(NoteWord.word >= word, NoteWord.word < word + _BEHIND)
    return NoteWord.word == word
