"""When trunks are asked, and what is told of them: on one simulated wire, in virtual time."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from cti_server.sip.user_agent import UserAgent
from cti_server.trunks.watch import TrunkWatch
from cti_server.wire.events import Event, Logged, TrunkStateChanged
from tests.sip.wire import EPOCH, LoopClock, Station, Wire, stations
from tests.virtual_time import run

US, CARRIER = "10.0.0.1", "10.0.0.2"
EVERY = timedelta(seconds=30)


class Told:
    """What the log was told, and when."""

    def __init__(self) -> None:
        self.states: list[tuple[float, str, int | None]] = []

    def append(self, event: Event) -> Logged | None:
        assert isinstance(event, TrunkStateChanged)
        at = round(asyncio.get_running_loop().time(), 1)
        self.states.append((at, event.state, event.status))
        return None


def watching(
    wire: Wire, lasts: float, *happenings: tuple[float, Callable[[UserAgent], None]]
) -> tuple[Told, TrunkWatch]:
    """``happenings``: what is done to the carrier, and when."""
    told = Told()
    us, carrier = Station(wire, US), Station(wire, CARRIER)
    watch = TrunkWatch(
        lambda: us.agent.core,
        ("carrier", "silent"),
        {"carrier": (f"sip:{CARRIER}", f"sip:{US}")},
        append=told.append,
        clock=LoopClock(),
        every=EVERY,
    )

    async def scenario() -> None:
        async with stations(us, carrier):
            watch.start()
            for at, do in happenings:
                await asyncio.sleep(at - asyncio.get_running_loop().time())
                do(carrier.agent)
            await asyncio.sleep(lasts - asyncio.get_running_loop().time())
            await watch.close()

    run(scenario())
    return told, watch


def drains(agent: UserAgent) -> None:
    agent.draining = True


def is_back(agent: UserAgent) -> None:
    agent.draining = False


def test_a_trunk_that_answers_is_up_and_asked_every_so_often() -> None:
    wire = Wire()

    told, watch = watching(wire, 100)

    assert [round(sent.at) for sent in wire.of("OPTIONS")] == [0, 30, 60, 90]
    assert told.states == [(0.0, "up", 200)]
    health = watch.health["carrier"]
    assert (health.asked, health.unanswered, round(health.round_trip or 0, 3)) == (4, 0, 0.02)
    assert watch.row("carrier") == {
        "state": "up",
        "state_since": (EPOCH + timedelta(seconds=0.02)).isoformat(timespec="microseconds"),
        "round_trip": 0.02,
    }
    assert watch.health["silent"].state == "unknown"  # it takes no calls: nobody asks it


def test_one_that_refuses_is_asked_again_soon_and_is_then_down_until_it_is_back() -> None:
    told, _ = watching(Wire(), 130, (10, drains), (70, is_back))

    assert told.states == [(0.0, "up", 200), (35.1, "down", 503), (95.1, "up", 200)]


def test_silence_is_heard_long_before_the_transaction_gives_up() -> None:
    wire = Wire(lose=lambda number, sender, name: sender == CARRIER and number > 1)

    told, watch = watching(wire, 100)

    # Asked at 30: 8 s without an answer, 5 s, and 8 s more.
    assert told.states == [(0.0, "up", 200), (51.0, "down", 200)]
    assert watch.health["carrier"].unanswered == 3  # once more at 81


def test_an_answer_that_comes_late_is_one() -> None:
    """The first five copies of the first question get lost; the sixth goes out after 11.5 s."""
    wire = Wire(lose=lambda number, sender, name: sender == US and number < 5)

    told, watch = watching(wire, 40)

    assert told.states == [(11.5, "up", 200)]
    assert watch.health["carrier"].unanswered == 1
