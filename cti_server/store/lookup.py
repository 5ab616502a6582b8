"""Who is calling: the look-up that runs beside the menu while the caller listens."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, Row, Select, bindparam, or_, select, union

from crm.matching import Candidate, decide
from crm.next_action import ActionRule, Fact, advise
from crm.numbers import Number, NumberKind, mask, normalise
from crm.pop import UNAVAILABLE, CustomerSummary, OpenTicket, PastContact, Pop
from cti_server.wire.events import Logged, RecordChanged

from .contacts import Contact, ContactCustomer
from .customers import Customer, CustomerNumber
from .database import UNAVAILABLE as DATABASE_UNAVAILABLE
from .database import Database
from .log import hears
from .next_actions import NextActionRule, rules_in_force
from .tickets import Ticket

log = structlog.get_logger()

LIKELY = 50  # stored numbers that are compared with a caller's at most
HISTORY = 5  # contacts
TICKETS = 10  # open ones

# Tables instead of mapped classes, and each query built once: a look-up belongs to every call,
# and so it costs a third.
_numbers, _customers = CustomerNumber.__table__.c, Customer.__table__.c
_contacts, _links = Contact.__table__.c, ContactCustomer.__table__.c
_tickets = Ticket.__table__.c

_SAME = _numbers.number == bindparam("number")
_LIKELY = (  # before their customers are read: hundreds may share a switchboard
    select(_numbers.customer_id, _numbers.number, _numbers.kind)
    .where(or_(_SAME, _numbers.tail == bindparam("tail")))
    .order_by(_SAME.desc(), _numbers.customer_id)
    .limit(LIKELY)
    .subquery()
)
_LIKE = (
    select(
        *(_LIKELY.c.number, _LIKELY.c.kind.label("number_kind")),
        *(_customers.id, _customers.kind, _customers.name, _customers.tier),
        *(_customers.language, _customers.company, _customers.tags, _customers.attributes),
        *(_customers.owner_id, _customers.team),
    )
    .join(_LIKELY, _LIKELY.c.customer_id == _customers.id)
    .order_by((_LIKELY.c.number == bindparam("number")).desc(), _customers.id)
)
_CHOSEN = select(
    *(_customers.id, _customers.kind, _customers.name, _customers.tier),
    *(_customers.language, _customers.company, _customers.tags, _customers.attributes),
    *(_customers.owner_id, _customers.team),
).where(_customers.id == bindparam("customer_id"))
_MOST = 2 * HISTORY  # some of them may not be over
_PAST = select(
    *(_contacts.id, _contacts.channel, _contacts.arrived_at, _contacts.ended_at),
    *(_contacts.queue, _contacts.agent_id, _contacts.outcome),
)
_NEWEST = (
    select(_links.contact_id, _links.arrived_at)
    .where(_links.customer_id == bindparam("customer_id"))
    .order_by(_links.arrived_at.desc())
    .limit(_MOST)
    .subquery()
)
_OF_CUSTOMER = _PAST.join(_NEWEST, _NEWEST.c.contact_id == _contacts.id).order_by(
    _NEWEST.c.arrived_at.desc(), _contacts.id
)


def _newest_with(number: str) -> Select[*tuple[Any, ...]]:
    """Their newest by the index of numbers: an OR of both would look at all that they have."""
    query = _PAST.where(_contacts.caller_number == bindparam(number))
    newest = query.order_by(_contacts.arrived_at.desc()).limit(_MOST).subquery()
    return select(*newest.c)


_EITHER = union(_newest_with("shown"), _newest_with("number")).subquery()
_OF_CALLER = select(*_EITHER.c).order_by(_EITHER.c.arrived_at.desc(), _EITHER.c.id).limit(_MOST)
_OPEN = (
    select(
        *(_tickets.id, _tickets.number, _tickets.type, _tickets.state),
        *(_tickets.subject, _tickets.priority, _tickets.opened_at),
    )
    .where(_tickets.customer_id == bindparam("customer_id"), _tickets.closed_at.is_(None))
    .order_by(_tickets.opened_at.desc(), _tickets.id)
    .limit(TICKETS)
)


class CustomerLookup:
    """
    Finds the customers of a number, with what they wanted before, in two queries.

    A third tells of the one customer that it is what they still wait for; agents are advised by it.
    """

    def __init__(self, database: Database, region: str, *, patience: float = 5.0) -> None:
        """``patience``: seconds after which a database that hangs counts as unavailable."""
        self._database = database
        self._region = region
        self._patience = patience
        self._edition = 0  # of the rules
        self._rules: tuple[int, list[ActionRule]] | None = None  # and their edition

    async def look_up(self, number: str) -> Pop:
        """Never raises for the database's sake: then the answer is "unavailable"."""
        caller = normalise(number, self._region)
        if caller.kind is NumberKind.WITHHELD:
            return Pop(match="none")
        try:
            async with asyncio.timeout(self._patience):
                return await self._database.in_one_look(
                    lambda look: self._found(look, caller, number)
                )
        except DATABASE_UNAVAILABLE as error:
            log.warning(
                "crm.lookup_failed", caller_number=mask(caller.text), reason=type(error).__name__
            )
            return UNAVAILABLE

    async def of_customer(self, customer_id: str) -> Pop:
        """
        The record of one that somebody chose or created; "none" if there is no such customer.

        Raises what the database raises.
        """
        async with asyncio.timeout(self._patience):
            return await self._database.in_one_look(lambda look: self._chosen(look, customer_id))

    @hears(RecordChanged)
    def hear(self, logged: Logged) -> None:
        """Take rules that were edited from the next look on; a subscriber of the log."""
        event = logged.event
        if isinstance(event, RecordChanged) and event.record == NextActionRule.__tablename__:
            self._edition += 1

    def _found(self, database: Connection, caller: Number, shown: str) -> Pop:
        rows = database.execute(_LIKE, {"number": caller.text, "tail": caller.tail}).all()
        matched = decide(caller, [_candidate(row) for row in rows])
        customers = {row.id: row for row in rows}
        if len(matched.customer_ids) == 1:
            [customer_id] = matched.customer_ids
            return self._whole(database, customers[customer_id], matched.confidence)
        past = _over(database, _OF_CALLER, _numbers_of(caller, shown))
        several = [_summary(customers[customer_id]) for customer_id in matched.customer_ids]
        return Pop.of(several, matched.confidence, past)

    def _chosen(self, database: Connection, customer_id: str) -> Pop:
        row = database.execute(_CHOSEN, {"customer_id": customer_id}).one_or_none()
        return Pop.of([], 0.0) if row is None else self._whole(database, row, 1.0)

    def _whole(
        self, database: Connection, customer: Row[*tuple[Any, ...]], confidence: float
    ) -> Pop:
        """All that is shown of the one customer that it is."""
        of_it = {"customer_id": customer.id}
        past = _over(database, _OF_CUSTOMER, of_it)
        tickets = [_open_ticket(row) for row in database.execute(_OPEN, of_it)]
        advice = advise(self._rules_now(database), _facts(customer, past, tickets))
        return Pop.of([_summary(customer)], confidence, past, open_tickets=tickets, actions=advice)

    def _rules_now(self, database: Connection) -> list[ActionRule]:
        edition = self._edition  # before they are read: an edit meanwhile has them read again
        if self._rules is None or self._rules[0] != edition:
            self._rules = edition, rules_in_force(database)
        return self._rules[1]


