"""
Packets of 10 to 60 ms, each way another length: every sample is heard once, and recorded once.

No sockets: legs as a worker wires them, their packets, its ticks and flushes on one made-up clock.
"""

import random
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path

import pytest

from cti_server.media.capture import Capture
from cti_server.media.g711 import SILENCE, translation
from cti_server.media.leg import Leg
from cti_server.media.packets import PacketLoop
from cti_server.media.protocol import Codec
from cti_server.media.rtp import HEADER, HEADER_SIZE, TICK

from .phone import packet
from .test_ways import House, Wire

LENGTHS = (10, 20, 30, 40, 50, 60)  # ms
TALK = 1200  # ms, whole packets of any of them
# What is mixed begins with a fade, and its first tenth of a second may be stretched: the jitter
# buffer learns how long the packets are.
FADE, SETTLED = 40, 800  # samples
LAWS: tuple[Codec, Codec] = ("PCMU", "PCMA")
ARRANGEMENTS: dict[str, dict[int, list[int]]] = {
    "relay": {0: [1], 1: [0]},
    "listened to": {0: [1], 1: [0], 2: [0, 1]},
    "conference": {0: [1, 2], 1: [0, 2], 2: [0, 1]},
}


class Talker:
    """Says something in which no stretch is like another, in packets of one length."""

    def __init__(self, leg: Leg, codec: Codec, ms: int, chance: random.Random) -> None:
        codes = [code for code in range(256) if code & 0x7F not in (0x7F, 0x55)]  # no silence
        self.said = bytes(chance.choices(codes, k=8 * TALK))
        self.codec, self._leg, self._samples = codec, leg, 8 * ms
        self._begins = 0.001 * chance.randint(1, 19)
        self._first = chance.randrange(0xFFFF)
        self._timestamp = chance.choice((1000, 0xFFFF_FF00))  # the second one wraps

    def packets(self) -> Iterator[tuple[float, Leg, bytes]]:
        """When each of them comes, to which leg."""
        for number, at in enumerate(range(0, len(self.said), self._samples)):
            payload = self.said[at : at + self._samples]
            yield (
                self._begins + (at + self._samples) / 8000,
                self._leg,
                packet(
                    payload,
                    self._first + number,
                    self._timestamp + at,
                    payload_type={"PCMU": 0, "PCMA": 8}[self.codec],
                ),
            )


class Tape:
    """One recording of two legs, from its start on."""

    def __init__(self, caller: Talker, agent: Talker, legs: list[Leg], now: float) -> None:
        self._capture = Capture("", Path(), (caller.codec, agent.codec), 0, now)
        self.audio = [b"", b""]
        for leg, channel in zip(legs, self._capture.channels, strict=False):
            leg.incoming.capture(channel)

    def flush(self, now: float, *, last: bool = False) -> None:
        pieces = self._capture.last_pieces(now) if last else self._capture.pieces(now)
        self.audio = [before + piece for before, piece in zip(self.audio, pieces, strict=True)]


def heard(leg: Leg) -> bytes:
    """What the leg was sent; one stream, in which nothing is left out and nothing overlaps."""
    assert isinstance(leg.transport, Wire)
    sent = [(HEADER.unpack_from(data), data[HEADER_SIZE:]) for data in leg.transport.sent]
    for ((_, number, timestamp, _), payload), ((_, following, due, _), _) in pairwise(sent):
        assert (following - number) & 0xFFFF == 1
        assert (due - timestamp) & 0xFFFFFFFF == len(payload)
    return b"".join(payload for _, payload in sent)


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_no_sample_is_lost_or_doubled_for_the_other_one_and_in_the_recordings(
    arrangement: str,
) -> None:
    """All lengths that two can send, with all laws and wishes at random."""
    chance = random.Random(3551)
    for lengths in product(LENGTHS, repeat=2):
        laws = chance.choices(LAWS, k=2)
        house = House(*laws, "PCMU")
        wishes = chance.choices(LENGTHS, k=2)
        for leg, codec, wished in zip(house.legs, laws, wishes, strict=False):
            house.speaks(leg, codec, ptime_ms=wished)
        house.connect(ARRANGEMENTS[arrangement])
        talkers = [
            Talker(leg, codec, ms, chance)
            for leg, codec, ms in zip(house.legs, laws, lengths, strict=False)
        ]
        tapes = converse(house, talkers, second_from=0.4)

        about = (lengths, laws, wishes)
        for here, there in ((0, 1), (1, 0)):
            table = translation(laws[there], laws[here])
            said = talkers[there].said
            expected = said if table is None else said.translate(table)
            got = heard(house.legs[here]).lstrip(bytes([SILENCE[laws[here]]]))
            if house.legs[here].mixed:
                settled = expected[SETTLED:]
                assert got.count(settled) == 1, about
                assert got.index(settled) >= SETTLED - FADE, about  # nothing before it was left out
            else:
                assert got == expected, about
            for tape in tapes:
                recorded = tape.audio[there].strip(bytes([SILENCE[laws[there]]]))
                assert said.endswith(recorded), about
            assert tapes[0].audio[there].count(said) == 1, about
            assert len(recorded) > 8 * (TALK - 400 - 100), about


def converse(house: House, talkers: list[Talker], *, second_from: float) -> list[Tape]:
    """Both talk at once; one recording has it all, one begins later."""
    loop = PacketLoop(lambda now: None)
    coming = sorted((one for talker in talkers for one in talker.packets()), key=lambda one: one[0])
    tapes = [Tape(talkers[0], talkers[1], house.legs, 0.0)]
    for tick in range(int(TALK / 20) + 25):
        now = tick * TICK
        while coming and coming[0][0] <= now:
            at, leg, data = coming.pop(0)
            loop.take(leg.incoming, data, at)
        house.mixing.tick(now)
        if len(tapes) == 1 and now >= second_from:
            tapes.append(Tape(talkers[0], talkers[1], house.legs, now))
        if tick % 40 == 39:
            for tape in tapes:
                tape.flush(now)
    for tape in tapes:
        tape.flush(now, last=True)
    loop.close()
    return tapes
