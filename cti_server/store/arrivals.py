"""How many arrived, by quarters of the weeks before and by minutes, and who. On a connection."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, func, literal, select, union_all

from .contacts import Contact
from .dispositions import Disposition
from .moments import epoch
from .quarters import LineQuarter, WaitQuarter
from .queue_waits import QueueWait

MOST = 2000  # contacts of one look

Counted = dict[tuple[str, str], list[int]]
"""By "queue" or "number" and its name: how many, week by week."""


def arrived_in(connection: Connection, weeks: Sequence[range]) -> Counted:
    """``weeks``: the quarters of each that are added up."""
    quarters = [number for week in weeks for number in week]
    week_of = {number: index for index, week in enumerate(weeks) for number in week}
    found: Counted = defaultdict(lambda: [0] * len(weeks))
    line, wait = LineQuarter.__table__.c, WaitQuarter.__table__.c
    numbers = select(line.name, line.number, line.arrived).where(
        line.kind == "number", line.number.in_(quarters)
    )
    queues = select(wait.queue, wait.number, wait.offered).where(wait.number.in_(quarters))
    for subject, query in (("number", numbers), ("queue", queues)):
        for name, number, arrived in connection.execute(query):
            found[subject, name][week_of[number]] += arrived
    return dict(found)


ByMinute = dict[tuple[str, str], dict[int, int]]
"""By "queue" or "number" and its name: how many in which minute since 1970, where somebody did."""


def arrived_by_minute(
    connection: Connection, since: datetime, *, numbers_until: datetime, queues_until: datetime
) -> ByMinute:
    """Counted as quarters are: calls by the number dialled, and who was let in to a queue."""
    contact, wait = Contact.__table__.c, QueueWait.__table__.c
    calls = (
        _minutes("number", contact.dialled_number, contact.arrived_at)
        .where(contact.arrived_at >= since, contact.arrived_at < numbers_until)
        .where(contact.channel == "voice", contact.direction == "inbound")
    )
    waits = (
        _minutes("queue", wait.queue, wait.joined_at)
        .where(wait.joined_at >= since, wait.joined_at < queues_until)
        .where(wait.deferred.is_(False), func.coalesce(wait.outcome, "") != "turned_away")
    )
    each = union_all(calls, waits).subquery().c
    query = select(each.subject, each.name, each.minute, func.count())
    found: ByMinute = defaultdict(dict)
    for subject, name, minute, arrived in connection.execute(
        query.group_by(each.subject, each.name, each.minute)
    ):
        found[subject, name][minute] = arrived
    return dict(found)


def _minutes(subject: str, name: Any, moment: Any) -> Any:
    minute = epoch(moment) // literal(60, BigInteger)
    return select(literal(subject).label("subject"), name.label("name"), minute.label("minute"))


def who_arrived(
    connection: Connection, subject: str, name: str, spans: Sequence[tuple[datetime, datetime]]
) -> list[Any]:
    """The newest contacts of these spans: what surges are broken down by, and callers' numbers."""
    contact, said = Contact.__table__.c, Disposition.__table__.c
    named = contact.queue == name if subject == "queue" else contact.dialled_number == name
    columns = (
        *(contact.id, contact.dialled_number, contact.queue, contact.flow, contact.path),
        *(contact.caller_number, contact.attributes, said.code_id),
    )
    found: dict[str, Any] = {}
    for since, until in spans:
        query = (
            select(*columns)
            .outerjoin(Disposition.__table__, said.contact_id == contact.id)
            .where(contact.arrived_at >= since, contact.arrived_at < until, named)
            .where(contact.direction == "inbound")
            .order_by(contact.arrived_at.desc())
            .limit(MOST - len(found))
        )
        found |= {row.id: row for row in connection.execute(query)}
        if len(found) >= MOST:
            break
    return list(found.values())
