"""
Who waits in a queue longer than was promised, told before it is so.

What is known comes from the log; what was promised from the database, when a contact begins to
wait. The due timer wakes at the moment from which on a breach is more likely than not if nobody is
served until then; and when somebody is, or joins, but once a second for each queue at most.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm.breach import AT_RISK, of_wait, wait_at_risk_in
from crm.promises import wait
from cti_server.store.customers import Customers
from cti_server.store.database import Database
from cti_server.store.log import hears
from cti_server.store.service_promises import ServicePromises
from cti_server.wire.events import (
    ContactDiverted,
    ContactEnded,
    ContactQueued,
    CustomerChosen,
    CustomerMatched,
    Event,
    Logged,
    OfferAccepted,
    RecordChanged,
    WaitAtRisk,
)

WINDOW = timedelta(minutes=30)
"""So far back who was served in a queue tells its rate."""

SHORTEST = 60.0
"""Seconds of a window, at least: who was served a moment ago is no rate of one a moment."""

AGAIN = timedelta(seconds=1)
"""So long after a look at who waits in a queue comes the next, whatever happens there."""

_AT_ONCE = 100  # contacts of one queue, whose time is up first


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A contact that waits; ``promised``: seconds, None for nothing, once it was ``asked``."""

    contact_id: str
    queue: str
    queued_at: datetime
    asked: bool = False
    promised: int | None = None
    look_at: datetime | None = None
    told: bool = False

    @property
    def until(self) -> datetime | None:
        return None if self.promised is None else self.queued_at + timedelta(seconds=self.promised)


@dataclass(frozen=True, slots=True)
class WaitRisk:
    """How likely it is that a contact is not served ``until`` then; ``ahead``: before it."""

    contact_id: str
    customer_ids: tuple[str, ...]
    queue: str
    queued_at: datetime
    until: datetime
    ahead: int
    probability: float


@dataclass(slots=True)
class Served:
    """When who was served in a queue, as far back as it counts, since it is ``watched``."""

    watched: datetime
    moments: deque[datetime] = field(default_factory=deque)

    def another(self, at: datetime) -> None:
        self.moments.append(at)
        self._forget(at)

    def lately(self, now: datetime) -> tuple[int, float]:
        """How many, in how many seconds."""
        self._forget(now)
        window = min(now - self.watched, WINDOW).total_seconds()
        return len(self.moments), max(window, SHORTEST)

    def _forget(self, now: datetime) -> None:
        while self.moments and self.moments[0] <= now - WINDOW:
            self.moments.popleft()


