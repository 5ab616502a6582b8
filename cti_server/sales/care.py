"""Care that falls due: occasions planned a day ahead, and attended to at their moment."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm import care
from crm.care import CHANNEL, LATE, AfterOrder, AfterTicket, NoContact, OwnerOf, Rule, Yearly
from crm.consents import allows
from crm.errors import EditConflict, InvalidField
from crm.ticket_types import InTurn, Role
from cti_server.store.care import Care, CareOccasion, CareRule
from cti_server.store.changes import Changes
from cti_server.store.consents import Consents
from cti_server.store.customers import Customer, Customers
from cti_server.store.database import Database
from cti_server.store.orders import Order
from cti_server.store.tasks import Task
from cti_server.store.tickets import Ticket
from cti_server.tickets import todo
from cti_server.tickets.edit import SYSTEM, Edit
from cti_server.tickets.people import Assignment, assign

from .care_search import Found, Page, Search, last_contact, yearly_of, zone_of

AT_ONCE = 100  # customers looked at in one turn of a rule, or occasions attended to


def rule_of(stored: CareRule) -> Rule:
    return Rule.model_validate(stored.definition)


def plan_from(stored: CareRule, now: datetime) -> None:
    """A rule that is new, or was changed, begins with the day that it is."""
    at = rule_of(stored).at
    stored.planned_to = (care.day_to_plan(now, at) - timedelta(days=1)).isoformat()
    stored.planned_behind = None
    stored.next_at = now


class Caring:
    """The due work of care."""

    name = "care"
    records = frozenset({"care_rule"})

    def __init__(
        self, database: Database, changes: Changes, new_id: Callable[[], str], time_zone: str
    ) -> None:
        self._database = database
        self._changes = changes
        self._new_id = new_id
        self._time_zone = time_zone

    async def earliest(self) -> datetime | None:
        async with self._database.readers() as session:
            return await Care(session).earliest()

    async def do(self, now: datetime) -> None:
        async with self._database.readers() as session:
            rule_ids = await Care(session).to_plan(now)
        for rule_id in rule_ids:
            await self._plan(rule_id, now)
        async with self._database.readers() as session:
            occasion_ids = await Care(session).to_attend(now, AT_ONCE)
        for occasion_id in occasion_ids:
            try:
                async with self._changes.begin(SYSTEM) as change:
                    edit = Edit(change, now, self._new_id)
                    await attend_to(edit, occasion_id, self._time_zone)
            except EditConflict:
                continue  # somebody was faster; if it is still due, it comes again at once

    async def _plan(self, rule_id: str, now: datetime) -> None:
        """
        The next customers of the rule's next day: what else is due has its turn between two pages.

        The days that nobody can be late for any more are left out.
        """
        async with self._database.readers() as session:
            stored = await Care(session).rule(rule_id)
            rule, last = rule_of(stored), care.day_to_plan(now, rule_of(stored).at)
            day, behind = _next_day(stored, last - timedelta(days=LATE))
            page = Page()
            if day <= last:
                page = await Search(session, rule, day, self._time_zone).page(behind, AT_ONCE)
        done = min(day, last) if page.last is None else day - timedelta(days=1)
        more = care.planned_for(done + timedelta(days=1), rule.at)
        async with self._changes.begin(SYSTEM) as change:
            planned = await Care(change.session).came_to(
                stored, done.isoformat(), behind=page.last, next_at=more
            )
            if planned:  # else it was changed, and is planned anew
                await _keep(Edit(change, now, self._new_id), rule_id, page.found)


def _next_day(stored: CareRule, first: date) -> tuple[date, str | None]:
    """Which day is to be planned, the ``first`` or a later one, and behind which customer."""
    if stored.planned_to is None:
        return first, None
    day = date.fromisoformat(stored.planned_to) + timedelta(days=1)
    return (day, stored.planned_behind) if day >= first else (first, None)


async def attend_to(edit: Edit, occasion_id: str, time_zone: str) -> None:
    """Give somebody the task, unless it is none any more, or the customer does not wish it."""
    stored = Care(edit.session)
    occasion = await stored.occasion(occasion_id, locked=True)
    if occasion.state != "planned":
        return
    record = await stored.rule(occasion.rule_id)
    rule = rule_of(record)
    customer = await Customers(edit.session).get(occasion.customer_id)
    cause = await _no_more(edit, record, rule, occasion, customer, time_zone)
    if customer is None or cause is not None:
        _end(edit, occasion, "dropped", cause)
        return
    said = await Consents(edit.session).wishes([customer], time_zone)
    refusal = allows(said[customer.id], CHANNEL[rule.means], rule.purpose, edit.now)
    if refusal is not None:
        latest = occasion.at + timedelta(days=rule.within)
        if refusal.until is None or refusal.until > latest:
            _end(edit, occasion, "refused", refusal.cause)
        else:
            occasion.wake_at = refusal.until
        return
    task = await _task(edit, rule, occasion, customer)
    occasion.task_id = task.id
    _end(edit, occasion, "done", None, action=f"{rule.means}_wanted")


async def _no_more(
    edit: Edit,
    record: CareRule,
    rule: Rule,
    occasion: CareOccasion,
    customer: Customer | None,
    time_zone: str,
) -> str | None:
    """Why it is no occasion any more; None if it is."""
    if not record.enabled:
        return "rule_disabled"
    if customer is None or customer.erased_at is not None:
        return "erased"
    if edit.now > occasion.at + timedelta(days=LATE):
        return "late"
    names = await Customers(edit.session).names_of(customer.id)
    others = await Care(edit.session).same(occasion.rule_id, occasion.key, names)
    if any(one.id != occasion.id and one.state in {"done", "answered"} for one in others):
        return "merged"
    if not await _still(edit.session, rule, occasion, customer, time_zone):
        return "changed"
    return None


async def _still(
    session: AsyncSession, rule: Rule, occasion: CareOccasion, customer: Customer, time_zone: str
) -> bool:
    """Whether what it is about is as it was when it was planned."""
    zone = zone_of(customer, time_zone)
    match rule.when:
        case Yearly() as when:
            day = care.local_day(occasion.at, zone)
            return yearly_of(rule, when, customer, day, time_zone) is not None
        case AfterTicket():
            ticket = await session.get(Ticket, occasion.about or "")
            return ticket is not None and ticket.closed_at is not None
        case AfterOrder():
            order = await session.get(Order, occasion.about or "")
            return order is not None and order.state == "fulfilled"
        case NoContact() as when:
            last = await last_contact(session, customer)
            return care.silence(rule, when.months, last, zone).key == occasion.key


async def _keep(edit: Edit, rule_id: str, found: Sequence[Found]) -> None:
    """Those that nobody has planned yet, under whatever id of the customer's."""
    owners = await Customers(edit.session).owners_of({one.customer_id for one in found})
    keys = {one.occasion.key for one in found}
    there = await Care(edit.session).keys_of(rule_id, keys, owners.keys())
    kept = {(owners[who], key) for who, key in there}
    for one in found:
        if (one.customer_id, one.occasion.key) in kept:
            continue
        kept.add((one.customer_id, one.occasion.key))
        edit.session.add(
            CareOccasion(
                id=edit.new_id(),
                rule_id=rule_id,
                customer_id=one.customer_id,
                key=one.occasion.key,
                at=one.occasion.at,
                about=one.about,
                years=one.occasion.years,
                number=one.occasion.number,
                wake_at=one.occasion.at,
                created_at=edit.now,
                updated_at=edit.now,
            )
        )


