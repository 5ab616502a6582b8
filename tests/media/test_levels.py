"""How loud legs are: the arithmetic, and what a worker tells of tones whose level is known."""

import asyncio
import math
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from cti_server.media.g711 import encode
from cti_server.media.incoming import Incoming
from cti_server.media.leg import Leg
from cti_server.media.levels import LONGEST, SILENT, Levels, decibels, power
from cti_server.media.protocol import Codec, SetRemote
from cti_server.media.worker_reports import LegAccount, LegLevel, LevelsHeard

from .conftest import Studio, prompt
from .keypad import dialled, samples
from .phone import HOST, packet

RATE = 8000
LONG = LONGEST  # seconds; longer than any of these tests
WITHIN = 30.0  # seconds until a level that must come counts as missing


def tone(dbfs: float, codec: Codec = "PCMU", *, seconds: float = 4.0) -> bytes:
    """A sine of that mean power; -3 is the loudest that there is."""
    at = np.arange(round(seconds * RATE)) * (2 * math.pi * 440 / RATE)
    amplitude = 32768 * math.sqrt(2) * 10 ** (dbfs / 20)
    return encode(np.clip(amplitude * np.sin(at), -32768, 32767).astype(np.int16), codec)


def packets(audio: bytes) -> list[bytes]:
    return [audio[at : at + 160] for at in range(0, len(audio), 160)]


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
@pytest.mark.parametrize("dbfs", [-3, -10, -26, -40])
def test_a_tone_has_the_level_that_it_was_made_with(dbfs: int, codec: Codec) -> None:
    assert decibels(power(tone(dbfs, codec), codec)) == pytest.approx(dbfs, abs=1)


def test_silence_and_nothing_are_silent_and_what_is_not_known_stays_so() -> None:
    assert decibels(power(b"\xff" * 160, "PCMU")) == SILENT
    assert decibels(power(b"", "PCMA")) == SILENT
    assert decibels(None) is None


def test_the_smallest_sound_of_a_law_is_told_from_silence() -> None:
    assert decibels(power(b"\xd5" * 160, "PCMA")) == -72  # A-law has no zero: its least is 8


def test_nothing_is_kept_of_a_leg_that_nobody_watches() -> None:
    incoming = Incoming(lambda pressed, down: None, lambda data: None)
    assert incoming.tap is None
    incoming.meter(True)
    assert incoming.tap == []
    incoming.meter(False)
    assert incoming.tap is None
    assert incoming.unheard


def test_the_meter_and_who_listens_for_keys_get_the_same_each_once() -> None:
    incoming = Incoming(lambda pressed, down: None, lambda data: None)
    incoming.overhear(True)
    incoming.meter(True)
    arrival = (0, 1, 160, b"\x10" * 160, 1.0)
    assert incoming.tap is not None
    incoming.tap.append(arrival)

    assert incoming.overheard() == [arrival]
    assert incoming.metered() == [arrival]
    assert incoming.overheard() == incoming.metered() == []

    incoming.overhear(False)
    incoming.tap.append(arrival)
    assert incoming.metered() == [arrival]


def test_who_mixes_keeps_what_the_meter_has_seen() -> None:
    incoming = Incoming(lambda pressed, down: None, lambda data: None)
    incoming.meter(True)
    mixed: list[tuple[int, int, int, bytes, float] | None] = []
    incoming.listen_in(mixed)
    arrival = (0, 1, 160, b"\x10" * 160, 1.0)
    mixed.append(arrival)

    incoming.gather()
    assert mixed == [arrival]
    mixed.clear()  # as the mixing does at each tick
    assert incoming.metered() == [arrival]
    assert incoming.metered() == []
    incoming.meter(False)
    assert incoming.tap is mixed


# --- for as long as somebody watches -------------------------------------------------------------


