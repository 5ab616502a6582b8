"""What customers and tiers were promised: which promise counts, and who is told of its risk."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from acd.model import ContactId, WaitingContact
from crm.breach import AT_RISK
from cti_server.sales.waits import WINDOW, Served, WaitPromises
from cti_server.store.customers import Customer
from cti_server.store.ticket_clocks import TicketClock
from cti_server.store.ticket_histories import TicketHistories
from cti_server.tickets import shipped
from cti_server.tickets.edit import Edit
from cti_server.tickets.escalations import Escalations
from cti_server.tickets.histories import Histories
from cti_server.tickets.opening import NewTicket, open_ticket
from cti_server.wire.events import (
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

from .asking import Asking, asking
from .conftest import Centre

LABELS = {"zh": "金牌服务", "en": "Gold service"}
GOLD: dict[str, Any] = {
    "labels": LABELS,
    "tier": "gold",
    "terms": {
        "waits": [{"seconds": 60}, {"queue": "sales", "seconds": 20}],
        "tickets": [{"type": "fault", "resolution": 600}, {"response": 30}],
    },
}
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def sun(centre: Centre) -> Asking:
    """An administrator of a centre with the shipped types and two gold customers."""
    now = centre.parts.clock.now()
    await shipped.load(centre.parts.changes, now, centre.parts.new_id)
    async with centre.parts.database.sessions.begin() as session:
        for id in ("gu", "contract"):
            session.add(Customer(id=id, name=id, tier="gold", created_at=now, updated_at=now))
    return asking(centre, "sun")


async def targets(who: Asking, **ticket: Any) -> dict[str, int]:
    made = await who("POST", "tickets", {"type": "fault", "subject": "No signal"} | ticket)
    assert made.status == 201, made.body
    return {clock["kind"]: clock["target"] // 60 for clock in made.body["clocks"]}


async def test_a_contract_counts_before_the_tier_and_the_tier_before_the_type(
    centre: Centre, sun: Asking
) -> None:
    li = asking(centre, "li")
    usual = await targets(li)
    tier = await sun("POST", "service-promises", GOLD)
    contract = {
        "labels": LABELS,
        "customer_id": "contract",
        "terms": {"tickets": [{"response": 5}]},
    }
    own = await sun("POST", "service-promises", contract)

    by_tier = await targets(li, customer_id="gu")
    by_contract = await targets(li, customer_id="contract")
    over = {"version": own.body["version"], "active_to": "2020-01-01T00:00:00Z"}
    assert (await sun("PATCH", f"service-promises/{own.body['id']}", over)).status == 200
    afterwards = await targets(li, customer_id="contract")

    assert usual != by_tier == {"response": 30, "resolution": 600}
    assert by_contract == {"response": 5, "resolution": 600}
    assert afterwards == by_tier
    assert (await li("DELETE", f"service-promises/{tier.body['id']}", version="1")).status == 403
    neither = await sun("POST", "service-promises", GOLD | {"customer_id": "gu"})
    assert (neither.status, "either tier or customer_id" in neither.body["detail"]) == (422, True)


@pytest.mark.req("CR-14")
async def test_what_a_customer_was_promised_is_told_of_before_it_is_broken(
    centre: Centre, sun: Asking
) -> None:
    terms = {"waits": [{"queue": "sales", "seconds": 600}], "tickets": [{"resolution": 30}]}
    assert (await sun("POST", "service-promises", GOLD | {"terms": terms})).status == 201

    await a_ticket_that_will_be_late_is_told_of(centre)
    await a_wait_that_will_be_long_is_told_of(centre)


async def a_ticket_that_will_be_late_is_told_of(centre: Centre) -> None:
    """Of forty earlier faults each took a minute longer than the one before it."""
    here, li = centre.parts, asking(centre, "li")
    async with here.changes.begin("li") as change:
        edit = Edit(change, here.clock.now(), here.new_id)
        for minutes in range(1, 41):
            old = await open_ticket(edit, NewTicket(type="fault", subject="Old"))
            clock = await change.session.get_one(TicketClock, (old.id, "resolution"))
            clock.spent, clock.met_at = minutes * 60, edit.now
            clock.risk_at = clock.wake_at = None
    late = await li(
        "POST",
        "tickets",
        {"type": "fault", "subject": "New", "customer_id": "gu", "owner_id": "li"},
    )
    now = here.clock.now()
    histories = Histories(here.database, here.changes, here.new_id)
    escalations = Escalations(here.database, here.changes, here.new_id)
    while (due := await histories.earliest()) is not None and due <= now:
        await histories.do(now)
    await escalations.do(now)
    async with here.database.readers() as session:
        curve = await TicketHistories(session).curve("fault", "resolution")
    [risk] = [
        one
        for one in (await li("GET", "ticket-risks")).body
        if (one["ticket_id"], one["clock"]) == (late.body["id"], "resolution")
    ]
    before = await _at_risk(centre)
    await escalations.do(now + 25 * MINUTE)
    told = await _at_risk(centre)

    assert curve is not None
    assert curve(30 * 60) == pytest.approx(10 / 40, abs=0.03)
    assert (risk["target"], risk["at_risk"]) == (1800, False)
    assert risk["probability"] == pytest.approx(0.25, abs=0.03)
    assert before == []
    assert {agent_id for _, agent_id in told} >= {"li", "zhao"}
    assert {ticket_id for ticket_id, _ in told} == {late.body["id"]}


async def _at_risk(centre: Centre) -> list[tuple[str, str | None]]:
    return [
        (event.record_id, event.agent_id)
        for event in (logged.event for logged in await centre.parts.log.since(0, 10_000))
        if isinstance(event, RecordChanged) and event.action == "at_risk"
    ]


async def a_wait_that_will_be_long_is_told_of(centre: Centre) -> None:
    """Six were served in a minute, and then nobody is; somebody is ahead."""
    here = centre.parts
    waits = here.wait_promises
    here.log.subscribe(waits.hear)
    now = here.clock.now()
    for number in range(6):
        here.log.append(queued(f"before-{number}", now))
        here.log.append(
            OfferAccepted(contact_id=f"before-{number}", interaction_id="i", agent_id="li")
        )
    for contact_id, customer_ids in (("other", []), ("k", ["gu"])):
        here.log.append(
            CustomerMatched(contact_id=contact_id, match="one", customer_ids=customer_ids)
        )
        now = here.clock.now()
        here.floor.enqueue(WaitingContact(ContactId(contact_id), "sales", now))
    await waits.do(now)
    [first] = waits.risks(now)
    soon = await waits.earliest()
    assert soon is not None
    while (at := await waits.earliest()) is not None:  # and nobody is served
        soon = at
        await waits.do(at)
    [last] = waits.risks(soon)
    listed = await asking(centre, "zhao")("GET", "wait-risks")
    here.floor.withdraw(ContactId("k"))
    here.log.append(ContactEnded(contact_id="k", outcome="abandoned", reason="caller-hung-up"))
    await here.log.stored()
    events = [logged.event for logged in await here.log.since(0, 10_000)]
    [told] = [event for event in events if isinstance(event, WaitAtRisk)]

    assert (first.contact_id, first.customer_ids) == ("k", ("gu",))
    assert first.until == now + 10 * MINUTE
    assert first.ahead == 1
    assert first.probability < 0.01  # six have been served in a minute
    assert last.probability >= AT_RISK
    assert now + 5 * MINUTE < soon < first.until
    assert (told.contact_id, told.promised_until) == ("k", first.until)
    assert waits.risks(now) == []
    [listed_one] = listed.body
    assert (listed_one["contact_id"], listed_one["ahead"]) == ("k", 1)


class Hall:
    """A queue with a clock of its own, where it is counted how often a contact is looked at."""

    def __init__(self, centre: Centre, at: datetime) -> None:
        self.at = at
        self.looks = 0
        self.told: list[Event] = []
        self.waits = WaitPromises(
            centre.parts.database,
            self.told.append,
            now=lambda: self.at,
            position=self._position,
            due_changed=lambda: None,
        )

    def _position(self, contact_id: str) -> int:
        self.looks += 1
        return 1

    def hear(self, *events: Event) -> None:
        for event in events:
            self.waits.hear(Logged(sequence=1, at=self.at, event=event))

    async def until(self, at: datetime) -> None:
        """All that is due by then."""
        while (due := await self.waits.earliest()) is not None and due <= at:
            self.at = max(due, self.at)
            await self.waits.do(self.at)
        self.at = at


def joined(contact_id: str, at: datetime) -> list[Event]:
    """A contact of a gold customer's."""
    matched = CustomerMatched(contact_id=contact_id, match="one", customer_ids=["gu"])
    return [matched, queued(contact_id, at)]


