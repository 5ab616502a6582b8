"""A customer who is called first, and whose agent does not pick up: what they hear meanwhile."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from acd.model import Channel, ContactId, Offer, WaitingContact
from config.floor import QueueSettings
from crm.pop import UNAVAILABLE, Pop
from cti_server.calls import termination
from cti_server.calls.broadcasts import Broadcasts
from cti_server.calls.call import Call
from cti_server.calls.contact import Contact
from cti_server.calls.customer_first import CustomerFirst, held_for
from cti_server.calls.leg import Leg
from cti_server.calls.member import Requeue
from cti_server.calls.phones import Invitation
from cti_server.calls.queue_stay import QueueStay
from cti_server.calls.reaching import Reaching
from cti_server.calls.termination import Over
from cti_server.calls.waiting import without_ways
from cti_server.calls.ways_out import WayOut, WaysOut
from cti_server.media.plane import MediaPlane
from cti_server.wire.events import ContactDiverted, ContactTurnedAway, Event
from ivr.actions import Enqueue, Ways
from tests import virtual_time
from tests.acd.build import MORNING
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
    broadcasts_heard: frozenset[str] = frozenset()


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


async def called_back(media: FakeMedia, *, meets: bool = True) -> tuple[list[str], list[Requeue]]:
    """
    Who picks up in the end, and how the customer waits again.

    Ann has declined, and bob comes 25 s after the customer answered; ``meets``: and stays until
    the two are connected.
    """
    scene = Scene()
    leg = Leg(leg_id="customer", call_id="call", hung_up=termination.CALLER_HUNG_UP, append=print)
    await leg.open_media(cast(MediaPlane, FakePlane(media)))
    exchange: Any = SimpleNamespace(
        floor=scene.floor,
        desks=Desks(),
        phones=Phones(),
        queues={"sales": QUEUE},
        prompts=PROMPTS,
        broadcasts=Broadcasts(scene.clock.now, str),
        clock=scene.clock,
        append=scene.log.append,
    )
    picked_up: list[str] = []

    async def introduce(member: Any, handling: object) -> bool:
        picked_up.append(member.name)
        return meets

    conversation = SimpleNamespace(
        introduce=introduce,
        join=lambda member: None,
        discard=lambda member: None,
        until_alone=lambda: asyncio.sleep(0, Requeue(Enqueue("sales"), "bob")),
    )
    again: list[Requeue] = []

    async def serve_again(requeue: Requeue) -> None:
        again.append(requeue)

    call: Any = SimpleNamespace(
        exchange=exchange,
        contact=cast(Contact, Reached()),
        caller=leg,
        legs=Phones(),
        control=SimpleNamespace(search=None),
        conversation=conversation,
        course=SimpleNamespace(
            ways_out=WaysOut(cast(Any, exchange), cast(Any, Reached()), leg),
            serve_again=serve_again,
        ),
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
    return picked_up, again


def test_whose_agent_declines_hears_what_callers_hear_there_and_is_led_nowhere_else() -> None:
    media = FakeMedia()

    picked_up, again = virtual_time.run(called_back(media))

    assert picked_up == ["bob"]
    assert not again[0].promised
    assert media.played == [("called_back",), ("place 1",), ("place 1",)]
    assert media.music == ["music"] * 3


def test_whose_agent_leaves_before_the_two_are_connected_is_not_led_away_either() -> None:
    _, (again,) = virtual_time.run(called_back(FakeMedia(), meets=False))

    assert (again.promised, again.let_in, again.given_up_by) == (True, True, "bob")
    assert again.followed_by(Requeue(Enqueue("others"))).promised
    for ways in ("exits", "overflow"):
        assert getattr(QUEUE, ways)
        assert not getattr(without_ways(QUEUE), ways)


async def waiting_again(requeue: Requeue) -> WayOut | None:
    """How somebody leaves the queue within ten seconds who comes back to it so."""
    scene = Scene()
    leg = Leg(leg_id="customer", call_id="call", hung_up=termination.CALLER_HUNG_UP, append=print)
    await leg.open_media(cast(MediaPlane, FakePlane(FakeMedia())))
    contact: Any = Reached()
    contact.queued_at, contact.waited_in = scene.clock.now(), "sales"
    exchange: Any = SimpleNamespace(
        floor=scene.floor,
        queues={"sales": QUEUE},
        prompts=PROMPTS,
        broadcasts=Broadcasts(scene.clock.now, str),
        clock=scene.clock,
        tier_priorities={},
        regions=SimpleNamespace(of=lambda number: ()),
        is_open=lambda calendar_id, now: True,
    )
    control: Any = SimpleNamespace(search=None)
    ways = WaysOut(exchange, contact, leg)
    stay = QueueStay(exchange, contact, leg, cast(Any, Phones()), control, ways)
    try:
        async with asyncio.timeout(10):
            found = await stay.until_found(requeue)
    except TimeoutError:
        return None
    assert isinstance(found, WayOut)
    return found


def test_no_rule_leads_away_who_was_promised_to_be_served_here() -> None:
    usual = virtual_time.run(waiting_again(Requeue(Enqueue("sales"), "bob")))
    promised = virtual_time.run(waiting_again(Requeue(Enqueue("sales"), "bob", promised=True)))

    assert usual is not None
    assert (usual.reason, promised) == ("waited", None)


@pytest.mark.parametrize("found_out", [False, True])
@pytest.mark.parametrize(
    ("back", "way"),
    [
        (None, None),
        (Ways(keys=frozenset("1"), waited=30), None),
        (Ways(closed=True, nobody=True), "closed"),
        (Ways(full=True, closed=True), "full"),
    ],
)
def test_who_is_led_to_a_queue_that_is_gone_goes_the_flows_way_or_is_turned_away(
    back: Ways | None, way: str | None, found_out: bool
) -> None:
    """Also where it goes while it is ``found_out`` who calls."""
    told: list[Event] = []
    queues = {"sales": QUEUE}

    async def customer() -> Pop:
        del queues["sales"]
        return UNAVAILABLE

    contact: Any = SimpleNamespace(id="call", customer=customer, queued_at=None)
    exchange: Any = SimpleNamespace(
        queues=queues if found_out else {},
        append=told.append,
        clock=SimpleNamespace(now=lambda: MORNING),
        tier_priorities={"gold": 1},
        prompts=PROMPTS,
    )
    none = cast(Any, None)
    ways = WaysOut(exchange, contact, none)
    stay = QueueStay(exchange, contact, none, none, none, ways)
    wish = Requeue(Enqueue("sales", back=back))

    if way is None:
        with pytest.raises(Over) as over:
            virtual_time.run(stay.until_found(wish))
        assert over.value.termination is termination.QUEUE_FULL
        assert told == [ContactTurnedAway(contact_id="call", queue="sales", reason="gone")]
    else:
        left = virtual_time.run(stay.until_found(wish))
        assert isinstance(left, WayOut)
        assert (left.to_flow, left.reason) == (way, "gone")
        ways.left(left)
        [diverted] = told
        assert isinstance(diverted, ContactDiverted)
        assert (diverted.queue, diverted.reason, diverted.to) == ("sales", "gone", "flow")
        assert diverted.queued_at == MORNING
    assert found_out == ("sales" not in queues)
