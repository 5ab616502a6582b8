"""Agents call customers with a click: their own phone first, then the customer's."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from simulator.audio import tone
from simulator.phone import OnRing, Softphone, answer, decline, ring_on
from simulator.phone_call import PhoneCall
from tests.running_server import Desktop

from . import possessions
from .book import WITHIN
from .carrier import LOOPBACK, carrier, trunk
from .centre import LI, WANG, Centre, centre
from .people import Agent
from .talking import expert

pytestmark = pytest.mark.asyncio(loop_scope="module")

RINGING = 450.0
"""Hz of the ringing that an agent hears (GF 002-9002)."""

CUSTOMER = "+8613800138000"
CSV = f"external_id,name,numbers\nC1,Zhang Wei,{CUSTOMER}\n".encode()


def queue(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "skills": {"sales": 1},
        "ring_for": 3,
        "wrap_up": 0.2,
        "announce_position_every": None,
        **more,
    }


QUEUES = [
    queue("service", caller_id="+8675595588"),
    queue("quick", record=False, wrap_up=0, customer_ring_for=1, call_backs={"mode": "by_hand"}),
    queue("secret", record=False, mask_numbers=True),
]


@dataclass
class Office:
    """A centre, its agent li who is ready, and a customer with a telephone."""

    it: Centre
    customer: Softphone

    def __post_init__(self) -> None:
        self.customer_does(ring_on)

    def customer_does(self, act: OnRing) -> None:
        """What the customer's telephone does from now on; calls that rang are forgotten."""
        self._rung: asyncio.Queue[PhoneCall] = asyncio.Queue()

        def take(call: PhoneCall) -> None:
            self._rung.put_nowait(call)
            act(call)

        self.customer.on_ring = take

    async def rung(self) -> PhoneCall:
        """The next call that came to the customer's telephone."""
        async with asyncio.timeout(WITHIN):
            return await self._rung.get()

    @property
    def li(self) -> Agent:
        return self.it.agents["li"]

    async def post(
        self, path: str, desk: Desktop | None = None, **body: Any
    ) -> tuple[int, dict[str, Any]]:
        return await (desk or self.li.desk).post(path, **body)

    async def dial(self, queue: str = "service", number: str = CUSTOMER) -> str:
        """Click; the new contact's id."""
        status, placed = await self.post("/api/v1/contacts", number=number, queue=queue)
        assert status == 201, placed
        return str(placed["contact_id"])

    async def over(self, contact_id: str) -> tuple[str, str]:
        ended = await self.it.book.when("contact.ended", contact_id=contact_id)
        return ended.data["outcome"], ended.data["reason"]

    async def talks(self, mine: PhoneCall, theirs: PhoneCall) -> None:
        mine.say(tone(700))
        theirs.say(tone(900))
        await mine.hears(900)
        await theirs.hears(700)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with carrier() as company:
        customer = company.add(CUSTOMER)
        async with centre(
            tmp_path_factory.mktemp("office"),
            LI,
            WANG,
            customers=CSV,
            queues=QUEUES,
            numbers={"2000": {"queue": "service"}, "2001": {"queue": "quick", "language": "en"}},
            sip={"trunks": [LOOPBACK, trunk("carrier", company, caller_id="+8675595500")]},
            routes=[{"prefix": "+86", "trunks": ["carrier"]}],
            allowed=lambda line: "media.worker" in str(line) or "recording" in str(line),
        ) as it:
            yield Office(it, customer)


@pytest_asyncio.fixture(loop_scope="module")
async def here(office: Office) -> AsyncIterator[Office]:
    """Li is ready, the customer's telephone rings."""
    office.customer_does(ring_on)
    office.li.on_ring(answer())
    await office.li.desk.set_state("ready")
    yield office
    for agent in office.it.agents.values():
        await agent.desk.set_state("not_ready")
    await office.it.settled()


