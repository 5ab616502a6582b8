"""
Somebody else's program: it has docs/cti_protocol.md, HTTP and a WebSocket, and nothing of ours.

Ours are the centre that it talks to and the telephones, which say and hear tones.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from simulator.audio import tone
from simulator.phone import Softphone
from simulator.phone_call import PhoneCall
from tests.cti_page import ways

from .carrier import LOOPBACK, carrier, trunk
from .centre import Centre, centre, queue
from .foreign_program import PATIENCE, Message, Program, Stream, is_delta
from .people import Agent, Hire
from .talking import (
    CUSTOMER_HZ,
    LI,
    LI_HZ,
    ZHANG_HZ,
    hears,
    hears_only,
    hears_over,
    speak,
)

BOSS_HZ = ZHANG_HZ  # nobody else has that tone here
BOSS = Hire("boss", "8002", skills=(), roles=("supervisor",))
CHEN, ZHAO, FAMILY = "+8613800138001", "+8613800138002", "+8675526880001"
CUSTOMERS = (
    f"name,phone,tier\n陈静,{CHEN},gold\n赵敏,{ZHAO},gold\n王芳,{FAMILY},\n王强,{FAMILY},\n"
).encode()
QUEUE = queue("desk", skills={"desk": 1}, ring_for=30, call_backs={"mode": "agent_first"})
LONG = "Your balance is nine hundred dollars and twelve cents. " * 8


@dataclass
class Stage:
    """The two programs on their streams, and the telephones."""

    it: Centre
    li: Program
    boss: Program
    own: Stream
    """Li's, which takes commands."""
    of_boss: Stream
    """The supervisor's, which takes commands."""
    floor: Stream
    chen: Softphone
    zhao: Softphone
    """Where they are called."""

    @property
    def at_li(self) -> Agent:
        return self.it.agents["li"]

    async def calls_in(self, number: str) -> tuple[Message, PhoneCall, PhoneCall]:
        """Somebody calls and talks with li: the offer as li's program has it, and both calls."""
        phone = self.it.phones.add(number)
        known = {one["data"]["contact_id"] for one in self.own.told if is_offer(one)}
        theirs = await phone.call(self.it.server.uri("2000"))
        offer = await self.own.until(
            lambda: self.own.first(
                lambda one: is_offer(one) and one["data"]["contact_id"] not in known
            )
        )
        mine = await self.at_li.rung(PATIENCE)
        theirs.say(tone(CUSTOMER_HZ))
        await asyncio.gather(hears(theirs, LI_HZ), hears(mine, CUSTOMER_HZ))
        return offer, theirs, mine

    async def talk(self, contact_id: str, customer: Softphone) -> None:
        """Li is rung, then the customer, who picks up; they hear one another, and it is over."""
        mine = await self.at_li.rung(PATIENCE)
        theirs = await customer.incoming(PATIENCE)
        await self.own.event("customer.ringing", contact_id=contact_id)
        theirs.answer()
        theirs.say(tone(CUSTOMER_HZ))
        await asyncio.gather(hears(theirs, LI_HZ), hears(mine, CUSTOMER_HZ))
        theirs.hang_up()
        await self.is_over(contact_id)

    async def is_over(self, contact_id: str) -> str:
        """Wait until the contact has ended and li is ready again; the outcome."""
        ended = await self.floor.event("contact.ended", contact_id=contact_id)
        await self.own.event("interaction.ended", contact_id=contact_id)
        await self.own.until(lambda: self.own.state() == "ready" or None)
        return str(ended["data"]["outcome"])


def is_offer(one: Message) -> bool:
    return is_delta(one) and one["data"]["event"] == "contact.offered"