async def _task(edit: Edit, rule: Rule, occasion: CareOccasion, customer: Customer) -> Task:
    to = await _whose(edit, rule, customer)
    occurred = care.Occasion(occasion.key, occasion.at, occasion.years, occasion.number)
    new = todo.NewTask(
        title=f"{rule.labels.zh} / {rule.labels.en}",
        notes=care.filled(rule.text, customer.language, name=customer.name, occasion=occurred),
        kind=rule.means,
        assignee_id=to.agent_id,
        team=to.team,
        role=to.role,
        customer_id=customer.id,
        due_at=edit.now + timedelta(days=rule.within),
    )
    try:
        return await todo.create(edit, new)
    except InvalidField:  # whom the rule names is gone: whoever of the agents is free
        return await todo.create(edit, _for_anybody(new))


def _for_anybody(new: todo.NewTask) -> todo.NewTask:
    values = {name: getattr(new, name) for name in new.__slots__}
    return todo.NewTask(**(values | {"assignee_id": None, "role": "agent"}))


async def _whose(edit: Edit, rule: Rule, customer: Customer) -> Assignment:
    match rule.who:
        case OwnerOf() as who:
            if customer.owner_id is not None:
                return Assignment(customer.owner_id, customer.team)
            team, role = who.team or customer.team, Role(rule="role", role=who.role)
            given = InTurn(rule="team", team=team) if who.team is not None else role
            return await assign(edit.session, given, customer)
        case _ as other:
            return await assign(edit.session, other, customer)


def _end(
    edit: Edit, occasion: CareOccasion, state: str, cause: str | None, action: str | None = None
) -> None:
    occasion.state, occasion.cause, occasion.wake_at = state, cause, None
    occasion.updated_at = edit.now
    edit.change.record("care_occasion", occasion.id, action or state, fields=["state"])