async def test_the_agent_is_rung_hears_the_customers_phone_ring_and_then_the_customer(
    here: Office,
) -> None:
    async with here.li.desk.stream() as stream:
        contact_id = await here.dial()
        offered = await stream.until("contact.offered", contact_id=contact_id)
        mine = await here.li.rung()
        theirs = await here.rung()
        theirs.ring()
        theirs.ring()  # proxies and phones say it again
        await stream.until("customer.ringing", contact_id=contact_id, early_media=False)
        await mine.hears(RINGING)
        assert not here.it.book.find("interaction.started", contact_id=contact_id)
        theirs.answer()
        await here.it.book.when("interaction.started", contact_id=contact_id, agent_id="li")
        await here.talks(mine, theirs)
        await here.it.book.when("recording.started", contact_id=contact_id)
        await asyncio.sleep(1)  # of conversation, for the recording
        theirs.hang_up()
        await mine.ended()
        outcome = await here.over(contact_id)
        await here.li.is_in("ready")
        stored = await here.it.book.when("recording.stored", contact_id=contact_id)
        history = await here.it.chief.get(f"/api/v1/contacts/{contact_id}")
        await here.it.settled()

    assert outcome == ("handled", "caller-hung-up")
    rang = [seen for seen in here.it.book.seen if seen.event == "customer.ringing"]
    assert len([seen for seen in rang if seen.data["contact_id"] == contact_id]) == 1
    assert theirs.number == "+8675595588"  # the queue's own
    pop = offered["pop"]
    assert (pop["direction"], pop["caller_number"]) == ("outbound", CUSTOMER)
    assert [each["name"] for each in pop["customer"]["customers"]] == ["Zhang Wei"]
    contact = history["contact"]
    assert (contact["direction"], contact["agent_id"]) == ("outbound", "li")
    assert (contact["caller_number"], contact["dialled_number"]) == (CUSTOMER, "+8675595588")
    assert len(contact["customer_ids"]) == 1
    assert [(leg["role"], leg["reason"]) for leg in history["legs"]] == [
        ("agent", "released"),
        ("customer", "caller-hung-up"),
    ]
    assert stored.data["duration"] > 0.5


CAUSES: list[tuple[OnRing, str, int | None, str]] = [
    (decline(486), "busy", 486, "declined"),
    (decline(603), "declined", 603, "declined"),
    (decline(404), "unknown-number", 404, "unreachable"),
    (decline(480), "unavailable", 480, "unreachable"),
    (ring_on, "no-answer", None, "not-answered"),
]


async def test_why_a_customer_was_not_reached_is_told_to_the_agent(here: Office) -> None:
    async with here.li.desk.stream() as stream:
        for act, cause, status, reason in CAUSES:
            here.customer_does(act)
            contact_id = await here.dial("quick")
            mine = await here.li.rung()
            told = await stream.until("customer.not_reached", contact_id=contact_id)
            await mine.ended()

            assert (told["data"]["cause"], told["data"]["status"]) == (cause, status)
            assert await here.over(contact_id) == ("not_reached", reason)
            await here.li.is_in("ready")
        await here.it.settled()


async def test_an_agent_may_give_up_and_one_who_does_not_pick_up_calls_nobody(
    here: Office,
) -> None:
    for by_click in (False, True):
        contact_id = await here.dial("quick")
        mine = await here.li.rung()
        theirs = await here.rung()
        theirs.ring()
        await here.it.book.when("customer.ringing", contact_id=contact_id)
        if by_click:
            status, _ = await here.post(f"/api/v1/contacts/{contact_id}/release")
            assert status == 200
            await mine.ended()
        else:
            mine.hang_up()
        assert (await theirs.ended()).cause == "cancelled"
        told = await here.it.book.when("customer.not_reached", contact_id=contact_id)
        assert told.data["cause"] == "agent-left"
        assert (await here.over(contact_id))[0] == "not_reached"
        await here.li.is_in("ready")

    called = len(here.customer.calls)
    here.li.on_ring(decline(486))
    contact_id = await here.dial()

    assert await here.over(contact_id) == ("not_reached", "agent-not-reached")
    assert len(here.customer.calls) == called
    await here.it.settled()


