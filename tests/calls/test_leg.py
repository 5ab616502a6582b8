"""A leg on its own: what it says of itself when things happen at once."""

import asyncio
from typing import cast

import pytest

from cti_server.calls import termination
from cti_server.calls.leg import Leg
from cti_server.calls.sip_session import SipSession
from cti_server.media.plane import MediaPlane
from cti_server.media.worker_reports import LegQuality
from cti_server.sip.session import Ended
from cti_server.wire.events import Event, LegEnded
from tests.fakes.media import FakeMedia, FakePlane
from tests.virtual_time import run


def new_leg(events: list[Event] | None = None) -> Leg:
    events = [] if events is None else events
    return Leg(
        leg_id="leg-1",
        call_id="call-1",
        hung_up=termination.AGENT_HUNG_UP,
        append=events.append,
    )


async def test_who_answers_and_hangs_up_in_one_breath_has_answered() -> None:
    leg = new_leg()
    waiting = asyncio.create_task(leg.settled())
    await asyncio.sleep(0)

    leg.mark_connected()
    SipSession(leg, 1).ended(Ended("bye"))

    assert await waiting
    assert leg.over.is_set()
    assert leg.termination is termination.AGENT_HUNG_UP


@pytest.mark.parametrize(
    ("status", "why"), [(486, termination.DECLINED), (503, termination.UNREACHABLE)]
)
async def test_who_refuses_has_not_answered(status: int, why: termination.Termination) -> None:
    leg = new_leg()

    SipSession(leg, 1).failed(status, "")

    assert not await leg.settled()
    assert leg.termination is why


def test_a_flood_of_keys_is_cut_to_what_somebody_may_press_and_the_rest_is_counted() -> None:
    """25 in a second; the next second has its own."""
    events: list[Event] = []

    async def scenario() -> tuple[int, int]:
        leg = new_leg(events)
        await leg.open_media(cast(MediaPlane, FakePlane(FakeMedia())))
        leg.begun = True
        for number in range(400):
            leg.digit("0123456789"[number % 10], 1)
        first = len(leg.take_digits())
        await asyncio.sleep(1)
        for digit in "1234567890" * 2:
            leg.digit(digit, 1)
        second = len(leg.take_digits())
        await leg.close(termination.RELEASED)
        return first, second

    assert run(scenario()) == (25, 20)
    [ended] = [event for event in events if isinstance(event, LegEnded)]
    assert ended.quality["keys_ignored"] == 375


class Recorded(FakeMedia):
    """Remembers from when to when its keys were masked."""

    def __init__(self) -> None:
        super().__init__()
        self.masks: list[tuple[float, bool]] = []

    def mask(self, on: bool) -> None:
        self.masks.append((asyncio.get_running_loop().time(), on))


def test_a_secret_that_follows_another_in_the_next_flow_is_masked_to_its_end() -> None:
    media = Recorded()

    async def scenario() -> None:
        leg = new_leg()
        await leg.open_media(cast(MediaPlane, FakePlane(media)))
        for lasts in 1.0, 2.0:
            with leg.keys_masked():
                await asyncio.sleep(lasts)
            await asyncio.sleep(0.25)  # less than the last key may sound
        await asyncio.sleep(1.0)

    run(scenario())
    assert media.masks == [(0.0, True), (3.75, False)]


async def test_a_closing_that_nobody_waits_for_any_more_is_done_and_told_once() -> None:
    """A call that is stopped in the middle of it closes its legs again."""
    events: list[Event] = []
    let_go = asyncio.Event()

    class SlowMedia(FakeMedia):
        async def close(self) -> LegQuality:
            await let_go.wait()
            return await super().close()

    leg, media = new_leg(events), SlowMedia()
    await leg.open_media(cast(MediaPlane, FakePlane(media)))
    leg.begun = True
    first = asyncio.create_task(leg.close(termination.RELEASED))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})

    again = asyncio.create_task(leg.close(termination.RELEASED))
    await asyncio.sleep(0)
    assert not again.done()
    let_go.set()
    await again

    assert first.cancelled()
    assert media.closed == 1
    assert [type(event) for event in events] == [LegEnded]
