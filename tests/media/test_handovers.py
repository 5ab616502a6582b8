"""What a leg is sent while those who speak to it change: one stream, each key once. No sockets."""

import random
import struct
from collections.abc import Iterator
from itertools import count, pairwise

import pytest

from cti_server.media.digits import KEYS, DigitDetector, Pressed
from cti_server.media.leg import Leg
from cti_server.media.play import PlayInProgress
from cti_server.media.protocol import LegCodec
from cti_server.media.rtp import HEADER, MARKER, TICK

from .phone import packet
from .test_ways import House, Wire

EVENTS = 101
EVENT = struct.Struct("!BBH")
END = 0x80


def come(leg: Leg, data: bytes, now: float) -> None:
    leg.incoming.receive(bytearray(data.ljust(2048)), len(data), now)


def say(leg: Leg, sequence: int, timestamp: int, now: float, *, size: int = 160) -> None:
    remote = leg.remote
    assert remote is not None
    come(leg, packet(bytes(size), sequence, timestamp, payload_type=remote.payload_type), now)


def press(leg: Leg, sequence: int, timestamp: int, now: float, *, samples: int, end: bool) -> None:
    payload = EVENT.pack(5, END if end else 0, samples)
    come(leg, packet(payload, sequence, timestamp, payload_type=EVENTS), now)


def sent(leg: Leg) -> list[tuple[int, int, int]]:
    """Payload type, sequence number and timestamp of each packet."""
    assert isinstance(leg.transport, Wire)
    heads = [struct.unpack_from("!BBHI", data) for data in leg.transport.sent]
    return [(second & 0x7F, sequence, timestamp) for _, second, sequence, timestamp in heads]


def test_a_relay_does_not_begin_with_a_packet_that_comes_late() -> None:
    house = House("PCMU", "PCMU")
    caller, agent = house.legs
    for number in (10, 12):
        say(caller, number, 160 * number, 0.02 * number)
    house.connect({1: [0]})

    say(caller, 11, 160 * 11, 0.25)
    for number in (13, 14):
        say(caller, number, 160 * number, 0.02 * number)

    (_, first, _), (_, second, _) = sent(agent)
    assert first == agent.sender.first
    assert second == first + 1


def test_a_relay_that_begins_in_the_middle_of_a_long_key_goes_on_in_time() -> None:
    house = House("PCMU", "PCMU")
    caller, agent = house.legs
    for step in range(1, 51):
        press(caller, step, 8000, 0.02 * step, samples=160 * step, end=False)
    house.connect({1: [0]})

    press(caller, 51, 8000, 1.02, samples=160 * 51, end=True)
    say(caller, 52, 8000 + 160 * 51, 1.02)

    (_, _, pressed), (_, _, spoken) = sent(agent)
    assert (spoken - pressed) & 0xFFFFFFFF == 160 * 51
    assert agent.sender.timestamp_at(1.02) == spoken


def test_another_clock_rate_in_the_middle_of_a_call_does_not_move_the_other_sides_time() -> None:
    house = House("PCMU", "PCMU")
    caller, agent = house.legs
    house.connect({0: [1], 1: [0]})
    for number in range(50):
        say(caller, number, 0x10000000 + 160 * number, 100 + 0.02 * number)

    house.speaks(caller, "OPUS")
    heard = caller.incoming.heard
    house.mixing.tick(101.0)

    (_, before, last), (_, after, mixed) = sent(agent)[-2:]
    assert abs(heard - 100.98) < 0.001
    assert (after - before) & 0xFFFF == 1
    assert 160 <= (mixed - last) & 0xFFFFFFFF <= 480


def test_a_late_packet_does_not_say_that_a_silence_begins_or_ends() -> None:
    caller, _ = House("PCMU", "PCMU").legs
    say(caller, 1, 160, 0.02)
    come(caller, packet(b"\x40", 3, 480, payload_type=13), 0.06)
    say(caller, 2, 320, 0.07)
    assert caller.incoming.comfort_noise

    say(caller, 5, 800, 0.1)
    come(caller, packet(b"\x40", 4, 640, payload_type=13), 0.11)
    assert not caller.incoming.comfort_noise


def test_a_key_that_is_down_when_another_stream_begins_ends_there() -> None:
    caller, _ = House("PCMU", "PCMU").legs
    pressed: list[Pressed] = []
    caller.on_digit = lambda _, key: pressed.append(key)
    for number in range(3):  # so that there is an earlier key
        press(caller, number, 80_000, 0.02, samples=800, end=True)
    press(caller, 4, 90_000, 0.2, samples=400, end=False)

    payload = EVENT.pack(7, END, 800)
    come(caller, packet(payload, 900, 16, payload_type=EVENTS, ssrc=77), 0.25)

    assert pressed == [Pressed("5", 100), Pressed("5", 50), Pressed("7", 100)]