@contextlib.asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    async with (
        carrier() as company,
        centre(
            folder,
            *(LI, BOSS),
            customers=CUSTOMERS,
            queues=[QUEUE],
            numbers={"2000": {"queue": "desk", "language": "en"}},
            sip={"trunks": [LOOPBACK, trunk("carrier", company, caller_id="+8675595500")]},
            routes=[{"prefix": "+86", "trunks": ["carrier"]}],
        ) as it,
        aiohttp.ClientSession(it.server.api) as web,
    ):
        it.agents["li"].on_ring(speak(LI_HZ))
        it.agents["boss"].on_ring(speak(BOSS_HZ))
        li, boss = Program(web, "li"), Program(web, "boss")
        await li.log_in()
        await boss.log_in()
        async with (
            li.stream(desk="window-7") as own,
            boss.stream(desk="gallery-1") as of_boss,
            boss.stream(floor=True) as floor,
        ):
            await li.takes_calls(yes=True)
            chen, zhao = company.add(CHEN), company.add(ZHAO)
            yield Stage(it, li, boss, own, of_boss, floor, chen, zhao)
            await li.takes_calls(yes=False)


@pytest.mark.req("AG-02")
async def test_a_program_that_has_only_the_page_does_all_five_functions_and_is_told_of_each(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with staged(tmp_path_factory.mktemp("cti")) as here:
        chens_id = await matching_of_one(here)
        await matching_of_several_screen_and_voice(here)
        await outdial(here, chens_id)
        await monitoring(here)
        used = here.li.used | here.boss.used
    told = here.li.seen | here.boss.seen

    for way in ways():
        assert not way.verbs or way.verbs & used, way
        assert way.told_by <= told, way


async def matching_of_one(here: Stage) -> str:
    """A known customer's record is there before li's phone rings. The customer's id."""
    offer, theirs, _ = await here.calls_in(CHEN)
    contact_id, customer = offer["data"]["contact_id"], offer["pop"]["customer"]
    rings = await here.own.event("leg.started", agent_id="li")
    matched = await here.floor.event("contact.customer_matched", contact_id=contact_id)
    theirs.hang_up()
    await here.is_over(contact_id)

    assert customer["match"] == "one"
    assert [one["name"] for one in customer["customers"]] == ["陈静"]
    assert offer["sequence"] < rings["sequence"]
    assert here.own.told.index(offer) < here.own.told.index(rings)
    assert matched["data"]["match"] == "one"
    return str(customer["customers"][0]["id"])


async def matching_of_several_screen_and_voice(here: Stage) -> None:
    """Whose call it is, what is written down of it, and what the caller hears of a result."""
    li = here.li
    offer, theirs, _ = await here.calls_in(FAMILY)
    contact_id = offer["data"]["contact_id"]
    several = offer["pop"]["customer"]
    pops = [
        await li.asks("GET /api/v1/customers/{customer_id}/pop", customer_id=one["id"])
        for one in several["customers"]
    ]
    qiang = next(one for one in several["customers"] if one["name"] == "王强")
    await li.asks(
        "PUT /api/v1/contacts/{contact_id}/customer",
        {"customer_id": qiang["id"]},
        contact_id=contact_id,
    )
    chosen = await here.floor.event("contact.customer_chosen", contact_id=contact_id)
    await here.own.shown(contact_id, lambda pop: bool(pop["customer"]["match"] == "one"))

    assert several["match"] == "several"
    assert {pop["customers"][0]["name"] for pop in pops} == {"王芳", "王强"}
    assert (chosen["data"]["customer_id"], chosen["data"]["chosen_by"]) == (qiang["id"], "li")

    await screen(here, contact_id)
    await voice(here, contact_id, theirs)
    theirs.hang_up()
    await here.is_over(contact_id)


async def screen(here: Stage, contact_id: str) -> None:
    """What is written is shown anew, kept while a stream is away, and told to who comes back."""
    li = here.li
    seen = (await here.own.event("contact.offered", contact_id=contact_id))["sequence"]
    await li.asks(
        "POST /api/v1/contacts/{contact_id}/attributes",
        {"attributes": {"meter": "4711"}},
        contact_id=contact_id,
    )
    await here.floor.event("contact.annotated", contact_id=contact_id)
    await here.own.shown(contact_id, lambda pop: pop["attributes"].get("meter") == "4711")
    await li.asks(
        "POST /api/v1/contacts/{contact_id}/notes",
        {"text": "Wants a bill by post."},
        contact_id=contact_id,
    )
    await here.own.event("contact.noted", contact_id=contact_id)
    draft = {"content": {"text": "half a sent"}}
    await li.asks("PUT /api/v1/drafts/{kind}/{about}", draft, kind="note", about=contact_id)
    drafts = await li.asks("GET /api/v1/drafts")
    async with li.stream(since=seen) as later:
        missed = await later.event("contact.noted", contact_id=contact_id)
        snapshot = await later.snapshot()

    [pop] = snapshot["contacts"]
    assert later.told.index(missed) < later.told.index(snapshot)
    assert seen < missed["sequence"] <= snapshot["sequence"]
    assert [note["text"] for note in pop["notes"]] == ["Wants a bill by post."]
    assert pop["attributes"] == {"meter": "4711"}
    assert [one["name"] for one in pop["customer"]["customers"]] == ["王强"]
    assert [one["content"] for one in drafts] == [draft["content"]]


async def voice(here: Stage, contact_id: str, theirs: PhoneCall) -> None:
    """A result is spoken to the caller, over li's own voice; and a text until it is stopped."""
    li, own = here.li, here.own
    result = await li.asks(
        "POST /api/v1/queries/{query_id}/run",
        {"contact_id": contact_id},
        query_id="calls_from_number",
    )
    await hears_only(theirs, LI_HZ)
    answered = await own.says(
        "read_out",
        contact_id=contact_id,
        result_id=result["result_id"],
        rows=[0],
        side_tone=False,
    )
    assert answered["type"] == "done", answered
    started = await own.event("read_out.started", query="calls_from_number")
    await hears_over(theirs, LI_HZ)
    ended = await own.event("read_out.ended", read_out_id=started["data"]["read_out_id"])
    await hears_only(theirs, LI_HZ)
    assert (started["data"]["rows"], ended["data"]["outcome"]) == (1, "finished")

    await li.asks(
        "POST /api/v1/contacts/{contact_id}/read-out", {"text": LONG}, contact_id=contact_id
    )
    await hears_over(theirs, LI_HZ)
    again = await own.says("read_out", contact_id=contact_id, text=LONG)
    assert (again["type"], again["problem"], again["status"]) == ("refused", "AlreadyReading", 409)
    assert (await own.says("stop_read_out", contact_id=contact_id))["type"] == "done"
    await own.event("read_out.ended", contact_id=contact_id, outcome="stopped")
    await hears_only(theirs, LI_HZ)


async def outdial(here: Stage, chens_id: str) -> None:
    """By a command, at their turn, and as a campaign's next; who declines is rung by nobody."""
    li, boss = here.li, here.boss
    everybody = (await li.asks("GET /api/v1/customers"))["items"]
    [zhao] = [one for one in everybody if one["name"] == "赵敏"]
    wishes = {"version": zhao["version"], "preferences": {"never": ["voice"]}}
    await li.asks("PATCH /api/v1/customers/{customer_id}", wishes, customer_id=zhao["id"])

    refused = await here.own.says("dial", queue="desk", customer_id=zhao["id"])
    told = await here.floor.event("outreach.refused", customer_id=zhao["id"])
    assert (refused["problem"], refused["status"]) == ("CustomerDeclines", 409)
    assert "channel_refused" in refused["detail"]
    assert (told["data"]["cause"], told["data"]["asked_by"]) == ("channel_refused", "li")

    placed = await here.own.says("dial", queue="desk", customer_id=chens_id)
    assert placed["type"] == "placed", placed
    await here.floor.event("call.placed", contact_id=placed["contact_id"], queue="desk")
    await here.talk(placed["contact_id"], here.chen)

    wanted = {"customer_id": chens_id, "queue": "desk"}
    turn = await li.asks("POST /api/v1/call-backs", wanted)
    queued = await here.floor.event("call_back.queued", contact_id=turn["id"])
    await here.talk(queued["data"]["new_contact_id"], here.chen)
    await here.floor.event("call_back.dialled", contact_id=turn["id"], dialled_by="li")
    await here.floor.event("call_back.closed", contact_id=turn["id"], outcome="reached")
    status, why = await li.tries(
        "POST /api/v1/call-backs", {"customer_id": zhao["id"], "queue": "desk"}
    )
    assert (status, why["type"]) == (409, "CustomerDeclines")

    campaign_id = await campaign(here)
    member = await li.asks("POST /api/v1/campaigns/{campaign_id}/next", campaign_id=campaign_id)
    members = await boss.asks(
        "GET /api/v1/campaigns/{campaign_id}/members", campaign_id=campaign_id
    )
    assert member["customer_id"] == chens_id
    assert {one["name"]: one["cause"] for one in members["items"]} == {
        "陈静": None,
        "赵敏": "channel_refused",
    }
    called = await li.asks(
        "POST /api/v1/campaigns/{campaign_id}/members/{customer_id}/dial",
        campaign_id=campaign_id,
        customer_id=chens_id,
    )
    await here.own.event("record.changed", record="campaign_member", action="called")
    await here.talk(called["contact_id"], here.chen)
    assert here.zhao.calls == []


async def campaign(here: Stage) -> str:
    """One for all gold customers, under way."""
    boss = here.boss
    plan = {
        "name": "Fibre",
        "purpose": "service",
        "queue": "desk",
        "conditions": [{"field": "tier", "comparison": "is", "value": "gold"}],
    }
    made = await boss.asks("POST /api/v1/campaigns", plan)
    campaign_id = str(made["id"])
    path = "/api/v1/campaigns/{campaign_id}"
    version = {"version": made["version"]}
    await boss.asks(f"POST {path}/select", version, campaign_id=campaign_id)
    await here.floor.event("record.changed", record_id=campaign_id, action="selected")
    ready = await boss.asks(f"GET {path}", campaign_id=campaign_id)
    version = {"version": ready["version"]}
    await boss.asks(f"POST {path}/start", version, campaign_id=campaign_id)
    return campaign_id


async def monitoring(here: Stage) -> None:
    """The supervisor listens, whispers, leaves, comes back and takes the caller over."""
    offer, theirs, at_li = await here.calls_in("13912340000")
    contact_id = offer["data"]["contact_id"]
    of_it = {"contact_id": contact_id}
    boss, listen = here.boss, "/api/v1/contacts/{contact_id}/listen"
    denied = await here.own.says("listen", mode="monitor", **of_it)
    await boss.asks(f"POST {listen}", {"mode": "monitor"}, **of_it)
    at_boss = await here.it.agents["boss"].rung(PATIENCE)
    started = await here.floor.event("listen.started", supervisor_id="boss", **of_it)
    await hears(at_boss, CUSTOMER_HZ, LI_HZ)
    await asyncio.gather(hears(theirs, LI_HZ), hears(at_li, CUSTOMER_HZ))

    assert (denied["problem"], denied["status"]) == ("NotPermitted", 403)
    assert (started["data"]["mode"], started["data"]["listened_to"]) == ("monitor", "li")

    assert (await here.of_boss.says("listen", mode="whisper", **of_it))["type"] == "done"
    await here.floor.event("listen.changed", mode="whisper", **of_it)
    await asyncio.gather(hears(at_li, CUSTOMER_HZ, BOSS_HZ), hears(theirs, LI_HZ))
    await boss.asks(f"DELETE {listen}", **of_it)
    ended = await here.floor.event("listen.ended", **of_it)
    await hears(at_li, CUSTOMER_HZ)
    assert ended["data"]["listen_id"] == started["data"]["listen_id"]

    assert (await here.of_boss.says("listen", mode="monitor", **of_it))["type"] == "done"
    at_boss = await here.it.agents["boss"].rung(PATIENCE)
    await hears(at_boss, CUSTOMER_HZ, LI_HZ)
    assert (await here.of_boss.says("take_over", **of_it))["type"] == "done"
    await here.own.event("contact.transferred", how="taken_over", **of_it)
    await asyncio.gather(hears(theirs, BOSS_HZ), hears(at_boss, CUSTOMER_HZ))
    assert (await here.of_boss.says("release", **of_it))["type"] == "done"
    assert await here.is_over(contact_id) == "handled"