@pytest.fixture
async def hall(centre: Centre, sun: Asking) -> Hall:
    """Gold customers were promised ten minutes in the queue."""
    terms = {"waits": [{"queue": "sales", "seconds": 600}]}
    assert (await sun("POST", "service-promises", GOLD | {"terms": terms})).status == 201
    return Hall(centre, centre.parts.clock.now())


async def test_who_waits_is_looked_at_once_a_second_however_many_join_and_leave(
    hall: Hall,
) -> None:
    begin = hall.at
    for number in range(10):
        hall.hear(*joined(f"k{number}", begin))
    await hall.until(begin + timedelta(seconds=5))
    before = hall.looks
    for number in range(50):  # in half a second
        hall.hear(queued(f"x{number}", hall.at))
        hall.hear(OfferAccepted(contact_id=f"x{number}", interaction_id="i", agent_id="li"))
        await hall.until(hall.at + timedelta(milliseconds=10))
    at_once = hall.looks - before
    await hall.until(hall.at + timedelta(seconds=1))

    assert at_once == 10  # each of those who wait, when the first one joined
    assert hall.looks - before == 20  # and then for all the others together


async def test_contacts_that_are_over_are_not_remembered(hall: Hall) -> None:
    ended = ContactEnded(contact_id="k", outcome="handled", reason="caller-hung-up")
    hall.hear(*joined("k", hall.at), ended)
    hall.hear(CustomerChosen(contact_id="k", customer_id="gu", chosen_by="li"))
    hall.hear(queued("k", hall.at))
    await hall.until(hall.at)
    unknown = hall.waits.risks(hall.at)
    hall.hear(CustomerChosen(contact_id="k", customer_id="gu", chosen_by="li"))
    await hall.until(hall.at)
    [known] = hall.waits.risks(hall.at)

    assert unknown == []
    assert known.customer_ids == ("gu",)


def test_who_was_served_long_ago_is_forgotten_though_nobody_asks() -> None:
    begin = datetime(2026, 11, 22, tzinfo=UTC)
    served = Served(begin)
    for minute in range(1000):
        served.another(begin + minute * MINUTE)

    assert len(served.moments) == WINDOW // MINUTE


def queued(contact_id: str, at: Any) -> ContactQueued:
    return ContactQueued(
        contact_id=contact_id, queue="sales", queued_at=at, priority=0, requirements={}
    )
