"""The alarm of one-way audio and the end of dead calls, in time that passes by itself."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from cti_server.calls.audio_watch import AudioWatch
from cti_server.calls.leg import Leg
from cti_server.calls.termination import CALLER_HUNG_UP, RTP_TIMEOUT
from cti_server.media.key_presses import Way
from cti_server.wire.events import Event, LegFellSilent, LegHeardAgain
from tests.virtual_time import VirtualTimeLoop


class Watched:
    """A watch, what it logged, and when it gave up; the silence's times are the loop's."""

    def __init__(self, limit: float | None = 60.0) -> None:
        self.events: list[Event] = []
        self.given_up_at: list[float] = []
        self.watch = AudioWatch(
            call_id="c",
            leg_id="l",
            append=self.events.append,
            give_up=lambda: self.given_up_at.append(asyncio.get_running_loop().time()),
            limit=limit,
        )
        self.watch.begin()


def run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(scenario())


def silent(seconds: float) -> LegFellSilent:
    return LegFellSilent(call_id="c", leg_id="l", seconds=seconds)


def heard(seconds: float) -> LegHeardAgain:
    return LegHeardAgain(call_id="c", leg_id="l", seconds=seconds)


def test_a_silence_is_told_once_and_so_is_its_end() -> None:
    async def scenario() -> None:
        it = Watched()
        await asyncio.sleep(3.0)
        it.watch.fell_silent(3.0)
        await asyncio.sleep(27.0)
        it.watch.fell_silent(30.0)
        await asyncio.sleep(10.0)
        it.watch.heard_again()
        it.watch.heard_again()
        await asyncio.sleep(100.0)

        assert it.events == [silent(3.0), heard(40.0)]
        assert it.watch.figures == {"silences": 1.0, "silent_seconds": 40.0}
        assert it.given_up_at == []

    run(scenario)


@pytest.mark.parametrize("limit", [4.0, 60.0, 600.0])
def test_a_leg_that_stays_silent_is_given_up_at_its_limit_once(limit: float) -> None:
    async def scenario() -> None:
        it = Watched(limit)
        await asyncio.sleep(3.0)
        it.watch.fell_silent(3.0)
        await asyncio.sleep(3 * limit)
        it.watch.fell_silent(30.0)

        assert it.given_up_at == [pytest.approx(limit)]
        assert it.events == [silent(3.0)]

    run(scenario)


def test_a_silent_leg_whose_rtcp_comes_is_given_up_only_when_that_stops() -> None:
    async def scenario() -> None:
        it = Watched(60.0)
        it.watch.prove_alive()  # it is no news before the alarm
        it.watch.fell_silent(3.0)
        for _ in range(40):
            await asyncio.sleep(5.0)
            it.watch.prove_alive()
        assert it.given_up_at == []
        await asyncio.sleep(600.0)

        assert it.given_up_at == [pytest.approx(260.0)]
        assert it.events == [silent(3.0)]

    run(scenario)


def test_without_a_limit_nobody_is_given_up() -> None:
    async def scenario() -> None:
        it = Watched(None)
        it.watch.fell_silent(3.0)
        await asyncio.sleep(100_000.0)

        assert it.given_up_at == []
        assert it.watch.figures["silent_seconds"] == 100_003.0

    run(scenario)


def test_a_call_that_is_put_on_hold_while_silent_is_not_given_up() -> None:
    async def scenario() -> None:
        it = Watched()
        it.watch.fell_silent(3.0)
        await asyncio.sleep(7.0)
        it.watch.start_over()
        it.watch.heard_again()  # the worker's word that its alarm is called off
        await asyncio.sleep(500.0)

        assert it.given_up_at == []
        assert it.events == [silent(3.0), heard(10.0)]
        assert it.watch.figures == {"silences": 1.0, "silent_seconds": 10.0}

    run(scenario)


def test_a_leg_that_is_over_is_not_given_up_any_more() -> None:
    async def scenario() -> None:
        it = Watched()
        it.watch.fell_silent(3.0)
        it.watch.close()
        await asyncio.sleep(500.0)

        assert it.given_up_at == []

    run(scenario)


def ringing(limit: float = 60.0) -> Watched:
    """One that has not picked up yet, and does not send although its media are there."""
    it = Watched(limit)
    it.watch = AudioWatch(
        call_id="c",
        leg_id="l",
        append=it.events.append,
        give_up=lambda: it.given_up_at.append(asyncio.get_running_loop().time()),
        limit=limit,
    )
    it.watch.fell_silent(3.0)
    return it


def test_a_phone_that_rings_may_be_silent() -> None:
    async def scenario() -> None:
        it = ringing()
        await asyncio.sleep(100.0)
        it.watch.heard_again()
        it.watch.begin()
        await asyncio.sleep(100.0)

        assert (it.events, it.given_up_at) == ([], [])
        assert it.watch.figures == {"silences": 0.0, "silent_seconds": 0.0}

    run(scenario)


def test_who_picks_up_and_is_silent_as_before_is_an_alarm_three_seconds_later() -> None:
    async def scenario() -> None:
        it = ringing()
        await asyncio.sleep(20.0)
        it.watch.begin()
        await asyncio.sleep(2.9)
        assert it.events == []
        await asyncio.sleep(0.2)
        assert it.events == [silent(3.0)]
        it.watch.fell_silent(30.0)
        await asyncio.sleep(100.0)

        assert it.events == [silent(3.0)]
        assert it.given_up_at == [pytest.approx(80.0)]

    run(scenario)


def test_the_time_that_it_rang_is_no_silence() -> None:
    """The worker's second word, of half a minute, comes just after the picking up."""

    async def scenario() -> None:
        it = ringing()
        await asyncio.sleep(26.0)
        it.watch.begin()
        await asyncio.sleep(1.0)
        it.watch.fell_silent(30.0)
        assert it.events == []
        await asyncio.sleep(100.0)

        assert it.events == [silent(3.0)]
        assert it.given_up_at == [pytest.approx(86.0)]

    run(scenario)