async def test_what_cannot_be_dialled_is_refused_at_once(here: Office) -> None:
    before = await here.it.figures()
    refused = {}
    for number in ("+442079460958", "110", "front desk", "sip:x@127.0.0.1"):
        _, problem = await here.post("/api/v1/contacts", number=number, queue="quick")
        refused[number] = (problem["status"], problem["type"])
    nowhere = await here.post("/api/v1/contacts", number=CUSTOMER, queue="nowhere")
    both = await here.post("/api/v1/contacts", number=CUSTOMER, customer_id="x", queue="quick")
    nobody = await here.post("/api/v1/contacts", customer_id="nobody", queue="quick")
    await here.li.desk.set_state("not_ready")
    away = await here.post("/api/v1/contacts", number=CUSTOMER, queue="quick")
    after = await here.it.figures()

    assert refused == {
        "+442079460958": (422, "NoTrunkForNumber"),
        "110": (422, "EmergencyNumber"),
        "front desk": (422, "NotANumber"),
        "sip:x@127.0.0.1": (422, "NotANumber"),
    }
    assert (nowhere[0], nowhere[1]["type"]) == (404, "UnknownQueue")
    assert both[0] == 422
    assert nobody[0] == 404
    assert (away[0], away[1]["type"]) == (409, "AgentNotFree")
    assert after["hotline_calls_arrived_total"] == before["hotline_calls_arrived_total"]


async def test_a_customer_who_agreed_to_no_advertising_is_not_rung_for_it(here: Office) -> None:
    listed = await here.li.desk.get("/api/v1/customers")
    [customer_id] = [each["id"] for each in listed["items"] if each["name"] == "Zhang Wei"]
    before = await here.it.figures()

    by_id = await here.post(
        "/api/v1/contacts", customer_id=customer_id, queue="quick", purpose="marketing"
    )
    by_number = await here.post(
        "/api/v1/contacts", number=CUSTOMER, queue="quick", purpose="marketing"
    )
    after = await here.it.figures()
    await here.post(
        f"/api/v1/customers/{customer_id}/consents",
        channel="voice",
        purpose="marketing",
        given=True,
        source="paper",
    )
    status, placed = await here.post(
        "/api/v1/contacts", customer_id=customer_id, queue="quick", purpose="marketing"
    )
    mine = await here.li.rung()
    await here.rung()
    mine.hang_up()
    await here.over(placed["contact_id"])

    for refused in (by_id, by_number):
        assert (refused[0], refused[1]["type"]) == (409, "CustomerDeclines")
        assert "no_consent" in refused[1]["detail"]
    assert after["hotline_calls_arrived_total"] == before["hotline_calls_arrived_total"]
    assert status == 201
    told = await here.it.book.when("outreach.refused", customer_id=customer_id)
    assert (told.data["cause"], told.data["asked_by"]) == ("no_consent", "li")


@pytest.mark.req("AG-14")
async def test_any_number_and_a_customers_record_can_be_dialled_and_a_masked_number_is_not_seen(
    here: Office,
) -> None:
    here.customer_does(answer())
    async with here.li.desk.stream() as stream:
        contact_id = await here.dial("quick")
        offered = await stream.until("contact.offered", contact_id=contact_id)
        mine = await here.li.rung()
        theirs = await here.rung()
        await here.talks(mine, theirs)
        theirs.hang_up()
        await here.over(contact_id)
        await here.li.is_in("ready")
        [customer] = offered["pop"]["customer"]["customers"]
        stream.received.clear()

        _, placed = await here.post("/api/v1/contacts", customer_id=customer["id"], queue="secret")
        contact_id = placed["contact_id"]
        offered = await stream.until("contact.offered", contact_id=contact_id)
        mine = await here.li.rung()
        theirs = await here.rung()
        await here.talks(mine, theirs)
        mine.hang_up()
        await here.over(contact_id)
        by_chief = await here.it.history(contact_id)
        own = await here.li.desk.get(f"/api/v1/contacts/{contact_id}")
        seen = [str(own), str(stream.received), mine.number]
        await here.it.settled()

    assert mine.answered_at is not None
    assert theirs.began_at > mine.answered_at  # the agent first
    assert not [text for text in seen if "13800138000" in text]
    assert offered["pop"]["caller_number"].endswith("8000")
    assert by_chief["contact"]["caller_number"] == CUSTOMER


