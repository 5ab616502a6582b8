"""A customer who is called first, and whose agent does not pick up: what they hear meanwhile."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from acd.model import Channel, ContactId, Offer, WaitingContact
from config.floor import QueueSettings
from cti_server.calls import termination
from cti_server.calls.call import Call
from cti_server.calls.contact import Contact
from cti_server.calls.customer_first import CustomerFirst, held_for
from cti_server.calls.leg import Leg
from cti_server.calls.phones import Invitation
from cti_server.calls.reaching import Reaching
from cti_server.media.plane import MediaPlane
from ivr.actions import Enqueue
from tests import virtual_time
from tests.fakes.media import FakeMedia, FakePlane
from tests.floor.build import Scene

from .test_agent_search import Customer, Desks
from .test_waiting import PROMPTS

QUEUE = QueueSettings.model_validate(
    {
        "name": "sales",
        "announce_position_every": 10,
        "exits": {"1": {"then": "hang_up", "offer": {"en": "press one"}}},
        "overflow": [{"when": "waited", "time": 1, "then": "hang_up"}],
        "call_backs": {"mode": "customer_first"},
    }
)


class Phones:
    """Of everybody: ann declines, others pick up; each after two seconds."""

    def of(self, agent_id: str) -> str:
        return agent_id

    def new_leg(self, hung_up: termination.Termination) -> Leg:
        return Leg(leg_id="leg", call_id="call", hung_up=hung_up, append=print)

    async def ring(self, leg: Leg, phone: str, _: Invitation, **__: object) -> None:
        await asyncio.sleep(2)
        if phone == "ann":
            leg.let_go(termination.DECLINED)
        else:
            leg.mark_connected()


class Reached(Customer):
    """A customer who has answered."""

    id = "call"
    caller_number = "13800138000"
    language = "en"
    wish: Enqueue | None = None


class Attempt:
    """Stands for :class:`cti_server.calls.reaching.Reaching`: the customer answers at once."""

    queue = QUEUE

    def __init__(self, customer: Leg) -> None:
        self._customer = customer

    def place(self, agent_id: str, offer: Offer) -> None: ...

    async def dial(self, names: dict[str, str], *, like: Leg) -> None:
        self._customer.mark_connected()

    async def answered_or(self, other: asyncio.Event) -> None: ...

    def over(self) -> None: ...


async def called_back(media: FakeMedia) -> list[str]:
    """Who picks up in the end: ann has declined, and bob comes 25 s after the customer answered."""
    scene = Scene()
    leg = Leg(leg_id="customer", call_id="call", hung_up=termination.CALLER_HUNG_UP, append=print)
    await leg.open_media(cast(MediaPlane, FakePlane(media)))
    exchange: Any = SimpleNamespace(
        floor=scene.floor,
        desks=Desks(),
        phones=Phones(),
        queues={"sales": QUEUE},
        prompts=PROMPTS,
        clock=scene.clock,
        append=scene.log.append,
    )
    picked_up: list[str] = []

    async def introduce(member: Any, handling: object) -> bool:
        picked_up.append(member.name)
        return True

    conversation = SimpleNamespace(
        introduce=introduce, join=lambda member: None, until_alone=lambda: asyncio.sleep(0)
    )
    call: Any = SimpleNamespace(
        exchange=exchange,
        contact=cast(Contact, Reached()),
        caller=leg,
        legs=Phones(),
        control=SimpleNamespace(search=None),
        conversation=conversation,
        ways_out=None,
        serve_again=lambda requeue: asyncio.sleep(0),
    )
    scene.agent("ann")
    request = WaitingContact(
        ContactId("call"),
        "sales",
        scene.clock.now(),
        channel=Channel.CALLBACK,
        held_for=held_for(QUEUE),
    )
    scene.floor.enqueue(request)
    purpose = CustomerFirst(
        cast(Call, call),
        cast(Reaching, Attempt(leg)),
        offer=scene.bell.offers[0],
        may_call=lambda: asyncio.sleep(0, True),
        request=request,
    )
    scene.floor.offers = call.control.search
    purpose.begin(cast(Call, call), "ann")
    pursued = asyncio.create_task(purpose.pursue(cast(Call, call)))
    await asyncio.sleep(25)
    scene.agent("bob")
    await pursued
    return picked_up


def test_whose_agent_declines_hears_what_callers_hear_there_and_is_led_nowhere_else() -> None:
    media = FakeMedia()

    assert virtual_time.run(called_back(media)) == ["bob"]
    assert media.played == [("called_back",), ("place 1",), ("place 1",)]
    assert media.music == ["music"] * 3
