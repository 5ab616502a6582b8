"""Looking for an agent: what becomes of an offer that ends in the moment of the answer."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from acd.model import ContactId, Offer, Outcome, Purpose, WaitingContact
from config.floor import QueueSettings
from cti_server.calls import termination
from cti_server.calls.agent_search import AgentSearch
from cti_server.calls.call import Call
from cti_server.calls.contact import Contact
from cti_server.calls.customer_first import HeldAgent
from cti_server.calls.dialling import Dialling
from cti_server.calls.errors import NotReached
from cti_server.calls.exchange import Exchange
from cti_server.calls.leg import Leg
from cti_server.calls.phones import Invitation
from cti_server.floor.floor import Floor
from cti_server.wire.stream import ScreenPop
from tests import virtual_time
from tests.floor.build import Scene, profile


class Desks:
    """Nobody looks at a screen here."""

    def present(self, agent_id: str, pop: ScreenPop) -> None: ...

    def show(self, agent_id: str, pop: ScreenPop) -> None: ...

    async def delivered(self, agent_id: str) -> None: ...


class Phones:
    def of(self, agent_id: str) -> None: ...


@dataclass
class Parts:
    """As much of an exchange as a search needs."""

    floor: Floor
    desks: Desks = field(default_factory=Desks)
    phones: Phones = field(default_factory=Phones)
    queues: dict[str, QueueSettings] = field(
        default_factory=lambda: {"sales": QueueSettings(name="sales")}
    )


class Customer:
    id = "call"
    number_for_agents = "13800138000"
    codec = "PCMU"
    comfort_noise = False

    async def screen_pop(self, offer: Offer) -> None: ...


class Line:
    """Rings a phone that picks up when the clock has gone on by ``after``, all in one step."""

    def __init__(self, scene: Scene, after: timedelta) -> None:
        self._scene = scene
        self._after = after
        self.invited: list[Invitation] = []

    def new_leg(self, hung_up: termination.Termination) -> Leg:
        return Leg(leg_id="leg", call_id="call", hung_up=hung_up, append=self._scene.log.append)

    async def ring(self, leg: Leg, _: object, invitation: Invitation, **__: object) -> None:
        self.invited.append(invitation)
        self._scene.clock.step += self._after
        leg.mark_connected()


def search_for_ann(scene: Scene, after: timedelta) -> AgentSearch:
    search = AgentSearch(
        cast(Exchange, Parts(scene.floor)),
        cast(Contact, Customer()),
        cast(Leg, Customer()),
        cast(Dialling, Line(scene, after)),
    )
    scene.floor.offers = search
    return search


def wanted(scene: Scene) -> WaitingContact:
    return WaitingContact(ContactId("call"), "sales", scene.clock.now())


def test_who_picks_up_in_time_has_it() -> None:
    async def scenario() -> str:
        scene = Scene()
        scene.agent("ann")
        search = search_for_ann(scene, timedelta(seconds=1))
        search.ask("ann", wanted(scene))
        offer, leg = await search.found()
        assert not leg.over.is_set()
        assert scene.floor.agent("ann").state == "talking"
        return offer.agent_id

    assert virtual_time.run(scenario()) == "ann"


def test_who_was_named_and_answers_after_the_time_leaves_the_contact_free_to_wait() -> None:
    """The offer's time is over and its timer still to come: the contact must not be held by it."""

    async def scenario() -> Scene:
        scene = Scene()
        scene.agent("ann")
        search = search_for_ann(scene, timedelta(hours=1))
        search.ask("ann", wanted(scene))
        with pytest.raises(NotReached, match=Outcome.WITHDRAWN.value):
            await search.found()
        scene.floor.enqueue(wanted(scene), returning=True, lost_by="ann")
        await asyncio.sleep(0)
        return scene

    scene = virtual_time.run(scenario())

    assert scene.floor.position("call") == 1
    assert scene.floor.agent("ann").state == "ready"


@pytest.mark.parametrize(
    ("queues", "agents", "picks_up"),
    [
        (False, None, False),
        (True, None, True),
        (False, True, True),
        (True, False, False),
    ],
)
def test_a_phone_picks_up_by_itself_as_the_queue_says_unless_the_agent_differs(
    queues: bool, agents: bool | None, picks_up: bool
) -> None:
    assert virtual_time.run(rung(queues, agents)) is picks_up


def test_no_phone_picks_up_by_itself_to_advise_or_while_something_is_wrong_with_it() -> None:
    assert not virtual_time.run(rung(True, True, purpose=Purpose.CONSULT))
    assert not virtual_time.run(rung(True, True, unfit=("microphone-muted",)))


async def rung(
    queues: bool,
    agents: bool | None,
    *,
    purpose: Purpose = Purpose.SERVE,
    unfit: tuple[str, ...] = (),
) -> bool:
    """Whether ann's phone is asked to pick up by itself; ``unfit``: since the offer was made."""
    scene = Scene()
    scene.floor.put_agent(replace(profile("ann"), phone="browser", auto_answer=agents))
    scene.floor.set_fitness("ann", ())
    scene.floor.log_in("ann")
    scene.floor.set_ready("ann")
    parts, line = Parts(scene.floor), Line(scene, timedelta(0))
    parts.queues["sales"] = QueueSettings(name="sales", auto_answer=queues)
    search = AgentSearch(
        cast(Exchange, parts),
        cast(Contact, Customer()),
        cast(Leg, Customer()),
        cast(Dialling, line),
    )
    scene.floor.offers = search
    search.ask("ann", replace(wanted(scene), purpose=purpose))
    scene.floor.set_fitness("ann", unfit)
    _, leg = await search.found()
    assert line.invited[0].auto_answer is leg.auto_answer
    return leg.auto_answer


def test_a_call_back_that_the_acd_has_forgotten_takes_its_old_place_again() -> None:
    """The customer has picked up and hears music: nothing calls that off."""

    async def scenario() -> Scene:
        scene = Scene()
        customer = Customer()
        parts = {"exchange": Parts(scene.floor), "contact": customer, "caller": customer}
        call = SimpleNamespace(**parts, legs=Line(scene, timedelta(0)))
        held = HeldAgent(cast(Call, call), wanted(scene))
        held.wait_again()
        return scene

    assert virtual_time.run(scenario()).floor.position("call") == 1