def test_who_picks_up_and_speaks_at_once_is_no_alarm() -> None:
    async def scenario() -> None:
        for first_word in ("heard_again", "start_over"):
            it = ringing()
            it.watch.begin()
            await asyncio.sleep(1.0)
            getattr(it.watch, first_word)()
            await asyncio.sleep(100.0)

            assert (it.events, it.given_up_at) == ([], [])

    run(scenario)


def test_each_silence_counts() -> None:
    async def scenario() -> None:
        it = Watched()
        for _ in range(3):
            it.watch.fell_silent(3.0)
            await asyncio.sleep(1.0)
            it.watch.heard_again()

        assert it.watch.figures == {"silences": 3.0, "silent_seconds": 12.0}

    run(scenario)


# --- in a leg ---------------------------------------------------------------------------------


def a_leg() -> tuple[Leg, list[Event]]:
    events: list[Event] = []
    leg = Leg(leg_id="l", call_id="c", hung_up=CALLER_HUNG_UP, append=events.append)
    return leg, events


def test_a_leg_without_a_packet_for_a_minute_is_over_for_that_reason() -> None:
    async def scenario() -> None:
        leg, events = a_leg()
        leg.mark_connected()
        leg.rtp_silent(3.0)
        await asyncio.sleep(56.9)
        assert not leg.over.is_set()
        await asyncio.sleep(0.2)

        assert leg.termination == RTP_TIMEOUT
        assert events[1:] == [silent(3.0)]

    run(scenario)


def test_a_phone_that_holds_may_be_silent_for_as_long_as_it_holds() -> None:
    async def scenario() -> None:
        leg, events = a_leg()
        leg.mark_connected()
        leg.hold_changed(True)
        leg.rtp_silent(3.0)
        leg.rtp_silent(30.0)
        await asyncio.sleep(600.0)
        assert not leg.over.is_set()
        leg.media_agreed()
        leg.hold_changed(False)
        leg.rtp_silent(3.0)

        assert events[1:] == [silent(3.0)]

    run(scenario)


def test_a_key_by_rtp_and_by_info_is_one_and_dialled_twice_is_two() -> None:
    async def scenario() -> None:
        leg, _ = a_leg()
        for _ in range(2):
            leg.digit("5", 250, Way.INFO)
            await asyncio.sleep(0.1)
            leg.digit("5", 100)
            await asyncio.sleep(0.1)

        assert leg.take_digits() == ["5", "5"]

    run(scenario)