def test_a_key_that_was_partly_relayed_is_not_sent_again_by_the_worker() -> None:
    house = House("PCMU", "PCMU")
    caller, agent = house.legs
    house.connect({0: [1], 1: [0]})
    press(caller, 1, 8000, 0.02, samples=160, end=False)
    assert house.connections.partner_behind_mixing(caller) is None

    agent.over = PlayInProgress(1, "PCMU", barge_in=False, over=True)
    agent.over.load([bytes(8000)], repeat=False)
    agent.rewire()
    house.mixing.tick(TICK)
    partners: list[Leg | None] = []
    caller.on_digit = lambda leg, _: partners.append(house.connections.partner_behind_mixing(leg))
    press(caller, 2, 8000, 0.04, samples=320, end=True)
    press(caller, 3, 16000, 1.0, samples=320, end=True)

    assert partners == [None, agent]  # the second key was not relayed at all


def test_keys_that_come_faster_than_they_can_be_passed_on_do_not_pile_up() -> None:
    leg = Leg("leg", 0, 0.0, random.Random(7), Wire)
    for _ in range(2000):
        leg.digits.append("5", 8000, 80)

    steps = 0
    while leg.digits:
        leg.digits.next()
        steps += 1

    assert steps * TICK <= 70


WAYS: list[dict[int, list[int]]] = [
    {0: [1], 1: [0], 2: []},
    {0: [1], 1: [0], 2: [0, 1]},  # the third listens
    {0: [1], 1: [0, 2], 2: [0, 1]},  # and whispers
    {0: [1, 2], 1: [0, 2], 2: [0, 1]},
]
PAYLOADS: dict[LegCodec, bytes] = {
    "PCMU": bytes(160),
    "PCMA": bytes(160),
    "G722": bytes(160),
    "OPUS": b"\x08" + bytes(20),
}


@pytest.mark.parametrize(
    "codecs",
    [("PCMU", "PCMU", "PCMA"), ("OPUS", "PCMU", "PCMU"), ("OPUS", "OPUS", "PCMA")],
    ids="-".join,
)
def test_however_relay_and_mixing_take_turns_numbers_and_time_go_on_together(
    codecs: tuple[LegCodec, ...],
) -> None:
    """Whatever is missing in what a leg gets was missing in what came, and is as long."""
    chance = random.Random(3550)
    house = House(*codecs)
    firsts = [chance.getrandbits(32) for _ in codecs]
    for tick in range(600):
        now = 100 + TICK * tick
        if tick % 20 == 0:
            house.connect(chance.choice(WAYS))
        house.mixing.tick(now)
        for leg, codec, first in zip(house.legs, codecs, firsts, strict=True):
            ticks = leg.sender.tick
            data = packet(
                PAYLOADS[codec],
                first + tick,
                first + ticks * tick,
                payload_type=leg.sender.head & 0x7F,
            )
            if chance.random() >= 0.02:
                come(leg, data, now + chance.uniform(0.001, 0.015))

    for leg in house.legs[:2]:
        steps = [
            ((after - before) & 0xFFFF, (then - at) & 0xFFFFFFFF)
            for (_, before, at), (_, after, then) in pairwise(sent(leg))
        ]
        assert len(steps) > 500
        assert [step for step in steps if step[1] != step[0] * leg.sender.tick] == []
        assert max(step for step, _ in steps) < 5


def test_of_ten_thousand_keys_between_words_each_is_told_and_relayed_once_over_two_lossy_ways() -> (
    None
):
    """2 % of all packets are lost on the way here, and 2 % of what is relayed on the way there."""
    chance = random.Random(4733)
    house = House("PCMU", "PCMA")
    caller, agent = house.legs
    house.connect({0: [1], 1: [0]})
    pressed, told, understood = chance.choices(KEYS, k=10_000), list[str](), list[Pressed]()
    caller.on_digit = lambda _, key: told.append(key.digit)
    there = DigitDetector()
    for data, now in dialled(pressed, chance):
        if chance.random() < 0.02:
            continue
        caller.incoming.handle_timer(now)
        come(caller, data, now)
        understood += there.handle_timer(now)
        assert isinstance(agent.transport, Wire)
        for relayed in agent.transport.sent:
            head, _, timestamp, _ = HEADER.unpack_from(relayed)
            if head & 0x7F == EVENTS and chance.random() >= 0.02:
                understood += there.receive(
                    relayed[12:], timestamp, now, marker=bool(head & MARKER)
                )
        agent.transport.sent.clear()

    assert told == pressed
    assert [key.digit for key in understood] == pressed


def dialled(keys: list[str], chance: random.Random) -> Iterator[tuple[bytes, float]]:
    """What a phone sends and when: 60 to 400 ms of audio, then a key of 60 to 300 ms."""
    numbers, at = count(), 0
    for key in keys:
        for _ in range(chance.randint(3, 20)):
            yield packet(bytes(160), next(numbers), at), at / 8000
            at += 160
        length = chance.randint(3, 15)
        for step in range(1, length + 3):
            end = END if step >= length else 0
            payload = EVENT.pack(KEYS.index(key), end, 160 * min(step, length))
            data = packet(payload, next(numbers), at, payload_type=EVENTS, marker=step == 1)
            yield data, at / 8000 + TICK * step
        at += 160 * (length + 2)