async def test_after_the_call_out_the_agent_can_hand_the_customer_on(here: Office) -> None:
    here.customer_does(answer())
    contact_id = await here.dial("quick")
    mine = await here.li.rung()
    theirs = await here.rung()
    await here.talks(mine, theirs)
    wang = here.it.agents["wang"]
    await wang.desk.set_state("ready")
    status, _ = await here.post(f"/api/v1/contacts/{contact_id}/transfer", queue="quick")
    second = await wang.rung()
    await here.talks(second, theirs)
    second.hang_up()
    outcome = await here.over(contact_id)
    await here.it.settled()

    assert status == 200
    assert outcome[0] == "handled"


async def test_a_masked_number_is_not_shown_to_an_expert_outside_either(here: Office) -> None:
    """It may be the agent's own telephone."""
    outside = expert(here.it)
    here.customer_does(answer())
    contact_id = await here.dial("secret")
    mine = await here.li.rung()
    theirs = await here.rung()
    await here.talks(mine, theirs)
    status, _ = await here.post(f"/api/v1/contacts/{contact_id}/consult", number=outside.uri)
    shown = (await outside.incoming()).number
    mine.hang_up()
    theirs.hang_up()
    await here.over(contact_id)
    await here.it.settled()

    assert status == 200
    assert shown == "anonymous"


async def test_who_lost_the_place_is_called_back_by_a_click_and_the_wait_counts_from_the_first(
    here: Office,
) -> None:
    await here.li.desk.set_state("not_ready")
    lost = here.it.caller(number=CUSTOMER)
    await lost.dial("2001")
    queued = await lost.queued()
    [worker] = here.it.worker_pids
    possessions.kill(worker)
    await here.it.book.when("call_back.wanted", contact_id=lost.contact_id)
    await here.it.replaced(worker)
    path = f"/api/v1/call-backs/{lost.contact_id}/dial"
    await here.it.chief.when("/api/v1/call-backs", lambda found: found["items"] != [])

    busy, _ = await here.post(path)  # li is not ready
    await here.li.desk.set_state("ready")
    here.customer_does(decline(486, after=0.5))
    _, first = await here.post(path)
    again, problem = await here.post(path, here.it.agents["wang"].desk)
    await here.over(first["contact_id"])
    still = await here.it.chief.when(
        "/api/v1/call-backs", lambda found: [one["attempts"] for one in found["items"]] == [1]
    )
    await here.li.is_in("ready")

    here.customer_does(answer())
    here.li.on_ring(answer())
    _, second = await here.post(path)
    mine = await here.li.rung()
    theirs = await here.rung()
    await here.talks(mine, theirs)
    await here.it.book.when(
        "call_back.closed", contact_id=lost.contact_id, outcome="reached", closed_by="li"
    )
    theirs.hang_up()
    history = await here.it.history(second["contact_id"])
    await here.it.chief.when("/api/v1/call-backs", lambda found: found["items"] == [])
    gone, _ = await here.post(path)
    await here.it.settled()

    assert (busy, again, gone) == (409, 409, 404)
    assert problem["type"] == "CallBackTaken"
    assert [one["last_agent_id"] for one in still["items"]] == ["li"]
    contact = history["contact"]
    assert contact["queued_at"] == queued.data["queued_at"]
    assert contact["call_back_of"] == lost.contact_id
    assert (contact["direction"], contact["outcome"]) == ("outbound", "handled")
