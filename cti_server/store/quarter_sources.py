"""
What the records say of a stretch of time, as it is counted in quarters.

Everything is found by an index of when it happened, so that the last quarter costs the same
whatever lies before it. On a connection of the caller's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exists, func, or_, select
from sqlalchemy.orm import aliased

from .agent_states import LOGGED_OUT, AgentStatePeriod, AgentStatus
from .alerts import Alert
from .calls import Call
from .contacts import Contact
from .interactions import Interaction
from .lines import CallRefusal, LineUse, ServerStart
from .queue_waits import QueueWait
from .ratings import Rating

LONGEST_CALL = timedelta(hours=24)
LONGEST_RINGING = timedelta(hours=1)
"""What lasts longer is not seen where it ends."""

COMPLAINT = "complaint"
"""The kind of alert."""

Rows = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Happened:
    """
    From ``since`` to ``until``, exclusive; each by when it counts.

    Periods, calls and lines are those that touch the stretch, with moments that may be outside;
    of what goes on the end is None.
    """

    since: datetime
    until: datetime
    periods: Rows = ()
    """agent_id, state, reason, started_at, ended_at."""
    offers: Rows = ()
    """agent_id, queue, channel, offered_at, accepted_at, rule."""
    parts: Rows = ()
    """Over: agent_id, queue, channel, outcome, started_at, ended_at, over_at, held, ended_by."""
    joined: Rows = ()
    """queue, joined_at, outcome, deferred."""
    left: Rows = ()
    """queue, ended_at, outcome, deferred, wait_seconds."""
    calls: Rows = ()
    """trunk, dialled_number, direction, arrived_at, answered_at, ended_at, reason."""
    lines: Rows = ()
    """trunk, taken_at, freed_at, answered."""
    refusals: Rows = ()
    """trunk, refused_at, calls."""
    contacts: Rows = ()
    """channel, direction, flow, path, outcome, ended_at, connected_at, transfers."""
    opinions: Rows = ()
    """
    Of contacts that are over: interaction_id, about_agent, queue, question, rating, best, ended_at.
    """
    complaints: Rows = ()
    """about_agent, queue, raised_at."""


def happened(connection: Connection, since: datetime, until: datetime) -> Happened:
    def all_of(*queries: Any) -> Rows:
        return [row for query in queries for row in connection.execute(query)]

    return Happened(
        since,
        until,
        periods=all_of(_periods(since, until)),
        offers=all_of(_offers(since, until)),
        parts=all_of(*_parts(since, until)),
        joined=all_of(_joined(since, until)),
        left=all_of(_left(since, until)),
        calls=all_of(*_calls(since, until)),
        lines=all_of(_lines(since, until)),
        refusals=all_of(_refusals(since, until)),
        contacts=all_of(_contacts(since, until)),
        opinions=all_of(_opinions(since, until)),
        complaints=all_of(_complaints(since, until)),
    )


def earliest(connection: Connection) -> datetime | None:
    """When the first thing happened that is counted."""
    firsts = [
        connection.execute(select(column).order_by(key).limit(1)).scalar()
        for column, key in (
            (Contact.arrived_at, Contact.arrived_at),
            (LineUse.taken_at, LineUse.taken_at),
            (CallRefusal.refused_at, CallRefusal.refused_at),
            (QueueWait.joined_at, QueueWait.joined_at),
            (Interaction.offered_at, Interaction.offered_at),
            (AgentStatePeriod.started_at, AgentStatePeriod.id),
        )
    ]
    return min((first for first in firsts if first is not None), default=None)


def _periods(since: datetime, until: datetime) -> Any:
    """Of each agent from the one on that began last before the stretch."""
    period, before = AgentStatePeriod, aliased(AgentStatePeriod)
    first = (
        select(func.max(before.started_at))
        .where(before.agent_id == AgentStatus.agent_id, before.started_at <= since)
        .correlate(AgentStatus)
        .scalar_subquery()
    )
    return (
        select(period.agent_id, period.state, period.reason, period.started_at, period.ended_at)
        .join(AgentStatus, AgentStatus.agent_id == period.agent_id)
        .where(period.started_at >= func.coalesce(first, since), period.started_at < until)
        .where(period.state != LOGGED_OUT)
        .where(or_(period.ended_at.is_(None), period.ended_at > since))
    )


def _offers(since: datetime, until: datetime) -> Any:
    one = Interaction
    return (
        select(
            one.agent_id,
            one.queue,
            Contact.channel,
            one.offered_at,
            one.accepted_at,
            one.why["rule"].as_string(),
        )
        .outerjoin(Contact, Contact.id == one.contact_id)
        .where(one.offered_at >= since - LONGEST_RINGING, one.offered_at < until)
    )


def _parts(since: datetime, until: datetime) -> tuple[Any, Any]:
    """Offers that came to nothing and handlings: with a wrap-up when that is over."""
    one = Interaction
    wrapping = exists().where(AgentStatus.interaction_id == one.id, AgentStatus.state == "wrap_up")
    over = func.coalesce(one.wrap_up_ended_at, one.ended_at)
    columns = select(
        one.agent_id,
        one.queue,
        Contact.channel,
        one.outcome,
        one.started_at,
        one.ended_at,
        over,
        one.held_seconds,
        one.ended_by,
    ).outerjoin(Contact, Contact.id == one.contact_id)
    return (
        columns.where(*_within(one.ended_at, since, until)).where(
            one.wrap_up_ended_at.is_(None), ~wrapping
        ),
        columns.where(*_within(one.wrap_up_ended_at, since, until), one.ended_at.is_not(None)),
    )


def _joined(since: datetime, until: datetime) -> Any:
    wait = QueueWait
    columns = select(wait.queue, wait.joined_at, wait.outcome, wait.deferred)
    return columns.where(*_within(wait.joined_at, since, until))


def _left(since: datetime, until: datetime) -> Any:
    wait = QueueWait
    return select(wait.queue, wait.ended_at, wait.outcome, wait.deferred, wait.wait_seconds).where(
        *_within(wait.ended_at, since, until)
    )


def _calls(since: datetime, until: datetime) -> tuple[Any, Any]:
    call = Call
    columns = select(
        call.trunk,
        call.dialled_number,
        Contact.direction,
        call.arrived_at,
        call.answered_at,
        call.ended_at,
        call.reason,
    )
    columns = columns.join(Contact, Contact.id == call.contact_id).where(call.arrived_at < until)
    return (
        columns.where(*_within(call.ended_at, since, until + LONGEST_CALL)),
        columns.where(call.arrived_at >= since - LONGEST_CALL, call.ended_at.is_(None)),
    )


def _lines(since: datetime, until: datetime) -> Any:
    """What a dead server held was free when the next one started."""
    line = LineUse
    restarted = (
        select(func.min(ServerStart.started_at))
        .where(ServerStart.started_at > line.taken_at)
        .correlate(line)
        .scalar_subquery()
    )
    freed_at = func.coalesce(line.freed_at, restarted)
    return select(line.trunk, line.taken_at, freed_at, line.answered).where(
        line.taken_at >= since - LONGEST_CALL,
        line.taken_at < until,
        or_(freed_at.is_(None), freed_at >= since),
    )


def _refusals(since: datetime, until: datetime) -> Any:
    refusal = CallRefusal
    return select(refusal.trunk, refusal.refused_at, refusal.calls).where(
        *_within(refusal.refused_at, since, until)
    )


def _contacts(since: datetime, until: datetime) -> Any:
    contact = Contact
    return select(
        contact.channel,
        contact.direction,
        contact.flow,
        contact.path,
        contact.outcome,
        contact.ended_at,
        contact.connected_at,
        contact.transfers,
    ).where(*_within(contact.ended_at, since, until))


def _opinions(since: datetime, until: datetime) -> Any:
    """A survey that was begun has no rating. Whoever answers again has done so by the end."""
    one = Rating
    columns = select(
        one.interaction_id,
        one.about_agent,
        one.queue,
        one.question,
        one.rating,
        one.best,
        Contact.ended_at,
    )
    return columns.join(Contact, Contact.id == one.contact_id).where(
        *_within(Contact.ended_at, since, until)
    )


def _complaints(since: datetime, until: datetime) -> Any:
    alert = Alert
    return select(alert.about_agent, alert.queue, alert.raised_at).where(
        alert.kind == COMPLAINT, *_within(alert.raised_at, since, until)
    )


def _within(moment: Any, since: datetime, until: datetime) -> tuple[Any, Any]:
    return moment >= since, moment < until