class WaitPromises:
    """
    The due work of watching who waits.

    ``position``: a contact's place in its queue, from 1; None while it is offered to an agent.
    """

    name = "wait promises"
    records = frozenset({"service_promise"})

    def __init__(
        self,
        database: Database,
        append: Callable[[Event], object],
        *,
        now: Callable[[], datetime],
        position: Callable[[str], int | None],
        due_changed: Callable[[], None],
    ) -> None:
        self._database = database
        self._append = append
        self._now = now
        self._position = position
        self._due_changed = due_changed
        self._waiting: dict[str, Waiting] = {}
        self._customers: dict[str, tuple[str, ...]] = {}
        self._served: defaultdict[str, Served] = defaultdict(lambda: Served(now()))
        self._looked: dict[str, datetime] = {}  # by queue: when all who wait there were looked at
        self._again: dict[str, datetime] = {}  # by queue: when they are to be

    @hears(
        CustomerMatched,
        CustomerChosen,
        ContactQueued,
        OfferAccepted,
        ContactDiverted,
        ContactEnded,
        RecordChanged,
    )
    def hear(self, logged: Logged) -> None:
        """For the event log."""
        match logged.event:
            case CustomerMatched(contact_id=contact_id, customer_ids=ids):
                self._identify(contact_id, tuple(ids))
            case CustomerChosen(contact_id=contact_id, customer_id=customer_id) if (
                contact_id in self._customers or contact_id in self._waiting
            ):  # and not one that is over, of which nothing more is heard
                self._identify(contact_id, (customer_id,))
            case ContactQueued(purpose="serve") as event:
                self._queued(event)
            case OfferAccepted(contact_id=contact_id):
                if (served := self._waiting.pop(contact_id, None)) is not None:
                    self._served[served.queue].another(logged.at)
                    self._look_again(served.queue)
            case ContactDiverted(contact_id=contact_id):  # to another queue: it is queued anew
                if (gone := self._waiting.pop(contact_id, None)) is not None:
                    self._look_again(gone.queue)
            case ContactEnded(contact_id=contact_id):
                self._customers.pop(contact_id, None)
                if (gone := self._waiting.pop(contact_id, None)) is not None:
                    self._look_again(gone.queue)
            case RecordChanged(record="service_promise"):
                for one in self._waiting.values():
                    one.asked = False

    async def earliest(self) -> datetime | None:
        waiting = self._waiting.values()
        moments = [one.queued_at if not one.asked else one.look_at for one in waiting]
        moments += self._again.values()
        return min((at for at in moments if at is not None), default=None)

    async def do(self, now: datetime) -> None:
        """Ask what was promised, then tell of each whose promise is at risk, once."""
        new = [one for one in self._waiting.values() if not one.asked]
        if new:
            async with self._database.readers() as session:
                for one in new:
                    await self._ask(session, one, now)
        for queue in [queue for queue, at in self._again.items() if at <= now]:
            del self._again[queue]
            self._looked[queue] = now
            for one in self._concerned(queue):
                one.look_at = now
        for one in list(self._waiting.values()):
            # Who was served while others had their turn is not waiting any more.
            waits = self._waiting.get(one.contact_id) is one
            if waits and one.look_at is not None and one.look_at <= now:
                self._look(one, now)
                await asyncio.sleep(0)  # calls go on between two contacts

    def risks(self, now: datetime) -> list[WaitRisk]:
        """All who wait and were promised something, the likeliest to be disappointed first."""
        found = [
            self._risk(one, until, now)
            for one in self._waiting.values()
            if (until := one.until) is not None
        ]
        return sorted(found, key=lambda one: (-one.probability, one.until, one.contact_id))

    def _identify(self, contact_id: str, customer_ids: tuple[str, ...]) -> None:
        self._customers[contact_id] = customer_ids
        if (waiting := self._waiting.get(contact_id)) is not None:
            waiting.asked = False
            self._due_changed()

    def _queued(self, event: ContactQueued) -> None:
        known = self._waiting.get(event.contact_id)
        self._served[event.queue]  # is watched from now on
        if known is None or known.queue != event.queue:
            self._waiting[event.contact_id] = Waiting(
                contact_id=event.contact_id, queue=event.queue, queued_at=event.queued_at
            )
            self._due_changed()
        self._look_again(event.queue)

    def _look_again(self, queue: str) -> None:
        """Somebody joined or left the queue, which changes the chances of all who wait there."""
        if queue in self._again:
            return
        now, looked = self._now(), self._looked.get(queue)
        self._again[queue] = now if looked is None else max(now, looked + AGAIN)
        self._due_changed()

    def _concerned(self, queue: str) -> list[Waiting]:
        """Who waits there and was promised something, the first to be disappointed first."""
        concerned = [
            (until, one)
            for one in self._waiting.values()
            if one.queue == queue and not one.told and (until := one.until) is not None
        ]
        concerned.sort(key=lambda pair: pair[0])
        return [one for _, one in concerned[:_AT_ONCE]]

    async def _ask(self, session: AsyncSession, one: Waiting, now: datetime) -> None:
        """Of several customers with one number it may be any of them: the strictest counts."""
        promised = []
        for customer in await Customers(session).among(self._customers.get(one.contact_id, ())):
            names = await Customers(session).names_of(customer.id)
            promises = await ServicePromises(session).of(names, [customer.tier])
            promised.append(wait(promises, one.queue, now))
        one.promised = min((each for each in promised if each is not None), default=None)
        one.asked = True
        one.look_at = None if one.promised is None or one.told else now

    def _look(self, one: Waiting, now: datetime) -> None:
        until = one.until
        if until is None:
            one.look_at = None
            return
        risk = self._risk(one, until, now)
        if risk.probability >= AT_RISK:
            one.told, one.look_at = True, None
            self._append(
                WaitAtRisk(
                    contact_id=one.contact_id,
                    queue=one.queue,
                    promised_until=until,
                    probability=round(risk.probability, 3),
                )
            )
            return
        served, window = self._served[one.queue].lately(now)
        left = (until - now).total_seconds()
        seconds = wait_at_risk_in(risk.ahead, served, window, left)
        one.look_at = now + timedelta(seconds=max(seconds, 1.0))

    def _risk(self, one: Waiting, until: datetime, now: datetime) -> WaitRisk:
        place = self._position(one.contact_id)
        ahead = 0 if place is None else place - 1
        served, window = self._served[one.queue].lately(now)
        return WaitRisk(
            contact_id=one.contact_id,
            customer_ids=self._customers.get(one.contact_id, ()),
            queue=one.queue,
            queued_at=one.queued_at,
            until=until,
            ahead=ahead,
            probability=of_wait(ahead, served, window, (until - now).total_seconds()),
        )
