"""What makes a desktop unfit to take calls, and what the floor makes of it."""

import pytest

from acd.model import AgentState
from cti_server.floor.fitness import (
    DESKTOP_AWAY,
    FOR_CALLS_ONLY,
    LISTENING,
    REASONS,
    DeviceHealth,
    StreamHealth,
    unfit_because,
)
from cti_server.floor.profile import AgentProfile
from cti_server.wire.events import AgentFitnessChanged

from .build import Scene

WELL = DeviceHealth(microphone="live", path="connected", stream=StreamHealth(0.05, 0))


@pytest.mark.parametrize(
    ("health", "reasons"),
    [
        (WELL, ()),
        (DeviceHealth(microphone="live"), ()),
        (DeviceHealth(), ("microphone-unasked",)),
        (DeviceHealth(microphone="denied"), ("microphone-denied",)),
        (DeviceHealth(microphone="live", path="failed"), ("media-path-failed",)),
        (DeviceHealth(microphone="live", stream=StreamHealth(1.2, 0)), ("stream-slow",)),
        (DeviceHealth(microphone="live", stream=StreamHealth(0.1, 1)), ()),
        (DeviceHealth(microphone="live", stream=StreamHealth(1.2, 2)), ("stream-silent",)),
        (
            DeviceHealth(microphone="muted", path="failed", stream=StreamHealth(None, 3)),
            ("stream-silent", "microphone-muted", "media-path-failed"),
        ),
    ],
)
def test_each_fault_has_its_reason(health: DeviceHealth, reasons: tuple[str, ...]) -> None:
    assert unfit_because(health) == reasons
    assert set(reasons) <= set(REASONS)


def at_the_browser(scene: Scene, name: str) -> None:
    scene.floor.put_agent(AgentProfile(name, name, "1", phone="browser"))
    scene.floor.log_in(name)
    scene.floor.set_ready(name)


async def test_whose_phone_is_the_browser_is_unfit_until_a_desktop_is_there() -> None:
    scene = Scene()
    at_the_browser(scene, "ann")
    scene.call("k1")
    assert scene.bell.offers == []
    assert scene.floor.agent("ann").unfit == (DESKTOP_AWAY,)

    scene.floor.set_fitness("ann", ())

    assert [offer.agent_id for offer in scene.bell.offers] == ["ann"]
    told = [event for event in scene.log if isinstance(event, AgentFitnessChanged)]
    assert [event.unfit for event in told] == [[DESKTOP_AWAY], []]


@pytest.mark.parametrize("reason", sorted(FOR_CALLS_ONLY))
async def test_what_is_wrong_with_the_sound_keeps_only_calls_away(reason: str) -> None:
    scene = Scene()
    at_the_browser(scene, "ann")
    scene.floor.set_fitness("ann", (reason,))
    scene.call("k1")
    assert scene.bell.offers == []

    scene.mail("m1")

    assert [offer.contact_id for offer in scene.bell.offers] == ["m1"]
    assert scene.floor.agent("ann").unfit == (reason,)
    told = [event for event in scene.log if isinstance(event, AgentFitnessChanged)]
    assert [event.unfit for event in told] == [[DESKTOP_AWAY], [reason]]


@pytest.mark.parametrize("reason", sorted(set(REASONS) - FOR_CALLS_ONLY))
async def test_what_is_wrong_with_the_desktop_itself_keeps_everything_away(reason: str) -> None:
    scene = Scene()
    at_the_browser(scene, "ann")
    scene.floor.set_fitness("ann", (reason, "microphone-ended"))
    scene.mail("m1")
    assert scene.bell.offers == []
    assert scene.floor.agent("ann").unfit == (reason, "microphone-ended")

    scene.floor.set_fitness("ann", ("microphone-ended",))

    assert [offer.contact_id for offer in scene.bell.offers] == ["m1"]


async def test_a_desk_phone_does_not_depend_on_the_desktop() -> None:
    scene = Scene()
    scene.agent("ann")

    scene.floor.set_fitness("ann", ("microphone-denied",))

    assert scene.floor.agent("ann").unfit == ()


async def test_who_listens_is_offered_nothing_until_the_last_call_that_they_hear_is_over() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.floor.begins_to_listen("ann")
    scene.floor.begins_to_listen("ann")
    scene.call("k1")
    scene.floor.listens_no_more("ann")
    assert scene.bell.offers == []
    assert scene.floor.agent("ann").state == AgentState.READY

    scene.floor.listens_no_more("ann")

    assert [offer.agent_id for offer in scene.bell.offers] == ["ann"]
    told = [event for event in scene.log if isinstance(event, AgentFitnessChanged)]
    assert [event.unfit for event in told] == [[LISTENING], []]


async def test_who_listens_and_whose_microphone_fails_needs_both_to_be_over() -> None:
    scene = Scene()
    at_the_browser(scene, "ann")
    scene.floor.begins_to_listen("ann")
    scene.floor.set_fitness("ann", ("microphone-ended",))
    assert scene.floor.agent("ann").unfit == (LISTENING, "microphone-ended")

    scene.floor.set_fitness("ann", ())
    assert scene.floor.agent("ann").unfit == (LISTENING,)
    scene.floor.listens_no_more("ann")
    assert scene.floor.agent("ann").unfit == ()


async def test_who_is_removed_while_they_listen_is_new_when_they_come_back() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.floor.begins_to_listen("ann")
    scene.floor.remove_agent("ann")
    scene.floor.listens_no_more("ann")
    scene.agent("ann")

    assert scene.floor.agent("ann").unfit == ()


async def test_who_changes_from_the_browser_to_a_desk_phone_is_fit() -> None:
    scene = Scene()
    at_the_browser(scene, "ann")
    scene.call("k1")

    scene.floor.put_agent(AgentProfile("ann", "ann", "1"))

    assert scene.floor.agent("ann").state == AgentState.RINGING
    assert scene.floor.agent("ann").unfit == ()


async def test_a_definition_that_is_read_again_leaves_the_fitness_alone() -> None:
    scene = Scene()
    at_the_browser(scene, "ann")
    scene.floor.set_fitness("ann", ())

    scene.floor.put_agent(AgentProfile("ann", "Ann", "2", phone="browser"))

    assert scene.floor.agent("ann").unfit == ()