def _over(
    database: Connection, past: Select[*tuple[Any, ...]], of: dict[str, str]
) -> list[PastContact]:
    """The newest that are over: the call that is being answered may be among those that are not."""
    found = database.execute(past, of)
    return [_past_contact(row) for row in found if row.ended_at is not None][:HISTORY]


def _numbers_of(caller: Number, shown: str) -> dict[str, str]:
    """A contact has its number as it was shown; what cannot be printed no driver would take."""
    return {"number": caller.text, "shown": shown if shown.isprintable() else caller.text}


def _candidate(row: Row[*tuple[Any, ...]]) -> Candidate:
    return Candidate(row.id, Number(NumberKind(row.number_kind), row.number))


def _summary(row: Row[*tuple[Any, ...]]) -> CustomerSummary:
    return CustomerSummary(
        id=row.id,
        kind=row.kind,
        name=row.name,
        tier=row.tier,
        language=row.language,
        company=row.company,
        owner_id=row.owner_id,
        tags=row.tags,
        team=row.team,
    )


def _open_ticket(row: Row[*tuple[Any, ...]]) -> OpenTicket:
    return OpenTicket(
        ticket_id=row.id,
        number=row.number,
        type=row.type,
        state=row.state,
        subject=row.subject,
        priority=row.priority,
        opened_at=row.opened_at,
    )


def _facts(
    customer: Row[*tuple[Any, ...]], past: Sequence[PastContact], tickets: Sequence[OpenTicket]
) -> dict[str, Fact]:
    """What the rules can ask for (:data:`crm.next_action.FACTS`)."""
    facts: dict[str, Fact] = {
        "tier": customer.tier,
        "kind": customer.kind,
        "language": customer.language,
        "tags": customer.tags,
        "open_tickets": len(tickets),
        "open_ticket_types": [ticket.type for ticket in tickets],
        "contacts": len(past),
        "last_outcome": past[0].outcome if past else None,
    }
    return facts | {f"attributes.{name}": value for name, value in customer.attributes.items()}


def _past_contact(row: Row[*tuple[Any, ...]]) -> PastContact:
    return PastContact(
        contact_id=row.id,
        channel=row.channel,
        arrived_at=row.arrived_at,
        ended_at=row.ended_at,
        queue=row.queue,
        agent_id=row.agent_id,
        outcome=row.outcome,
    )
