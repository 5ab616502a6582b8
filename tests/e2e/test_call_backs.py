"""Customers who are called back at their own place: the agent first, or the customer first."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from simulator.audio import tone
from simulator.phone import OnRing, Phones, Softphone, decline, ring_on
from simulator.phone_call import PhoneCall

from . import possessions
from .book import Seen
from .carrier import LOOPBACK, carrier, trunk
from .centre import LI, Centre, centre
from .next_life import bury, risen
from .people import Agent, Caller
from .sounds import beeps_in
from .talking import CUSTOMER_HZ, LI_HZ, hears, hears_ringing, queue, speak

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST, SECOND, THIRD, FOURTH, TEXTER = (f"+861380013800{n}" for n in range(1, 6))
CSV = f"external_id,name,numbers\nC1,Zhang Wei,{FIRST}\nC2,Wu Lei,{TEXTER}\n".encode()


def back(name: str, mode: str, **more: Any) -> dict[str, Any]:
    """A queue that calls back whoever hung up, at once; the busy soon again."""
    rules = {
        "mode": mode,
        "offer_abandoned_after": 0,
        "abandoned_rest": 0,
        "pauses": {"busy": 0.5, "no_answer": 60},
    }
    exits = {"1": {"then": "call_back"}}
    ring = {"customer_ring_for": 1, "exits": exits, "call_backs": rules | more}
    return {**queue(name, "sales"), **ring}


QUEUES = [
    back("agents", "agent_first"),
    back("customers", "customer_first"),
    back("list", "by_hand"),
    {**back("headsets", "agent_first"), "auto_answer": True},
]
NUMBERS = {
    "2000": {"queue": "agents", "language": "en"},
    "2001": {"queue": "customers", "language": "en"},
}


@dataclass
class Office:
    """A centre whose only agent is li, and customers with telephones."""

    it: Centre
    company: Phones
    phones: dict[str, Softphone] = field(default_factory=dict)
    rung: "asyncio.Queue[tuple[str, PhoneCall]]" = field(default_factory=asyncio.Queue)

    def customer(self, number: str, act: OnRing) -> None:
        """What the telephone of this number does from now on."""

        def take(call: PhoneCall) -> None:
            self.rung.put_nowait((number, call))
            act(call)

        if number not in self.phones:
            self.phones[number] = self.company.add(number)
        self.phones[number].on_ring = take

    @property
    def li(self) -> Agent:
        return self.it.agents["li"]

    async def theirs(self, number: str) -> PhoneCall:
        """The next call to a customer, which is to this number."""
        async with asyncio.timeout(30):
            called, call = await self.rung.get()
        assert called == number
        return call

    async def waiting(self, number: str, dialled: str = "2000") -> Caller:
        caller = self.it.caller(number=number)
        await caller.dial(dialled)
        await caller.queued()
        return caller

    async def hung_up(self, number: str, dialled: str = "2000") -> str:
        """Somebody waited and hung up; their call-back's id."""
        caller = await self.waiting(number, dialled)
        caller.leave()
        await self.wanted(caller.contact_id)
        return caller.contact_id

    async def wanted(self, call_back_id: str) -> Seen:
        return await self.it.book.when("call_back.wanted", contact_id=call_back_id)

    async def asked(self, number: str, queue: str = "agents") -> dict[str, Any]:
        status, made = await self.li.desk.post("/api/v1/call-backs", number=number, queue=queue)
        assert status == 201, made
        return dict(made)

    async def closed(self, call_back_id: str) -> dict[str, Any]:
        seen = await self.it.book.when("call_back.closed", contact_id=call_back_id)
        return seen.data

    async def listed(self, state: str, call_back_id: str) -> dict[str, Any]:
        """As the list has it, when it is so far."""

        def of(page: dict[str, Any]) -> list[dict[str, Any]]:
            return [one for one in page["items"] if one["id"] == call_back_id]

        [found] = of(await self.li.desk.when(f"/api/v1/call-backs?state={state}", of))
        return found

    async def talk(self, mine: PhoneCall, theirs: PhoneCall) -> None:
        """They hear one another, and the customer hangs up."""
        mine.say(tone(LI_HZ))
        theirs.say(tone(CUSTOMER_HZ))
        await asyncio.gather(hears(mine, CUSTOMER_HZ), hears(theirs, LI_HZ))
        theirs.hang_up()
        await mine.ended()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with (
        carrier() as company,
        centre(
            tmp_path_factory.mktemp("office"),
            LI,
            customers=CSV,
            queues=QUEUES,
            numbers=NUMBERS,
            sip={"trunks": [LOOPBACK, trunk("carrier", company, caller_id="+8675595500")]},
            routes=[{"prefix": "+86", "trunks": ["carrier"]}],
        ) as it,
    ):
        yield Office(it, company)


