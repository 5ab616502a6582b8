"""Who is calling: the look-up that runs beside the menu while the caller listens."""

import asyncio
from typing import Any

import structlog
from sqlalchemy import Connection, Row, Select, bindparam, or_, select

from crm.matching import Candidate, Matched, decide
from crm.numbers import Number, NumberKind, mask, normalise
from crm.pop import UNAVAILABLE, CustomerSummary, PastContact, Pop

from .contacts import Contact, ContactCustomer
from .customers import Customer, CustomerNumber
from .database import UNAVAILABLE as DATABASE_UNAVAILABLE
from .database import Database

log = structlog.get_logger()

LIKELY = 50  # stored numbers that are compared with a caller's at most
HISTORY = 5  # contacts

# Tables instead of mapped classes, and each query built once: a look-up belongs to every call,
# and so it costs a third.
_numbers, _customers = CustomerNumber.__table__.c, Customer.__table__.c
_contacts, _links = Contact.__table__.c, ContactCustomer.__table__.c

_SAME = _numbers.number == bindparam("number")
_LIKE = (
    select(
        *(_numbers.number, _numbers.kind.label("number_kind")),
        *(_customers.id, _customers.kind, _customers.name, _customers.tier),
        *(_customers.language, _customers.company, _customers.tags),
    )
    .select_from(CustomerNumber.__table__.join(Customer.__table__))
    .where(or_(_SAME, _numbers.tail == bindparam("tail")))
    .order_by(_SAME.desc(), _customers.id)
    .limit(LIKELY)
)
_PAST = select(
    *(_contacts.id, _contacts.channel, _contacts.arrived_at, _contacts.ended_at),
    *(_contacts.queue, _contacts.agent_id, _contacts.outcome),
).limit(2 * HISTORY)  # some of them may not be over
_OF_CUSTOMER = (
    _PAST.join(ContactCustomer.__table__, _links.contact_id == _contacts.id)
    .where(_links.customer_id == bindparam("customer_id"))
    .order_by(_links.arrived_at.desc(), _contacts.id)
)
_OF_CALLER = _PAST.where(
    or_(
        _contacts.caller_number == bindparam("shown"),
        _contacts.caller_number == bindparam("number"),
    )
).order_by(_contacts.arrived_at.desc(), _contacts.id)


class CustomerLookup:
    """Finds the customers of a number, with what they wanted before, in two queries."""

    def __init__(self, database: Database, region: str, *, patience: float = 5.0) -> None:
        """``patience``: seconds after which a database that hangs counts as unavailable."""
        self._database = database
        self._region = region
        self._patience = patience

    async def look_up(self, number: str) -> Pop:
        """Never raises for the database's sake: then the answer is "unavailable"."""
        caller = normalise(number, self._region)
        if caller.kind is NumberKind.WITHHELD:
            return Pop(match="none")
        try:
            async with asyncio.timeout(self._patience):
                return await self._database.in_one_look(lambda look: _found(look, caller, number))
        except DATABASE_UNAVAILABLE as error:
            log.warning(
                "crm.lookup_failed", caller_number=mask(caller.text), reason=type(error).__name__
            )
            return UNAVAILABLE


def _found(database: Connection, caller: Number, shown: str) -> Pop:
    rows = database.execute(_LIKE, {"number": caller.text, "tail": caller.tail}).all()
    matched = decide(caller, [_candidate(row) for row in rows])
    customers = {row.id: _summary(row) for row in rows}
    query, values = _history(matched, caller, shown)
    past = database.execute(query, values).all()
    # The call that is being answered may be among those that are not over.
    over = [_past_contact(row) for row in past if row.ended_at is not None]
    return Pop.of(
        [customers[customer_id] for customer_id in matched.customer_ids],
        matched.confidence,
        over[:HISTORY],
    )


def _history(
    matched: Matched, caller: Number, shown: str
) -> tuple[Select[*tuple[Any, ...]], dict[str, str]]:
    """What to ask for the past of the one customer or, failing that, of the number."""
    if len(matched.customer_ids) == 1:
        return _OF_CUSTOMER, {"customer_id": matched.customer_ids[0]}
    # A contact has its number as it was shown; what cannot be printed no driver would take.
    return _OF_CALLER, {
        "number": caller.text,
        "shown": shown if shown.isprintable() else caller.text,
    }


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
        tags=row.tags,
    )


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
