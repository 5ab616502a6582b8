"""Whom an erasure is about: gathered from the records, before these are emptied."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from crm.erasure import Likeness, Subject
from crm.merging import Record
from crm.numbers import TAIL
from cti_server.outbox.sms import SMS
from cti_server.store.agent_states import AgentStatus
from cti_server.store.contacts import Contact
from cti_server.store.customer_merges import CustomerMerges
from cti_server.store.customers import ContactPoint, Customer, CustomerNumber, Customers
from cti_server.store.leads import Lead
from cti_server.store.outbox import OutboxJob
from cti_server.store.personal_records import Person, person
from cti_server.store.recordings import SIPREC, Recording
from cti_server.store.sms_messages import SmsMessage

_AT_ONCE = 400  # ids of one query
_WINDOW = 20_000  # contacts looked at by one query


async def subject_of(session: AsyncSession, customer: Customer) -> tuple[Subject, Person]:
    """All that the person can be recognised by, and what is theirs."""
    who = await person(session, customer.id, last_of_several=True)
    records = [record async for record in _records(session, who.customer_ids)]
    numbers = {(entry.kind, entry.number) for each in records for entry in each.numbers}
    addresses = {entry.key for each in records for entry in each.addresses}
    numbers_of_others, addresses_of_others = await _of_others(session, who, numbers, addresses)
    query = select(Customer.external_id).where(
        Customer.id.in_(who.customer_ids), Customer.external_id.is_not(None)
    )
    subject = Subject(
        customer_ids=list(who.customer_ids),
        names=sorted({each.name for each in records} - {""}),
        numbers=sorted(each for each in numbers if each[1] not in numbers_of_others),
        addresses=sorted(addresses - addresses_of_others),
        external_ids=sorted(str(each) for each in await session.scalars(query)),
        contact_ids=list(who.contact_ids),
        call_ids=list(who.call_ids),
    )
    return subject, who


async def _records(session: AsyncSession, ids: Sequence[str]) -> AsyncIterator[Record]:
    """What the records say now, and what they said when they were merged."""
    customers = Customers(session)
    for customer_id in ids:
        stored = await customers.as_stored(customer_id)
        if stored is not None:
            yield stored.record
    for merge in await CustomerMerges(session, str).of(ids):
        if merge.records:
            yield merge.merger.survivor
            yield merge.merger.merged
            yield merge.merger.after


async def _of_others(
    session: AsyncSession, who: Person, numbers: set[tuple[str, str]], addresses: set[str]
) -> tuple[set[str], set[str]]:
    """What somebody else is reached by, too: it does not tell of whom a text speaks."""
    ids = who.customer_ids
    reached = select(CustomerNumber.number).where(
        CustomerNumber.number.in_([text for _, text in numbers]),
        CustomerNumber.customer_id.not_in(ids),
    )
    written_to = select(ContactPoint.key).where(
        ContactPoint.key.in_(addresses), ContactPoint.customer_id.not_in(ids)
    )
    return set(await session.scalars(reached)), set(await session.scalars(written_to))


async def returned(session: AsyncSession, subject: Subject) -> Sequence[str]:
    """Customers who are the person again, as an import tells who is who."""
    reach = [text for _, text in subject.numbers]
    numbers = select(CustomerNumber.customer_id).where(CustomerNumber.number.in_(reach))
    points = select(ContactPoint.customer_id).where(ContactPoint.key.in_(subject.addresses))
    reached = Customer.id.in_(numbers) | Customer.id.in_(points)
    query = select(Customer.id).where(
        Customer.external_id.in_(subject.external_ids)
        | (reached & Customer.name.in_(subject.names)),
        Customer.id.not_in(subject.customer_ids),
        Customer.erased_at.is_(None),
        Customer.merged_into.is_(None),
    )
    return (await session.scalars(query.order_by(Customer.id))).all()


async def live(session: AsyncSession, contact_ids: Sequence[str]) -> Sequence[str]:
    """Contacts that are not over, or that an agent is still busy with."""
    found: set[str] = set()
    for some in slices(contact_ids):
        open_ones = select(Contact.id).where(Contact.id.in_(some), Contact.ended_at.is_(None))
        found.update(await session.scalars(open_ones))
        at_work = select(AgentStatus.contact_id).where(AgentStatus.contact_id.in_(some))
        found.update(str(each) for each in await session.scalars(at_work))
    return sorted(found)


async def being_recorded(session: AsyncSession, contact_ids: Sequence[str]) -> Sequence[str]:
    """Recordings that are still written."""
    found: list[str] = []
    for some in slices(contact_ids):
        running = select(Recording.id).where(
            Recording.contact_id.in_(some), Recording.state == "running"
        )
        found += await session.scalars(running)
    return found


async def unlinked_contacts(
    session: AsyncSession, subject: Subject, likeness: Likeness
) -> Sequence[tuple[str, str]]:
    """
    Contacts of their numbers that are no other customer's: from before they were one, say, or of
    somebody who was erased, too.

    Each with its call. All contacts are gone through, some thousands at a time, for numbers are
    shown in many ways; this is as good as free beside what it is done for once.
    """
    found: list[tuple[str, str]] = []
    alike = _alike(Contact.caller_number, subject)
    if alike is None:
        return found
    reached = ""
    while True:
        window = select(Contact.id).where(Contact.id > reached).order_by(Contact.id)
        last = await session.scalar(window.offset(_WINDOW - 1).limit(1))
        some = select(Contact.id, Contact.call_id, Contact.caller_number, Contact.customer_ids)
        some = some.where(Contact.id > reached, alike)
        if last is not None:
            some = some.where(Contact.id <= last)
        rows = (await session.execute(some)).all()
        others = {each for row in rows for each in row.customer_ids} - set(subject.customer_ids)
        gone = {*subject.customer_ids, *await Customers(session).erased_among(others)}
        found += [
            (row.id, row.call_id)
            for row in rows
            if gone.issuperset(row.customer_ids) and likeness.has_number(row.caller_number)
        ]
        if last is None:
            return found
        reached = last


async def recorded_elsewhere(
    session: AsyncSession, subject: Subject, likeness: Likeness
) -> Sequence[tuple[str, str]]:
    """
    What other PBXs have recorded here of their calls, by what stands for contact and call there.

    All recordings are gone through, as all contacts are.
    """
    alike = _alike(Recording.caller_number, subject)
    if alike is None:
        return []
    query = select(Recording.contact_id, Recording.call_id, Recording.caller_number)
    rows = await session.execute(query.where(Recording.kind == SIPREC, alike))
    return [(row.contact_id, row.call_id) for row in rows if likeness.has_number(row.caller_number)]


def _alike(number: InstrumentedAttribute[str], subject: Subject) -> ColumnElement[bool] | None:
    """Whether it ends as one of theirs does; None if they have none."""
    tails = {text[-TAIL:] for _, text in subject.numbers if len(text) >= TAIL}
    if not tails:
        return None
    return or_(*(number.endswith(tail, autoescape=True) for tail in sorted(tails)))


async def leads(session: AsyncSession, subject: Subject) -> Sequence[str]:
    """Those who were to become customers, by the same number or address."""
    query = select(Lead.id).where(
        or_(
            Lead.number.in_([text for _, text in subject.numbers]),
            Lead.mail.in_(subject.addresses),
        ),
        Lead.customer_id.is_(None),
    )
    return (await session.scalars(query)).all()


async def unlinked_texts(session: AsyncSession, subject: Subject) -> Mapping[str, Sequence[str]]:
    """By table, texts from and to their numbers that belong to no contact and no one customer."""
    numbers = [text for _, text in subject.numbers]
    received = select(SmsMessage.id).where(
        SmsMessage.number.in_(numbers),
        SmsMessage.contact_id.is_(None),
        SmsMessage.customer_id.is_(None),
    )
    sent = select(OutboxJob.id).where(
        OutboxJob.channel == SMS,
        OutboxJob.recipient.in_(numbers),
        OutboxJob.contact_id.is_(None),
        OutboxJob.customer_id.is_(None),
    )
    return {
        SmsMessage.__tablename__: (await session.scalars(received)).all(),
        OutboxJob.__tablename__: (await session.scalars(sent)).all(),
    }


def slices(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many at once as a query may name."""
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