@pytest_asyncio.fixture(loop_scope="module")
async def here(office: Office) -> AsyncIterator[Office]:
    """Every customer picks up, so does li, who is not ready yet."""
    for number in (FIRST, SECOND, THIRD, FOURTH):
        office.customer(number, speak(CUSTOMER_HZ))
    office.li.on_ring(speak(LI_HZ))
    await office.li.desk.set_state("not_ready")
    yield office
    await office.li.desk.set_state("not_ready")
    office.it.everybody_hangs_up()
    await office.it.settled()


async def test_who_is_called_back_is_served_when_their_turn_would_have_been(here: Office) -> None:
    """Callers and call-backs, one by one, as they came: not ahead of anybody, not behind."""
    gone = await here.waiting(FIRST)
    second = await here.waiting(SECOND)
    gone.leave()  # after somebody else has come behind them
    await here.wanted(gone.contact_id)
    third = await here.waiting(THIRD)
    await third.call.press("1")
    fourth = await here.waiting(FOURTH)
    await here.it.book.when("call_back.queued", contact_id=third.contact_id)
    first_moment = (await gone.queued()).data["queued_at"]

    await here.li.desk.set_state("ready")
    mine = await here.li.rung()
    await here.talk(mine, await here.theirs(FIRST))
    for caller in (second, None, fourth):
        mine = await here.li.rung()
        await here.talk(mine, caller.call if caller else await here.theirs(THIRD))

    reached = await here.closed(gone.contact_id)
    dialled = await here.it.book.when("call_back.dialled", contact_id=gone.contact_id)
    history = await here.it.history(dialled.data["new_contact_id"])
    assert (reached["outcome"], reached["closed_by"]) == ("reached", "li")
    contact = history["contact"]
    assert contact["queued_at"] == first_moment
    assert (contact["call_back_of"], contact["outcome"]) == (gone.contact_id, "handled")
    [handling] = history["interactions"]
    assert (handling["outcome"], handling["ended_by"]) == ("handled", "caller")
    assert handling["why"]["rule"] == "most_urgent_contact"
    assert (await here.listed("reached", third.contact_id))["reason"] == "asked"


async def test_a_busy_customer_is_called_again_and_the_agent_has_handled_nothing(
    here: Office,
) -> None:
    here.customer(FIRST, decline(486))
    await here.li.desk.set_state("ready")
    made = await here.asked(FIRST)
    mine = await here.li.rung()
    await here.theirs(FIRST)
    busy = await here.it.book.when("call_back.not_reached", contact_id=made["id"])
    await mine.ended()
    here.customer(FIRST, ring_on)
    mine = await here.li.rung()
    theirs = await here.theirs(FIRST)
    theirs.ring()
    await hears_ringing(mine)
    theirs.answer()
    await here.talk(mine, theirs)
    await here.closed(made["id"])
    told = await here.listed("reached", made["id"])

    assert (busy.data["outcome"], busy.data["counted"], busy.data["agent_id"]) == (
        "busy",
        True,
        "li",
    )
    assert [each["outcome"] for each in told["tried"]] == ["busy", "reached"]
    assert (told["attempts"], told["failed"]) == (2, 1)