class NoWay:
    """A transport to nobody."""

    port, reachable, strangers = 0, False, 0

    def open(self) -> None: ...

    def set_remote(self, remote: SetRemote, *, moved: bool, now: float) -> None: ...

    def settle(self, now: float) -> None: ...

    def send_rtcp(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class Room:
    """Legs that say a tone without a pause, and what is told of them; its clock is its own."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.legs: dict[str, Leg] = {}
        self.told: list[LevelsHeard] = []
        self.levels = Levels(self.legs, self.told.append)
        self._packets = 0

    def add(self, name: str) -> Leg:
        leg = Leg(name, len(self.legs), self.now, random.Random(7), lambda _: NoWay())
        remote = SetRemote(
            leg=name, host=HOST, port=9, codec="PCMU", payload_type=0,
            dtmf_payload_type=None, direction="sendrecv",
        )  # fmt: skip
        leg.set_remote(remote, self.now)
        self.legs[name] = leg
        return leg

    def watch(self, seconds: float) -> None:
        self.levels.watch(seconds, self.now)

    def passes(self, seconds: float) -> list[LevelsHeard]:
        """What is told meanwhile."""
        self.told.clear()
        speech = tone(-20)[:160]
        for _ in range(round(seconds / 0.02)):
            self.now += 0.02
            self._packets += 1
            said = packet(speech, self._packets, 160 * self._packets)
            for leg in self.legs.values():
                leg.incoming.receive(bytearray(said), len(said), self.now)
            self.levels.tick(self.now)
        return list(self.told)


def test_a_leg_is_told_of_until_the_time_is_over_and_then_costs_what_it_did_before() -> None:
    room = Room()
    leg = room.add("a")
    assert room.passes(1) == []
    assert leg.incoming.unheard

    room.watch(2.0)
    told = room.passes(1.5)
    assert told[-1].levels.keys() | told[0].levels.keys() == {"a"}
    assert not leg.incoming.unheard
    room.watch(2.0)  # said again in time
    room.passes(1.5)
    assert not leg.incoming.unheard
    room.passes(1)
    assert leg.incoming.unheard
    assert room.passes(5) == []


def test_who_asks_for_no_more_is_told_no_more_and_who_asks_anew_is_told_all_again() -> None:
    room = Room()
    leg = room.add("a")
    room.watch(LONG)
    [first, *_] = room.passes(1)
    room.watch(0)
    assert leg.incoming.unheard
    assert room.passes(1) == []

    room.watch(LONG)
    [again, *_] = room.passes(1)
    assert first.levels == again.levels == {"a": LegLevel(-20, SILENT)}


def test_nobody_can_ask_for_longer_than_a_minute() -> None:
    room = Room()
    leg = room.add("a")
    room.watch(100 * LONGEST)
    room.passes(LONGEST + 1)
    assert leg.incoming.unheard


def test_legs_that_come_are_told_of_and_those_that_go_are_not() -> None:
    room = Room()
    room.add("a")
    room.watch(LONG)
    room.passes(1)
    room.add("b")
    assert {"b"} <= {name for one in room.passes(1) for name in one.levels}
    del room.legs["a"]
    room.passes(0.4)
    told = room.passes(3)
    assert "a" not in {name for one in told for name in {**one.levels, **one.accounts}}


# --- a worker ------------------------------------------------------------------------------------


class Watcher:
    """Keeps what a worker tells, as whoever shows it does."""

    def __init__(self) -> None:
        self.levels: dict[str, LegLevel] = {}
        self.accounts: dict[str, LegAccount] = {}
        self.reports = 0
        self._changed = asyncio.Event()

    def hear(self, report: LevelsHeard) -> None:
        self.levels |= report.levels
        self.accounts |= report.accounts
        self.reports += 1
        self._changed.set()

    async def sees(self, leg: str, said: float | None, heard: float | None) -> None:
        """Wait until the leg has these levels, within 1 dB of rounding and law."""
        await self.until(lambda: self._shows(leg, said, heard))

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN):
            while not enough():
                self._changed.clear()
                await self._changed.wait()

    def _shows(self, leg: str, said: float | None, heard: float | None) -> bool:
        level = self.levels.get(leg, LegLevel(None, None))
        return all(
            one is other if one is None or other is None else abs(one - other) <= 1
            for one, other in ((level.said, said), (level.heard, heard))
        )


@pytest_asyncio.fixture(loop_scope="module")
async def watcher(studio: Studio) -> AsyncIterator[Watcher]:
    it = Watcher()
    studio.plane.on_levels = it.hear
    yield it
    studio.plane.watch_levels(0)
    await studio.obeyed()
    studio.plane.on_levels = None


in_worker = pytest.mark.asyncio(loop_scope="module")


@in_worker
async def test_two_who_hear_one_another_are_told_with_their_levels(
    studio: Studio, watcher: Watcher
) -> None:
    caller, phone, _ = await studio.leg()
    agent, far, _ = await studio.leg(beside=caller)
    phone.call(caller)
    far.call(agent, codec="PCMA")
    caller.bridge(agent)
    phone.talk(packets(tone(-12)))
    far.talk([b"\xd5" * 160] * 200)
    studio.plane.watch_levels(LONG)

    await watcher.sees(caller.id, -12, -72)
    await watcher.sees(agent.id, -72, -12)


@in_worker
async def test_three_are_heard_together_and_who_is_muted_is_not(
    studio: Studio, watcher: Watcher
) -> None:
    caller, phone, _ = await studio.leg()
    agent, far, _ = await studio.leg(beside=caller)
    third, other, _ = await studio.leg(beside=caller)
    for one, leg in ((phone, caller), (far, agent), (other, third)):
        one.call(leg)
    studio.plane.connect({third: [caller, agent], caller: [agent], agent: [caller]})
    studio.plane.watch_levels(LONG)
    phone.talk(packets(tone(-20)))
    far.talk(packets(tone(-20)))

    await watcher.sees(third.id, SILENT, -17)  # twice the power
    agent.mute(True)
    await watcher.sees(third.id, SILENT, -20)
    await watcher.sees(agent.id, -20, -20)


@in_worker
async def test_a_prompt_is_what_the_caller_hears(
    studio: Studio, watcher: Watcher, tmp_path: Path
) -> None:
    caller, phone, _ = await studio.leg()
    phone.call(caller)
    studio.plane.watch_levels(LONG)
    caller.start_play([prompt(tmp_path, "music", tone(-15, seconds=1.0))], repeat=True)

    await watcher.sees(caller.id, SILENT, -15)
    caller.stop_play()
    await watcher.sees(caller.id, SILENT, SILENT)


@in_worker
async def test_what_would_have_to_be_decoded_has_no_level(studio: Studio, watcher: Watcher) -> None:
    caller, phone, _ = await studio.leg()
    agent, far, _ = await studio.leg(beside=caller)
    phone.call(caller, codec="G722")
    far.call(agent)
    caller.bridge(agent)
    far.talk(packets(tone(-20)))
    studio.plane.watch_levels(LONG)

    await watcher.sees(agent.id, -20, None)
    await watcher.sees(caller.id, None, -20)


@in_worker
async def test_a_leg_that_is_listened_to_for_keys_has_keys_and_a_level(
    studio: Studio, watcher: Watcher
) -> None:
    leg, phone, ears = await studio.leg()
    phone.call(leg, dtmf=None)
    studio.plane.watch_levels(LONG)
    phone.talk(packets(encode(samples(dialled("159D", 80, 60)), "PCMU") + tone(-30)))

    await ears.until(lambda ears: ears.keys == "159D")
    await watcher.sees(leg.id, -30, SILENT)


@in_worker
async def test_how_a_leg_was_so_far_is_told_beside_it(studio: Studio, watcher: Watcher) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg)
    studio.plane.watch_levels(LONG)
    for _ in range(50):
        phone.say(b"\x20" * 160)
        phone.skip(1)
        await asyncio.sleep(0.01)
    await watcher.sees(leg.id, SILENT, SILENT)

    def half_is_lost() -> bool:
        account = watcher.accounts.get(leg.id, LegAccount(None, 0.0, None))
        return account.loss == pytest.approx(0.5, abs=0.02) and (account.mos or 5) < 2

    await watcher.until(half_is_lost)
