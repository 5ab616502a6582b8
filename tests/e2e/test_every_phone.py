"""
Every verb by agents at every kind of phone, over REST and over the stream.

Who hears whom is listened to at every phone; who hears music hears that of the centre and no other.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio

from simulator.audio import tone
from simulator.phone import Softphone, ring_on
from simulator.phone_call import PhoneCall
from tests.ports import free_port

from .carrier import LOOPBACK, carrier, trunk
from .centre import Centre, centre
from .people import Caller, Hire
from .seats import AtPhone, Kind, Seat, Way, seated
from .talking import (
    CUSTOMER_HZ,
    EXPERT_HZ,
    LI_HZ,
    WANG_HZ,
    ZHANG_HZ,
    Ear,
    expert,
    hears,
    hears_music,
    hears_nothing,
    hears_ringing,
    queue,
    tries,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

PHONE_PORT = free_port()
PEOPLE = {
    Kind.REGISTERED: Hire("li", "8026", ("li:5",)),
    Kind.BROWSER: Hire("wang", "8027", ("wang:5",), phone="browser"),
    Kind.REMOTE: Hire("zhang", "8028", ("zhang:5",), phone=f"sip:zhang@127.0.0.1:{PHONE_PORT}"),
}
HZ = {"li": LI_HZ, "wang": WANG_HZ, "zhang": ZHANG_HZ}
NUMBERS = {"li": "2000", "wang": "2001", "zhang": "2002"}
NEXT = {
    Kind.REGISTERED: Kind.BROWSER,
    Kind.BROWSER: Kind.REMOTE,
    Kind.REMOTE: Kind.REGISTERED,
}
"""Who is asked, so that everybody asks once and is asked once."""

SUBSCRIBER = "+8613800138000"


@dataclass
class Office:
    it: Centre
    subscriber: Softphone
    """At a carrier, to be called."""


@dataclass
class Scene:
    """An agent, and another at a phone of another kind. Both are ready."""

    it: Centre
    subscriber: Softphone
    me: Seat
    other: Seat
    kind: Kind

    async def customer(self) -> tuple[Caller, AtPhone]:
        """Who calls has me; the caller, and the call at my phone."""
        caller = self.it.caller()
        await caller.dial(NUMBERS[self.me.id])
        await caller.arrived()
        mine = await self.me.takes(caller.contact_id)
        caller.call.say(tone(CUSTOMER_HZ))
        await together({caller.call: CUSTOMER_HZ, mine: self.me.hz})
        return caller, mine

    async def asked(self) -> tuple[Caller, AtPhone, AtPhone]:
        """I ask the other; the customer is on music."""
        caller, mine = await self.customer()
        await self.me.does(caller.contact_id, "consult", agent=self.other.id)
        theirs = await self.other.takes(caller.contact_id)
        await self.confer(caller, mine, theirs)
        return caller, mine, theirs

    async def confer(self, caller: Caller, mine: AtPhone, theirs: AtPhone) -> None:
        await asyncio.gather(
            hears(mine, self.other.hz), hears(theirs, self.me.hz), hears_music(caller.call)
        )


async def together(phones: dict[Ear, int]) -> None:
    """Each of these phones hears all the others, by what is said there."""
    await asyncio.gather(
        *(
            hears(phone, *(hz for other, hz in phones.items() if other is not phone))
            for phone in phones
        )
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with carrier() as company:
        subscriber = company.add(SUBSCRIBER)
        async with centre(
            tmp_path_factory.mktemp("office"),
            *PEOPLE.values(),
            phone_port=PHONE_PORT,
            queues=[queue(name, name) for name in NUMBERS],
            numbers={number: {"queue": name, "language": "en"} for name, number in NUMBERS.items()},
            sip={"trunks": [LOOPBACK, trunk("carrier", company, caller_id="+8675595500")]},
            routes=[{"prefix": "+86", "trunks": ["carrier"]}],
        ) as it:
            yield Office(it, subscriber)


@pytest.fixture
def hotline(office: Office) -> Centre:
    return office.it


@pytest_asyncio.fixture(
    loop_scope="module",
    params=list(itertools.product(Kind, Way)),
    ids=lambda each: "-".join(each),
)
async def here(request: pytest.FixtureRequest, office: Office) -> AsyncIterator[Scene]:
    kind, way = request.param
    it, names = office.it, (PEOPLE[kind].id, PEOPLE[NEXT[kind]].id)
    async with it.on_duty(*names, on_ring=ring_on) as (mine, others), AsyncExitStack() as stack:
        me = await stack.enter_async_context(seated(mine, kind, way, HZ[mine.id]))
        other = await stack.enter_async_context(seated(others, NEXT[kind], way, HZ[others.id]))
        yield Scene(it, office.subscriber, me, other, kind)
        it.everybody_hangs_up()


async def test_answered_and_released(here: Scene) -> None:
    """Only a browser is answered by the verb, and once; releasing hangs up any phone."""
    caller = here.it.caller()
    call = await caller.dial(NUMBERS[here.me.id])
    await caller.arrived()
    mine = await here.me.rung()
    strangers = await tries(here.other.agent.desk, caller, "answer")
    if here.kind is not Kind.BROWSER:
        refused = await tries(here.me.agent.desk, caller, "answer")
        assert (refused[0], refused[1]["type"]) == (409, "AnsweredAtThePhone")
    await here.me.picks_up(mine, caller.contact_id)
    call.say(tone(CUSTOMER_HZ))
    await together({call: CUSTOMER_HZ, mine: here.me.hz})
    again = await tries(here.me.agent.desk, caller, "answer")
    await here.me.does(caller.contact_id, "release")
    await mine.ended(within=30)
    assert (await call.ended()).by == "them"

    assert await caller.over() == ("handled", "agent-hung-up")
    assert (strangers[0], strangers[1]["type"]) == (409, "NotInCall")
    assert (again[0], again[1]["type"]) == (409, "NotNow")
    await caller.happens("interaction.ended", agent_id=here.me.id, ended_by="agent")


async def test_held_the_other_side_hears_music_whoever_holds(here: Scene) -> None:
    caller, mine = await here.customer()

    await here.me.does(caller.contact_id, "hold")
    await asyncio.gather(hears_music(caller.call), hears_nothing(mine))
    await caller.happens("interaction.held", agent_id=here.me.id, held_by="agent")
    await here.me.does(caller.contact_id, "resume")
    await together({caller.call: CUSTOMER_HZ, mine: here.me.hz})

    await caller.call.hold()
    await hears_music(mine)
    await caller.happens("interaction.held", agent_id=here.me.id, held_by="caller")
    await caller.call.resume()
    await together({caller.call: CUSTOMER_HZ, mine: here.me.hz})

    if isinstance(mine, PhoneCall):  # which has a key of its own for it
        await mine.hold()
        await hears_music(caller.call)
        await mine.resume()
        await together({caller.call: CUSTOMER_HZ, mine: here.me.hz})


async def test_muted_the_agent_is_not_heard_and_hears_and_can_press_keys(here: Scene) -> None:
    caller, mine = await here.customer()

    await here.me.does(caller.contact_id, "mute")
    await asyncio.gather(hears_nothing(caller.call), hears(mine, CUSTOMER_HZ))
    changed = await caller.happens("interaction.state_changed", agent_id=here.me.id)
    assert (changed.data["state"], changed.data["muted"]) == ("talking", True)
    await here.me.does(caller.contact_id, "digits", digits="48#")
    await caller.call.hears_digits("48#")
    await here.me.does(caller.contact_id, "unmute")
    await together({caller.call: CUSTOMER_HZ, mine: here.me.hz})

    assert caller.call.heard.digits == "48#"  # as RTP events (RFC 4733), and once
    assert caller.call.info_digits == ""


@pytest.mark.parametrize("to", ["queue", "agent"])
async def test_transferred_blindly_to_a_colleague(here: Scene, to: str) -> None:
    caller, mine = await here.customer()

    target = {"queue": here.other.id} if to == "queue" else {"agent": here.other.id}
    await here.me.does(caller.contact_id, "transfer", **target)
    await hears_music(caller.call)
    theirs = await here.other.takes(caller.contact_id)
    await together({caller.call: CUSTOMER_HZ, theirs: here.other.hz})
    await mine.ended(within=30)
    told = await caller.happens("contact.transferred", agent_id=here.me.id, how="blind")
    assert (told.data["to"], told.data["target"]) == (to, here.other.id)
    await here.other.hangs_up(theirs)
    assert await caller.over() == ("handled", "agent-hung-up")


async def test_transferred_blindly_to_a_number(here: Scene) -> None:
    outside = expert(here.it)
    caller, mine = await here.customer()

    await here.me.does(caller.contact_id, "transfer", number=outside.uri)
    at_expert = await outside.incoming()
    await together({caller.call: CUSTOMER_HZ, at_expert: EXPERT_HZ})
    await mine.ended(within=30)
    await here.me.agent.is_in("ready")
    await caller.happens("leg.started", role="external", address=outside.uri)
    at_expert.hang_up()
    assert await caller.over() == ("handled", "transfer-ended")


async def test_consulted_swapped_and_completed(here: Scene) -> None:
    caller, mine, theirs = await here.asked()

    await here.me.does(caller.contact_id, "swap")
    await asyncio.gather(
        hears(mine, CUSTOMER_HZ), hears(caller.call, here.me.hz), hears_music(theirs)
    )
    await here.me.does(caller.contact_id, "swap")
    await here.confer(caller, mine, theirs)
    await here.me.does(caller.contact_id, "complete")
    await together({caller.call: CUSTOMER_HZ, theirs: here.other.hz})
    await mine.ended(within=30)
    await caller.happens("contact.transferred", how="consult", target=here.other.id)
    caller.call.hang_up()
    await theirs.ended(within=30)
    assert await caller.over() == ("handled", "caller-hung-up")


async def test_consulted_and_returned(here: Scene) -> None:
    caller, mine, theirs = await here.asked()

    await here.me.does(caller.contact_id, "return")
    await together({caller.call: CUSTOMER_HZ, mine: here.me.hz})
    await theirs.ended(within=30)
    await caller.happens("consult.ended", outcome="returned")
    await here.other.agent.is_in("ready")


@pytest.mark.parametrize("leaver", ["customer", "me", "other"])
async def test_three_in_conference_whoever_leaves_first(here: Scene, leaver: str) -> None:
    caller, mine, theirs = await here.asked()
    everybody: dict[Ear, int] = {
        caller.call: CUSTOMER_HZ,
        mine: here.me.hz,
        theirs: here.other.hz,
    }

    await here.me.does(caller.contact_id, "conference")
    await together(everybody)
    match leaver:
        case "customer":
            caller.call.hang_up()
            await asyncio.gather(mine.ended(within=30), theirs.ended(within=30))
        case "me":
            await here.me.does(caller.contact_id, "release")
            await mine.ended(within=30)
            del everybody[mine]
            await together(everybody)
            caller.call.hang_up()
            await theirs.ended(within=30)
        case "other":
            await here.other.hangs_up(theirs)
            del everybody[theirs]
            await together(everybody)
            await here.me.hangs_up(mine)
            await caller.call.ended()
    why = "agent-hung-up" if leaver == "other" else "caller-hung-up"
    assert await caller.over() == ("handled", why)


async def test_a_customer_is_dialled_the_agent_first_and_heard_before_the_answer(
    here: Scene,
) -> None:
    here.subscriber.on_ring = ring_on
    contact_id = await here.me.dials(SUBSCRIBER, here.me.id)
    mine = await here.me.takes(contact_id)
    theirs = await here.subscriber.incoming()
    await hears_ringing(mine)
    theirs.sound_early()
    theirs.say(tone(EXPERT_HZ))
    await hears(mine, EXPERT_HZ)
    assert not here.it.book.find("interaction.started", contact_id=contact_id)
    theirs.answer()
    theirs.say(tone(CUSTOMER_HZ))
    await together({theirs: CUSTOMER_HZ, mine: here.me.hz})
    await here.me.does(contact_id, "release")
    await asyncio.gather(mine.ended(within=30), theirs.ended())
    ended = await here.it.book.when("contact.ended", contact_id=contact_id)
    assert (ended.data["outcome"], ended.data["reason"]) == ("handled", "agent-hung-up")
