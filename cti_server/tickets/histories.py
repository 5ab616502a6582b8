"""How long tickets take, drawn anew now and then, and what that says of those that are open."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.breach import Lived, curve, thinned
from crm.sla import read
from crm.ticket_types import CLOCKS
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.ticket_clocks import TicketClock
from cti_server.store.ticket_histories import TicketHistories, TicketHistory
from cti_server.store.ticket_types import TicketTypes
from cti_server.store.tickets import Ticket

from . import clocks
from .edit import SYSTEM, Edit
from .kinds import Kind, kind_of

EVERY = timedelta(hours=6)
BACK = timedelta(days=180)
"""What was opened before says nothing of today."""

_SOLVED, _OPEN = 2_000, 300  # tickets of one type
_POINTS = 100


class Histories:
    """The due work of drawing the curves of all types."""

    name = "ticket histories"
    records = frozenset({"ticket_type"})

    def __init__(self, database: Database, changes: Changes, new_id: Callable[[], str]) -> None:
        self._database = database
        self._changes = changes
        self._new_id = new_id

    async def earliest(self) -> datetime | None:
        async with self._database.readers() as session:
            drawn = {(one.type, one.clock): one.next_at for one in await _all(session)}
            types = await TicketTypes(session).all()
        moments = [drawn.get((one.id, clock), one.created_at) for one in types for clock in CLOCKS]
        return min(moments, default=None)

    async def do(self, now: datetime) -> None:
        async with self._database.readers() as session:
            read = await _read(session, now)
        if read:
            async with self._changes.begin(SYSTEM) as change:
                for type_id, clock, lives in read:
                    await _keep(Edit(change, now, self._new_id), type_id, clock, lives)


async def _read(session: AsyncSession, now: datetime) -> list[tuple[str, str, list[Lived]]]:
    """
    What curves are drawn of that are due, up to the first that has tickets: they are much to read.

    So what else is due is not kept waiting, and those of a new centre are all done in one turn.
    """
    drawn = {(one.type, one.clock): one.next_at for one in await _all(session)}
    read: list[tuple[str, str, list[Lived]]] = []
    for one in await TicketTypes(session).all():
        for clock in CLOCKS:
            if drawn.get((one.id, clock), one.created_at) > now:
                continue
            lives = await _lives(session, await kind_of(session, one.id), clock, now)
            read.append((one.id, clock, lives))
            if lives:
                return read
    return read


async def _all(session: AsyncSession) -> list[TicketHistory]:
    return list(await TicketHistories(session).all())


async def _lives(session: AsyncSession, kind: Kind, clock: str, now: datetime) -> list[Lived]:
    stored, since = TicketHistories(session), now - BACK
    lives = await stored.solved(kind.id, clock, since, _SOLVED)
    for ticket in await stored.running(kind.id, clock, since, _OPEN):
        lives.append(Lived(await _spent(session, ticket, kind, now), solved=False))
    return lives


async def _spent(session: AsyncSession, ticket: Ticket, kind: Kind, now: datetime) -> float:
    turns = await clocks.turns_of(session, ticket, kind)
    return read(turns, timedelta(0), kind.calendar, now, met_at=None).spent.total_seconds()


async def _keep(edit: Edit, type_id: str, clock: str, lives: list[Lived]) -> None:
    """Store the curve; what is open of the type is looked at by it."""
    drawn = curve(lives)
    points = thinned(drawn, _POINTS) if drawn is not None else None
    quantiles = (
        {str(int(at)): share for at, share in zip(points.times, points.shares, strict=True)}
        if points is not None
        else {}
    )
    record = await edit.session.get(TicketHistory, (type_id, clock))
    if record is None:
        record = TicketHistory(
            type=type_id,
            clock=clock,
            drawn_at=edit.now,
            next_at=edit.now,
            solved=0,
            open=0,
            quantiles={},
        )
        edit.session.add(record)
    changed = record.quantiles != quantiles
    record.drawn_at, record.next_at, record.quantiles = edit.now, edit.now + EVERY, quantiles
    record.solved = sum(one.solved for one in lives)
    record.open = len(lives) - record.solved
    await edit.session.flush()
    if changed:
        theirs = select(Ticket.id).where(Ticket.type == type_id)
        which = TicketClock.ticket_id.in_(theirs) & (TicketClock.kind == clock)
        await clocks.look_again(edit.session, edit.now, which)
