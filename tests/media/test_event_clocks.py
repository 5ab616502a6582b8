"""Telephone-events beside Opus: timestamps of 48 kHz, durations of 8 or 48. No sockets."""

import random
import struct
from itertools import pairwise

import pytest

from cti_server.media.connections import Connections
from cti_server.media.digits import Pressed, reclocked
from cti_server.media.leg import Leg
from cti_server.media.mixing import Mixing
from cti_server.media.protocol import SetRemote

from .phone import packet
from .test_ways import Wire

EVENT = struct.Struct("!BBH")
OPUS, EVENTS = 111, 101
CLOCKS = pytest.mark.parametrize("clock_rate", [8000, 48000])


def opus_leg(clock_rate: int, pressed: list[Pressed] | None = None) -> Leg:
    """One whose phone has events of this clock."""
    leg = Leg("leg", 0, 0.0, random.Random(7), Wire)
    leg.on_digit = lambda _, key: pressed.append(key) if pressed is not None else None
    leg.set_remote(
        SetRemote(
            leg="leg",
            host="127.0.0.1",
            port=9,
            codec="OPUS",
            payload_type=OPUS,
            dtmf_payload_type=EVENTS,
            dtmf_clock_rate=clock_rate,
        ),
        0.0,
    )
    return leg


def sent(leg: Leg) -> list[tuple[int, int, int]]:
    """Of the events that went to it: event, duration, timestamp."""
    assert isinstance(leg.transport, Wire)
    return [
        (*EVENT.unpack(data[12:])[::2], *struct.unpack_from("!I", data, 4))
        for data in leg.transport.sent
        if data[1] & 0x7F == EVENTS
    ]


def press(leg: Leg, key: int, clock_rate: int, *, timestamp: int, sequence: int) -> None:
    """100 ms of a key, as a phone sends it."""
    for step in range(1, 8):
        duration = min(step, 5) * clock_rate // 50
        payload = EVENT.pack(key, 0x80 if step >= 5 else 0, duration)
        data = packet(payload, sequence + step, timestamp, payload_type=EVENTS, marker=step == 1)
        leg.incoming.receive(bytearray(data.ljust(2048)), len(data), 0.02 * step)


@CLOCKS
def test_a_key_is_as_long_as_it_was_pressed_whatever_clock_measures_it(clock_rate: int) -> None:
    pressed: list[Pressed] = []
    leg = opus_leg(clock_rate, pressed)

    press(leg, 7, clock_rate, timestamp=9600, sequence=1)
    press(leg, 7, clock_rate, timestamp=19200, sequence=20)

    assert pressed == [Pressed("7", 100), Pressed("7", 100)]


@CLOCKS
def test_a_key_that_we_send_has_durations_of_their_clock_and_a_timestamp_of_the_audios(
    clock_rate: int,
) -> None:
    leg = opus_leg(clock_rate)
    leg.digits.append("12", 100, 80)

    for tick in range(18):
        leg.speak(0.02 * tick)

    tick = clock_rate // 50
    durations = [tick, 2 * tick, 3 * tick, 4 * tick, *[5 * tick] * 3]
    assert [event[:2] for event in sent(leg)] == [(1, d) for d in durations] + [
        (2, d) for d in durations
    ]
    times = list(dict.fromkeys(timestamp for _, _, timestamp in sent(leg)))
    assert [(later - earlier) & 0xFFFFFFFF for earlier, later in pairwise(times)] == [9 * 960]


@CLOCKS
@pytest.mark.parametrize("other_clock", [8000, 48000])
def test_a_relay_passes_events_on_in_the_clock_of_who_gets_them(
    clock_rate: int, other_clock: int
) -> None:
    leg, other = opus_leg(clock_rate), opus_leg(other_clock)
    Connections(Mixing(lambda leg, play: None)).connect({other: [leg]})

    press(leg, 5, clock_rate, timestamp=9600, sequence=1)

    assert leg.incoming.to is other.sender
    assert [event[1] for event in sent(other)] == [
        step * other_clock // 50 for step in (1, 2, 3, 4, 5, 5, 5)
    ]
    assert len({timestamp for _, _, timestamp in sent(other)}) == 1


def test_a_duration_that_a_faster_clock_has_no_room_for_is_the_longest_that_it_has() -> None:
    assert reclocked(EVENT.pack(1, 10, 20_000), 8000, 48000) == EVENT.pack(1, 10, 0xFFFF)
    assert reclocked(EVENT.pack(1, 10, 4805), 48000, 8000) == EVENT.pack(1, 10, 800)
    assert reclocked(b"\1", 48000, 8000) == b"\1"
