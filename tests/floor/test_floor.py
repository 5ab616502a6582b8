"""The floor on a clock that does not wait: what it logs, whom it tells, and when."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from acd.errors import (
    AcdError,
    IllegalTransition,
    OfferOver,
    StateNotSelectable,
    UnknownAgent,
    UnknownQueue,
    UnknownReason,
)
from acd.figures import Census
from acd.inputs import Enqueue
from acd.model import (
    AgentState,
    ContactId,
    Offer,
    Rules,
    WaitingContact,
)
from acd.queue import Queue
from acd.requirements import required
from cti_server.floor.record_lines import Taken
from cti_server.wire import events
from tests import virtual_time
from tests.fakes.loop_clock import MORNING

from .build import Scene, pass_time, profile


def at(seconds: float) -> object:
    return MORNING + timedelta(seconds=seconds)


def test_a_call_from_the_queue_to_the_end_of_wrap_up_as_the_log_tells_it() -> None:
    async def scenario() -> Scene:
        scene = Scene(Queue("sales", wrap_up=timedelta(seconds=15)))
        scene.agent("ann")
        scene.log.clear()
        scene.call("call", priority=1, english=1)
        scene.floor.put_agent(profile("ann", english=2))
        await pass_time(3)
        scene.floor.accept("i1")
        await pass_time(60)
        scene.floor.end_interaction("i1", "caller")
        await pass_time(20)
        return scene

    scene = virtual_time.run(scenario())

    assert scene.log[:2] == [
        events.ContactQueued(
            contact_id="call",
            queue="sales",
            queued_at=MORNING,
            priority=1,
            requirements={"english": 1},
            ahead=0,
        ),
        events.OfferMade(
            contact_id="call",
            interaction_id="i1",
            agent_id="ann",
            queue="sales",
            expires_at=MORNING + timedelta(seconds=20),
            why=scene.bell.offers[0].why.as_record(),
        ),
    ]
    assert scene.log[2:] == [
        state("ann", "ringing", 0, contact_id="call"),
        events.OfferAccepted(contact_id="call", interaction_id="i1", agent_id="ann"),
        state("ann", "talking", 3, contact_id="call"),
        events.InteractionEnded(
            contact_id="call", interaction_id="i1", agent_id="ann", ended_by="caller"
        ),
        state("ann", "wrap_up", 63, contact_id="call"),
        events.AgentWrapUpChanged(
            agent_id="ann",
            interaction_id="i1",
            contact_id="call",
            queue="sales",
            until=MORNING + timedelta(seconds=78),
            ends_at=MORNING + timedelta(seconds=78),
            extendable_until=MORNING + timedelta(seconds=78),
            owes_disposition=False,
        ),
        state("ann", "ready", 78),
    ]
    assert scene.bell.heard == [("offered", "ann")]


def state(
    agent_id: str,
    name: str,
    since: float,
    reason: str | None = None,
    contact_id: str | None = None,
) -> events.AgentStateChanged:
    return events.AgentStateChanged(
        agent_id=agent_id,
        state=name,
        since=MORNING + timedelta(seconds=since),
        reason=reason,
        contact_id=contact_id,
    )


def test_an_offer_that_nobody_answers_ends_by_itself_and_goes_on_to_the_next() -> None:
    async def scenario() -> Scene:
        scene = Scene()
        scene.agent("ann")
        await pass_time(1)
        scene.agent("bob")
        scene.log.clear()
        scene.call("call")
        await pass_time(19.9)
        assert scene.bell.heard == [("offered", "ann")]
        await pass_time(0.2)
        return scene

    scene = virtual_time.run(scenario())

    assert scene.bell.heard == [("offered", "ann"), ("timed_out", "ann"), ("offered", "bob")]
    assert scene.names == [
        *("ContactQueued", "OfferMade", "ann ringing"),
        *("OfferEnded", "ContactQueued", "ann not_ready", "OfferMade", "bob ringing"),
    ]
    queued = [event for event in scene.log if isinstance(event, events.ContactQueued)]
    assert {event.queued_at for event in queued} == {at(1)}
    assert state("ann", "not_ready", 21, "ring_no_answer") in scene.log


def test_whoever_rings_may_answer_at_once_and_the_log_tells_causes_first() -> None:
    async def scenario() -> Scene:
        scene = Scene()
        scene.agent("ann")
        scene.log.clear()
        scene.bell.on_offer = lambda offer: scene.floor.accept(offer.id)
        scene.call("call")
        return scene

    scene = virtual_time.run(scenario())

    assert scene.names == [
        *("ContactQueued", "OfferMade", "ann ringing", "OfferAccepted", "ann talking")
    ]


def test_whoever_rings_may_fail_at_once_until_every_agent_was_tried() -> None:
    async def scenario() -> Scene:
        scene = Scene(rules=Rules(unreachable_limit=1))
        for name in ("ann", "bob", "cid"):
            scene.agent(name)
        scene.bell.on_offer = lambda offer: scene.floor.unreachable(offer.id)
        scene.call("call")
        return scene

    scene = virtual_time.run(scenario())

    assert [agent for what, agent in scene.bell.heard if what == "offered"] == ["ann", "bob", "cid"]
    assert [agent.reason for agent in scene.floor.agents()] == ["unreachable"] * 3
    assert scene.floor.position("call") == 1


def test_a_listener_that_fails_keeps_nothing_out_of_the_log() -> None:
    def fail(offer: Offer) -> None:
        raise RuntimeError("the bell is broken")

    async def scenario() -> Scene:
        scene = Scene()
        scene.agent("ann")
        scene.log.clear()
        scene.bell.on_offer = fail
        with pytest.raises(RuntimeError):
            scene.call("call")
        await pass_time(30)
        return scene

    scene = virtual_time.run(scenario())

    assert scene.names == [
        *("ContactQueued", "OfferMade", "ann ringing"),
        *("OfferEnded", "ContactQueued", "ann not_ready"),
    ]


def test_the_timer_is_armed_only_while_something_is_to_happen() -> None:
    async def scenario() -> tuple[int, int]:
        scene = Scene()
        loop = asyncio.get_running_loop()
        scene.agent("ann")
        scene.call("call")
        during = _timers(loop)
        scene.floor.withdraw("call")
        return during, _timers(loop)

    assert virtual_time.run(scenario()) == (1, 0)


def _timers(loop: asyncio.AbstractEventLoop) -> int:
    scheduled: list[asyncio.TimerHandle] = getattr(loop, "_scheduled")  # noqa: B009
    return sum(not handle.cancelled() for handle in scheduled)


def test_a_closed_floor_does_nothing_by_itself() -> None:
    async def scenario() -> Scene:
        scene = Scene()
        scene.agent("ann")
        scene.call("call")
        scene.floor.close()
        scene.floor.set_not_ready("ann", "lunch")
        await pass_time(60)
        return scene

    assert virtual_time.run(scenario()).bell.heard == [("offered", "ann")]


def test_a_wall_clock_that_is_set_back_does_not_make_an_offer_ring_for_ever() -> None:
    async def scenario() -> Scene:
        scene = Scene()
        scene.agent("ann")
        scene.call("call")
        await pass_time(5)
        scene.clock.step = timedelta(hours=-1)
        scene.call("another")
        await pass_time(15.1)
        return scene

    assert virtual_time.run(scenario()).bell.heard[:2] == [("offered", "ann"), ("timed_out", "ann")]


# --- agents -----------------------------------------------------------------------------------


def test_logging_in_and_out_is_logged_with_its_reason() -> None:
    async def scenario() -> Scene:
        scene = Scene()
        scene.floor.put_agent(profile("ann"))
        scene.floor.log_in("ann")
        scene.floor.set_state("ann", AgentState.NOT_READY, "lunch")
        scene.floor.set_state("ann", AgentState.READY)
        scene.floor.set_state("ann", AgentState.LOGGED_OUT)
        return scene

    assert virtual_time.run(scenario()).log == [
        state("ann", "not_ready", 0, "logged_in"),
        state("ann", "not_ready", 0, "lunch"),
        state("ann", "ready", 0),
        state("ann", "logged_out", 0),
    ]


def test_a_choice_made_while_busy_is_told_and_no_change_of_state_until_it_happens() -> None:
    async def scenario() -> Scene:
        scene = Scene()
        scene.agent("ann")
        scene.call("call")
        scene.floor.accept("i1")
        scene.log.clear()
        scene.floor.set_state("ann", AgentState.NOT_READY, "lunch")
        scene.floor.set_state("ann", AgentState.NOT_READY, "lunch")  # twice is once
        lunch = events.AgentNextChosen(agent_id="ann", state="not_ready", reason="lunch")
        assert scene.log == [lunch]
        ann = scene.floor.agent("ann")
        assert (ann.state, ann.next_state, ann.next_reason) == ("talking", "not_ready", "lunch")
        scene.floor.end_interaction("i1", "agent")
        return scene

    scene = virtual_time.run(scenario())

    assert scene.names == ["AgentNextChosen", "InteractionEnded", "ann not_ready"]
    assert scene.log[-1] == state("ann", "not_ready", 0, "lunch")


AgentTold = events.AgentStateChanged | events.AgentNextChosen


def by_boss(name: str, reason: str | None = None) -> events.AgentStateChanged:
    return msgspec.structs.replace(state("ann", name, 0, reason), chosen_by="boss")


def test_what_somebody_else_chose_is_told_with_their_name_at_once_or_when_it_comes_true() -> None:
    async def scenario() -> list[events.Event]:
        scene = Scene()
        scene.agent("ann")
        scene.log.clear()
        scene.floor.set_state("ann", AgentState.READY, by="boss")  # they are
        scene.floor.set_state("ann", AgentState.NOT_READY, "meeting", by="boss")
        scene.floor.set_state("ann", AgentState.READY)
        scene.call("call")
        scene.floor.set_state("ann", AgentState.NOT_READY, "lunch", by="boss")
        with pytest.raises(UnknownReason):
            scene.floor.set_state("ann", AgentState.NOT_READY, "nap")
        scene.floor.accept("i1")
        scene.floor.end_interaction("i1", "caller")
        return [one for one in scene.log if getattr(one, "agent_id", None) == "ann"]

    told = virtual_time.run(scenario())

    chosen = events.AgentNextChosen(
        agent_id="ann", state="not_ready", reason="lunch", chosen_by="boss"
    )
    mine = [one for one in told if isinstance(one, AgentTold)]
    assert [one for one in mine if one.chosen_by] == [
        by_boss("not_ready", "meeting"),
        chosen,
        by_boss("not_ready", "lunch"),
    ]
    assert mine[1] == state("ann", "ready", 0)


def test_who_is_logged_out_by_somebody_else_goes_after_the_call_and_at_once_while_it_rings() -> (
    None
):
    async def scenario() -> list[tuple[str, str | None, str | None]]:
        scene = Scene()
        scene.agent("ann")
        scene.call("first")
        scene.floor.set_state("ann", AgentState.LOGGED_OUT, by="boss")
        scene.floor.withdraw("first")
        scene.floor.log_in("ann")
        scene.floor.set_ready("ann")
        scene.call("second")
        scene.floor.accept("i2")
        scene.floor.set_state("ann", AgentState.LOGGED_OUT, by="boss")
        assert scene.floor.agent("ann").state == "talking"
        scene.floor.log_in("ann")  # and stays after all
        scene.floor.set_state("ann", AgentState.LOGGED_OUT, by="chief")
        scene.floor.end_interaction("i2", "caller")
        scene.floor.log_in("ann")
        return [
            (type(one).__name__, one.state, one.chosen_by)
            for one in scene.log
            if isinstance(one, AgentTold) and one.state not in ("ready", "ringing", "talking")
        ]

    assert virtual_time.run(scenario()) == [
        ("AgentStateChanged", "not_ready", None),
        ("AgentStateChanged", "logged_out", "boss"),
        ("AgentStateChanged", "not_ready", None),
        ("AgentNextChosen", "logged_out", "boss"),
        ("AgentNextChosen", None, None),
        ("AgentNextChosen", "logged_out", "chief"),
        ("AgentStateChanged", "logged_out", "chief"),
        ("AgentStateChanged", "not_ready", None),
    ]


def test_refusals_have_names_and_change_nothing() -> None:
    async def scenario() -> None:
        scene = Scene()
        scene.floor.put_agent(profile("ann"))
        before = (list(scene.log), scene.floor.agents())
        with pytest.raises(UnknownReason, match="nap"):
            scene.floor.set_not_ready("ann", "nap")
        with pytest.raises(StateNotSelectable, match="talking"):
            scene.floor.set_state("ann", AgentState.TALKING)
        with pytest.raises(IllegalTransition):
            scene.floor.set_ready("ann")
        with pytest.raises(OfferOver):
            scene.floor.accept("i99")
        with pytest.raises(UnknownQueue):
            scene.call("call", "salse")
        for ask in (
            scene.floor.agent,
            scene.floor.agent_number,
            scene.floor.log_in,
            scene.floor.remove_agent,
            scene.floor.end_wrap_up,
        ):
            with pytest.raises(UnknownAgent, match="bob"):
                ask("bob")
        assert (list(scene.log), scene.floor.agents()) == before

    virtual_time.run(scenario())


def test_every_refusal_derives_directly_from_the_base_so_that_the_api_can_name_its_status() -> None:
    from acd import errors

    refusals = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, AcdError) and kind is not AcdError
    }
    assert refusals == set(AcdError.__subclasses__())


def test_a_profile_changes_under_a_running_conversation_without_touching_it() -> None:
    async def scenario() -> Scene:
        scene = Scene()
        scene.agent("ann")
        scene.call("call")
        scene.floor.accept("i1")
        scene.log.clear()
        scene.floor.put_agent(replace(profile("ann", english=9), number="8027", name="Anna"))
        return scene

    scene = virtual_time.run(scenario())
    ann = scene.floor.agent("ann")

    assert scene.log == []
    assert (ann.name, ann.number, ann.skills, ann.state) == (
        "Anna",
        "8027",
        {"english": 9},
        "talking",
    )
    assert scene.floor.agent_number("ann") == "8027"


def test_a_removed_agent_finishes_the_conversation_with_name_and_number() -> None:
    async def scenario() -> Scene:
        scene = Scene()
        scene.agent("ann")
        scene.call("call")
        scene.floor.accept("i1")
        scene.floor.remove_agent("ann")
        assert scene.floor.agent_number("ann") == "8026"
        assert scene.floor.agent("ann").next_state == "logged_out"
        scene.floor.end_interaction("i1", "caller")
        return scene

    scene = virtual_time.run(scenario())

    assert scene.floor.agents() == []
    assert scene.names[-1] == "ann logged_out"
    with pytest.raises(UnknownAgent):
        scene.floor.profile("ann")


def test_removing_a_ringing_agent_sends_the_caller_on() -> None:
    async def scenario() -> Scene:
        scene = Scene()
        scene.agent("ann")
        scene.call("call")
        scene.floor.remove_agent("ann")
        return scene

    scene = virtual_time.run(scenario())

    assert scene.bell.heard == [("offered", "ann"), ("declined", "ann")]
    assert scene.floor.agents() == []
    assert scene.floor.position("call") == 1


def test_seats_that_are_always_ready_need_no_log_in() -> None:
    async def scenario() -> Scene:
        scene = Scene()
        for number in range(600):
            scene.floor.put_agent(replace(profile(f"agent{number:04}"), always_ready=True))
        scene.call("call")
        assert scene.floor.queues()[0].ready == 599
        return scene

    assert virtual_time.run(scenario()).bell.heard == [("offered", "agent0000")]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("ready", []),
        ("not_ready", []),
        ("logged_out", []),
        ("ringing", [state("ann", "ready", 0)]),
        ("talking", [state("ann", "not_ready", 0, "server_restarted")]),
        ("wrap_up", [state("ann", "not_ready", 0, "server_restarted")]),
    ],
)
def test_after_a_restart_only_what_changed_is_logged(was: str, becomes: list[events.Event]) -> None:
    async def scenario() -> Scene:
        scene = Scene()
        scene.floor.put_agent(profile("ann"))
        scene.floor.restore("ann", was, MORNING - timedelta(hours=1), None)
        return scene

    scene = virtual_time.run(scenario())

    assert scene.log == becomes
    if not becomes:
        ann = scene.floor.agent("ann")
        assert (ann.state, ann.since) == (was, MORNING - timedelta(hours=1))


def test_a_phone_that_registers_again_brings_its_agent_back() -> None:
    async def scenario() -> Scene:
        scene = Scene(rules=Rules(unreachable_limit=1))
        scene.agent("ann")
        scene.call("call")
        scene.floor.unreachable("i1")
        await pass_time(6)
        scene.floor.reachable_again("ann")
        return scene

    assert virtual_time.run(scenario()).bell.heard[-1] == ("offered", "ann")


# --- views ------------------------------------------------------------------------------------


def test_the_queues_at_a_glance() -> None:
    async def scenario() -> None:
        scene = Scene(Queue("sales", required({"english": 1}), title="Sales"))
        scene.agent("ann", english=1)
        scene.agent("bob")
        scene.call("a")
        scene.floor.accept("i1")
        scene.call("b")
        await pass_time(30)
        scene.call("c")
        await pass_time(5)
        (sales,) = scene.floor.queues()

        assert (sales.name, sales.title) == ("sales", "Sales")
        assert (sales.waiting, sales.offered, sales.ready, sales.talking) == (2, 0, 0, 1)
        assert (sales.longest_wait, sales.longest_wait_since) == (35.0, MORNING)
        assert scene.floor.position("c") == 2

    virtual_time.run(scenario())


def test_an_agent_at_a_glance() -> None:
    async def scenario() -> None:
        scene = Scene(Queue("sales", wrap_up=timedelta(seconds=15)))
        scene.agent("ann", english=3)
        await pass_time(2)
        scene.call("call")
        ann = scene.floor.agent("ann")

        assert (ann.id, ann.name, ann.number) == ("ann", "Ann", "8026")
        assert (ann.state, ann.since, ann.reason) == ("ringing", at(2), None)
        assert (ann.contact_id, ann.interaction_id, ann.queue) == ("call", "i1", "sales")

        scene.floor.accept("i1")
        scene.floor.end_interaction("i1", "caller")
        ann = scene.floor.agent("ann")
        assert (ann.state, ann.contact_id, ann.interaction_id) == ("wrap_up", "call", None)

    virtual_time.run(scenario())


def test_a_busy_hour_leaves_nothing_behind() -> None:
    async def scenario() -> Scene:
        scene = Scene(Queue("sales", wrap_up=timedelta(seconds=2)))
        for name in ("ann", "bob", "cid"):
            scene.agent(name)
        loop = asyncio.get_running_loop()

        def take(offer: Offer) -> None:
            fate = int(offer.contact_id[4:]) % 5
            match fate:
                case 0:
                    loop.call_later(1, scene.floor.decline, offer.id)
                case 1:
                    loop.call_later(1, scene.floor.withdraw, offer.contact_id)
                case 2:
                    loop.call_later(1, scene.floor.unreachable, offer.id)
                case _:
                    loop.call_soon(scene.floor.accept, offer.id)
                    loop.call_later(5, scene.floor.end_interaction, offer.id, "caller")

        scene.bell.on_offer = take
        for number in range(500):
            scene.call(f"call{number}")
            await pass_time(7.2)
            for name in ("ann", "bob", "cid"):
                scene.floor.reachable_again(name)
        for number in range(500):
            scene.floor.withdraw(f"call{number}")
        await pass_time(60)
        return scene

    scene = virtual_time.run(scenario())

    assert scene.floor.census() == Census(agents=3, waiting=0, offered=0, served=0, alarms=0)
    made = {one.interaction_id for one in scene.log if isinstance(one, events.OfferMade)}
    over = {one.interaction_id for one in scene.log if isinstance(one, events.OfferEnded)}
    taken = {one.interaction_id for one in scene.log if isinstance(one, events.OfferAccepted)}
    ended = {one.interaction_id for one in scene.log if isinstance(one, events.InteractionEnded)}
    assert len(made) >= 500
    assert over.isdisjoint(taken)
    assert over | taken == made
    assert ended == taken


def test_returning_contacts_keep_their_place_in_a_full_queue() -> None:
    async def scenario() -> Scene:
        scene = Scene(Queue("sales", max_waiting=1))
        scene.call("later")
        early = WaitingContact(ContactId("early"), "sales", MORNING - timedelta(minutes=1))
        scene.floor.enqueue(early, returning=True, lost_by="ann")
        scene.agent("ann")
        assert scene.bell.offers[0].contact_id == "later"
        scene.floor.decline("i1")
        return scene

    scene = virtual_time.run(scenario())

    assert (scene.floor.position("early"), scene.floor.position("later")) == (1, 2)


def test_what_was_decided_comes_true_though_the_record_of_it_fails() -> None:
    def broken(taken: Taken) -> None:
        if isinstance(taken.input, Enqueue):
            raise OSError("the record is broken")

    async def scenario() -> Scene:
        scene = Scene(record=broken)
        scene.agent("ann")
        with pytest.raises(OSError, match="broken"):
            scene.call("c1")
        return scene

    assert virtual_time.run(scenario()).bell.heard == [("offered", "ann")]
