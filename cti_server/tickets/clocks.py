"""The clocks of a ticket, read anew after whatever may have changed them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm.breach import at_risk_after
from crm.promises import Promise, ticket_minutes
from crm.sla import Alarm, Turn, alarms, reached, read
from crm.ticket_types import CLOCKS
from crm.tickets import turns
from cti_server.store.customers import Customers
from cti_server.store.service_promises import ServicePromises
from cti_server.store.ticket_clocks import TicketClock, TicketEscalation
from cti_server.store.ticket_histories import TicketHistories
from cti_server.store.tickets import Ticket, TicketMove

from .kinds import Kind


async def turns_of(session: AsyncSession, ticket: Ticket, kind: Kind) -> list[Turn]:
    query = (
        select(TicketMove.at, TicketMove.state)
        .where(TicketMove.ticket_id == ticket.id)
        .order_by(TicketMove.position)
    )
    moves = [(at, state) for at, state in await session.execute(query)]
    return turns(kind.definition.flow, moves)


def met_at(ticket: Ticket, clock: str) -> datetime | None:
    return ticket.responded_at if clock == "response" else ticket.resolved_at


async def reset(
    session: AsyncSession, ticket: Ticket, kind: Kind, now: datetime, *, retarget: bool = False
) -> None:
    """
    Read the ticket's clocks anew.

    ``retarget``: its priority or customer is another, and with it what was promised. Otherwise a
    promise stays what it was when it was made, whatever becomes of the type.
    """
    rows = {row.kind: row for row in await of_ticket(session, ticket.id)}
    if retarget or not rows:
        rows = await _with_targets(session, ticket, kind, rows, now)
    history = await turns_of(session, ticket, kind)
    for row in rows.values():
        row.calendar_id = kind.calendar_id
        met = met_at(ticket, row.kind)
        target = timedelta(seconds=row.target)
        reading = read(history, target, kind.calendar, now, met_at=met)
        row.due_at, row.met_at, row.breached = reading.due_at, reading.met_at, reading.breached
        row.spent = int(reading.spent.total_seconds()) if met is not None else None
        row.wake_at = row.risk_at = None
        if met is None:
            coming = [alarm.at for alarm in await waiting(session, ticket, row, kind, history)]
            if not reading.breached and reading.due_at is not None:
                coming.append(reading.due_at)
                row.risk_at = await _risk_at(session, ticket, row, kind, history)
            if row.risk_at is not None:
                row.at_risk &= row.risk_at <= now  # it has more time than it had
                if not row.at_risk:
                    coming.append(row.risk_at)
            row.wake_at = min(coming, default=None)


async def _risk_at(
    session: AsyncSession, ticket: Ticket, row: TicketClock, kind: Kind, history: Sequence[Turn]
) -> datetime | None:
    """From when on a breach is more likely than not, if it goes on as now."""
    curve = await TicketHistories(session).curve(ticket.type, row.kind)
    spent = timedelta(seconds=at_risk_after(curve, row.target))
    return reached(history, spent, kind.calendar, met_at=None)


async def look_again(session: AsyncSession, now: datetime, which: ColumnElement[bool]) -> None:
    """Have these clocks read anew soon, if they still run: what they go by has changed."""
    running = TicketClock.met_at.is_(None)
    await session.execute(update(TicketClock).where(which, running).values(wake_at=now))


async def of_ticket(session: AsyncSession, ticket_id: str) -> Sequence[TicketClock]:
    query = select(TicketClock).where(TicketClock.ticket_id == ticket_id)
    return (await session.scalars(query.order_by(TicketClock.kind))).all()


async def waiting(
    session: AsyncSession, ticket: Ticket, row: TicketClock, kind: Kind, history: Sequence[Turn]
) -> list[Alarm]:
    """The steps of this clock's escalation that were not taken yet, with their moments."""
    query = select(TicketEscalation.step).where(
        TicketEscalation.ticket_id == ticket.id,
        TicketEscalation.round == ticket.reopened,
        TicketEscalation.clock == row.kind,
    )
    taken = set(await session.scalars(query))
    percents = [
        (index, step.percent)
        for index, step in enumerate(kind.definition.escalation)
        if step.clock == row.kind and index not in taken
    ]
    target = timedelta(seconds=row.target)
    return alarms(percents, history, target, kind.calendar, met_at=met_at(ticket, row.kind))


async def _with_targets(
    session: AsyncSession,
    ticket: Ticket,
    kind: Kind,
    rows: dict[str, TicketClock],
    now: datetime,
) -> dict[str, TicketClock]:
    promised = await _promises(session, ticket)
    tier = await tier_of(session, ticket)
    wanted: dict[str, TicketClock] = {}
    for clock in CLOCKS:
        minutes = ticket_minutes(promised, kind.id, clock, ticket.priority, now)
        minutes = minutes or kind.definition.target(clock, ticket.priority, tier)
        row, target = rows.get(clock), None if minutes is None else minutes * 60
        if target is None:
            if row is not None:
                await session.delete(row)
        elif row is None:
            wanted[clock] = TicketClock(
                ticket_id=ticket.id, kind=clock, calendar_id=kind.calendar_id, target=target
            )
            session.add(wanted[clock])
        else:
            row.target, wanted[clock] = target, row
    return wanted


async def _promises(session: AsyncSession, ticket: Ticket) -> list[Promise]:
    """What was promised to the ticket's customer, who comes before what the type says of all."""
    if ticket.customer_id is None:
        return []
    customer = await Customers(session).get(ticket.customer_id)
    if customer is None:
        return []
    names = await Customers(session).names_of(customer.id)
    return await ServicePromises(session).of(names, [customer.tier])


async def tier_of(session: AsyncSession, ticket: Ticket) -> str | None:
    if ticket.customer_id is None:
        return None
    customer = await Customers(session).get(ticket.customer_id)
    return customer.tier if customer is not None else None