async def test_the_customer_first_while_the_agent_is_held_and_rung_when_they_answer(
    here: Office,
) -> None:
    here.customer(FIRST, ring_on)
    call_back_id = await here.hung_up(FIRST, "2001")
    async with here.li.desk.stream() as stream:
        await here.li.desk.set_state("ready")
        offered = await stream.until("contact.offered", agent_id="li")
        theirs = await here.theirs(FIRST)
        theirs.ring()
        await stream.until("customer.ringing")
        held = (await here.li.is_in("ringing"), here.li.silent)
        theirs.answer()
        mine = await here.li.rung()
        await here.talk(mine, theirs)
    reached = await here.closed(call_back_id)

    assert offered["pop"]["customer"]["customers"][0]["name"] == "Zhang Wei"
    assert held[1]  # nobody picks up before the customer has
    assert theirs.answered_at is not None
    assert mine.began_at > theirs.answered_at
    assert reached["outcome"] == "reached"


async def test_a_customer_who_does_not_answer_frees_the_agent_who_never_heard_of_it(
    here: Office,
) -> None:
    here.customer(SECOND, ring_on)
    made = await here.asked(SECOND, "customers")
    await here.li.desk.set_state("ready")
    theirs = await here.theirs(SECOND)
    failed = await here.it.book.when("call_back.not_reached", contact_id=made["id"])
    await here.li.is_in("ready")

    assert (await theirs.ended()).cause == "cancelled"
    assert (failed.data["outcome"], here.li.silent) == ("no_answer", True)


async def test_whose_headset_picks_up_by_itself_hears_a_beep_before_the_customer_is_rung(
    here: Office,
) -> None:
    await here.li.desk.set_state("ready")
    made = await here.asked(FOURTH, "headsets")
    mine = await here.li.rung()
    await here.talk(mine, await here.theirs(FOURTH))

    assert (await here.closed(made["id"]))["outcome"] == "reached"
    assert len(beeps_in(mine.heard.everything()))


async def test_who_wants_text_only_is_never_offered_a_call(here: Office) -> None:
    listed = await here.it.chief.get("/api/v1/customers")
    [texter] = [each for each in listed["items"] if each["name"] == "Wu Lei"]
    here.customer(TEXTER, speak(CUSTOMER_HZ))
    await here.li.desk.set_state("ready")
    clicked = await here.asked(TEXTER, "list")
    await here.it.chief.patch(
        f"/api/v1/customers/{texter['id']}",
        version=texter["version"],
        preferences={"preferred": ["sms"], "never": ["voice"]},
    )
    by_click, why = await here.li.desk.post(f"/api/v1/call-backs/{clicked['id']}/dial")
    by_hand, written = await here.li.desk.post("/api/v1/call-backs", number=TEXTER, queue="agents")
    await here.li.desk.set_state("not_ready")
    hung_up = await here.hung_up(TEXTER)
    refused = await here.closed(hung_up)

    for status, problem in ((by_click, why), (by_hand, written)):
        assert (status, problem["type"]) == (409, "CustomerDeclines")
        assert "channel_refused" in problem["detail"]
    assert (refused["outcome"], refused["cause"]) == ("refused", "channel_refused")
    assert here.rung.empty()


async def test_a_killed_server_calls_everybody_back_in_the_same_order(office: Office) -> None:
    """Last of all: the centre is gone afterwards."""
    for number in (FIRST, SECOND):
        office.customer(number, speak(CUSTOMER_HZ))
    before = await office.hung_up(FIRST)
    after = (await office.asked(SECOND))["id"]
    for call_back_id in (before, after):
        await office.listed("waiting", call_back_id)
    family = possessions.descendants(office.it.control_pid)
    possessions.kill(office.it.control_pid)
    await bury(office.it.server, *family)
    async with risen(office.it) as office.it:
        for call_back_id in (before, after):
            await office.it.book.when("call_back.queued", contact_id=call_back_id)
        office.li.on_ring(speak(LI_HZ))
        await office.li.desk.set_state("ready")
        for number in (FIRST, SECOND):
            mine = await office.li.rung()
            await office.talk(mine, await office.theirs(number))
        outcomes = [(await office.closed(one))["outcome"] for one in (before, after)]

    assert outcomes == ["reached", "reached"]
