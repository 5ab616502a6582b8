"""Who is relayed to and who is mixed for, after any sequence of connections. No sockets."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_server.media.connections import Connections
from cti_server.media.leg import Leg
from cti_server.media.mixing import Mixing
from cti_server.media.protocol import LegCodec, SetRemote
from cti_server.media.rtp import TICK
from tests.sizes import examples


class Wire:
    """A way to a phone that is there from the beginning, and keeps what was sent to it."""

    port, reachable, strangers = 9, False, 0

    def __init__(self, leg: Leg) -> None:
        self.sent: list[bytes] = []
        self._sender = leg.sender

    def open(self) -> None: ...
    def settle(self, now: float) -> None: ...
    def send_rtcp(self, data: bytes) -> None: ...
    def close(self) -> None: ...

    def set_remote(self, remote: SetRemote, *, moved: bool, now: float) -> None:
        self._sender.lead_to(None if remote.direction == "recvonly" else self._send)

    def _send(self, packet: bytes | bytearray | memoryview) -> int:
        self.sent.append(bytes(packet))
        return len(packet)


class House:
    """Legs that are wired as a worker wires them."""

    def __init__(self, *codecs: LegCodec) -> None:
        chance = random.Random(7)
        self.mixing = Mixing(lambda leg, play: None)
        self.connections = Connections(self.mixing)
        self.legs = [Leg(f"leg {n}", 0, 0.0, chance, Wire) for n in range(len(codecs))]
        for leg, codec in zip(self.legs, codecs, strict=True):
            leg.on_rewire = self.connections.rewire
            self.speaks(leg, codec)

    def speaks(self, leg: Leg, codec: LegCodec, *, held: bool = False, ptime_ms: int = 20) -> None:
        remote = SetRemote(
            leg=leg.name,
            host="127.0.0.1",
            port=9,
            codec=codec,
            payload_type={"PCMU": 0, "PCMA": 8, "G722": 9, "OPUS": 111}[codec],
            dtmf_payload_type=101,
            direction="recvonly" if held else "sendrecv",
            ptime_ms=ptime_ms,
        )
        leg.set_remote(remote, 0.0)

    def connect(self, hears: dict[int, list[int]]) -> None:
        legs = self.legs
        self.connections.connect(
            {legs[leg]: [legs[one] for one in heard] for leg, heard in hears.items()}
        )

    def relays(self) -> set[tuple[int, int]]:
        """Pairs of who is relayed, and to whom."""
        return {
            (here, there)
            for here, source in enumerate(self.legs)
            for there, leg in enumerate(self.legs)
            if source.incoming.to is leg.sender
        }

    def mixed(self) -> set[int]:
        return {number for number, leg in enumerate(self.legs) if leg.mixed}

    def tapped(self) -> set[int]:
        """Whose packets are decoded, once a tick has come."""
        self.mixing.tick(TICK)
        return {n for n, leg in enumerate(self.legs) if leg.incoming.tap is not None}


def test_a_pair_is_relayed_and_nobody_is_decoded() -> None:
    house = House("PCMU", "PCMA")
    house.connect({0: [1], 1: [0]})

    assert (house.relays(), house.mixed(), house.tapped()) == ({(0, 1), (1, 0)}, set(), set())


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_whoever_came_first_the_pair_has_the_relay_and_the_listener_is_mixed_for(
    order: tuple[int, ...],
) -> None:
    house = House("PCMU", "PCMU", "PCMU")
    wanted = {0: [1], 1: [0], 2: [1]}
    for leg in order:
        house.connect({leg: wanted[leg]})

    assert (house.relays(), house.mixed(), house.tapped()) == ({(0, 1), (1, 0)}, {2}, {1})


def test_a_listener_has_the_relay_when_the_other_one_who_had_it_is_gone() -> None:
    house = House("PCMU", "PCMU", "PCMU")
    house.connect({0: [1], 1: [0], 2: [1]})
    house.connections.forget(house.legs[0])

    assert (house.relays(), house.mixed(), house.tapped()) == ({(1, 2)}, set(), set())


def test_who_holds_us_is_neither_relayed_to_nor_mixed_for() -> None:
    house = House("PCMU", "PCMU", "PCMU")
    house.connect({0: [1, 2], 1: [0], 2: [0]})
    house.speaks(house.legs[0], "PCMU", held=True)
    house.speaks(house.legs[1], "PCMU", held=True)

    assert (house.relays(), house.mixed(), house.tapped()) == ({(0, 2)}, set(), set())


def test_another_codec_in_the_middle_of_a_call_is_mixed_and_the_first_one_again_is_not() -> None:
    house = House("PCMU", "PCMU")
    house.connect({0: [1], 1: [0]})
    house.speaks(house.legs[0], "G722")
    between = house.relays(), house.mixed(), house.tapped()
    house.speaks(house.legs[0], "PCMA")

    assert between == (set(), {0, 1}, {0, 1})
    assert (house.relays(), house.mixed(), house.tapped()) == ({(0, 1), (1, 0)}, set(), set())


CODECS: tuple[LegCodec, ...] = ("PCMU", "PCMA", "PCMU", "G722", "G722", "OPUS")
LEGS = st.integers(0, len(CODECS) - 1)
STEPS = st.lists(
    st.one_of(
        st.dictionaries(LEGS, st.lists(LEGS, max_size=3), max_size=4),
        st.tuples(st.sampled_from(["mute", "unmute", "hold", "resume"]), LEGS),
    ),
    max_size=8,
)


@settings(max_examples=examples(150), deadline=None)
@given(STEPS)
def test_everybody_hears_exactly_whom_they_should_whatever_was_before(
    steps: list[dict[int, list[int]] | tuple[str, int]],
) -> None:
    house = House(*CODECS)
    wanted: dict[int, set[int]] = {number: set() for number in range(len(CODECS))}
    held: set[int] = set()
    for step in steps:
        if isinstance(step, dict):
            house.connect(step)
            wanted |= {leg: set(heard) - {leg} for leg, heard in step.items()}
            continue
        what, number = step
        leg = house.legs[number]
        if what in ("mute", "unmute"):
            leg.incoming.mute(what == "mute")
            leg.rewire()
        else:
            (held.add if what == "hold" else held.discard)(number)
            house.speaks(leg, CODECS[number], held=what == "hold")

    relays, mixed, tapped = house.relays(), house.mixed(), house.tapped()
    listening = {number for number, heard in wanted.items() if heard and number not in held}
    relayed = {there for _, there in relays}
    assert relayed | mixed == listening
    assert not relayed & mixed
    assert len({here for here, _ in relays}) == len(relays) == len(relayed)
    assert all(wanted[there] == {here} for here, there in relays)
    assert tapped == {one for number in mixed for one in wanted[number]}
    for number in listening - relayed:  # nobody is mixed for who could be relayed to
        for source in wanted[number] if len(wanted[number]) == 1 else ():
            leg = house.legs[source]
            taken = any(here == source for here, _ in relays)
            alike = CODECS[source] == CODECS[number] and not leg.incoming.muted
            laws = {CODECS[source], CODECS[number]} <= {"PCMU", "PCMA"}
            assert taken or not (alike or laws)
