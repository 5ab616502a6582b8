"""
What the stored records become by each event. Pure: a fold of the log over rows.

Every record derives from here and from nowhere else. An event about something that the records do
not know (its beginning was lost with a disk) changes nothing: the log still has it.
"""

from collections.abc import Iterable

from cti_server.wire.events import Logged

from ..rows import Rows
from . import (
    access,
    agent_messages,
    agents,
    alerts,
    articles,
    call_backs,
    calls,
    contacts,
    faxes,
    flow_walks,
    incidents,
    interactions,
    lines,
    next_actions,
    notes,
    queue_waits,
    ratings,
    recordings,
)
from .fold import Fold
from .life_cycle import follow

_NOUNS = (
    *(calls, contacts, flow_walks, queue_waits, interactions, call_backs),
    *(agents, recordings, articles, access, incidents, lines, ratings, alerts),
    *(notes, next_actions, agent_messages, faxes),
)
_FOLDS: dict[type, Fold] = {event: fold for noun in _NOUNS for event, fold in noun.FOLDS.items()}
"""The events that change a record; the others are in the log only."""


def project(rows: Rows, batch: Iterable[Logged]) -> None:
    """Apply the events, in order."""
    for logged in batch:
        fold = _FOLDS.get(type(logged.event))
        if fold is not None:
            fold(rows, logged.event, logged.at, logged.sequence)
        follow(rows, logged.event, logged.at)
