"""
Loss, reorder, duplication and jitter as data: what becomes of each packet, and when.

Payloads are the packets' numbers, so that what comes out can be told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_server.media.jitter_buffer import JitterBuffer, Kind
from tests.sizes import examples

TICK = 0.02
FRAME = 160
LONGEST = 0.2


@dataclass(frozen=True)
class Fate:
    """What the network does to one packet."""

    delay: float = 0.0  # seconds
    lost: bool = False
    copies: tuple[float, ...] = ()  # how much later each copy comes


@dataclass(frozen=True)
class Sent:
    """A packet as its sender sends it."""

    at: float
    seq: int
    timestamp: int
    number: int
    duration: int
    kind: Kind = Kind.AUDIO


@dataclass
class Heard:
    """What came out."""

    played: list[tuple[float, int]] = field(default_factory=list)  # when, which packet
    kinds: list[str] = field(default_factory=list)  # what filled each tick

    @property
    def numbers(self) -> list[int]:
        return [number for _, number in self.played]


def stream(
    count: int, ms: int = 20, *, seq: int = 65530, timestamp: int = 2**32 - 1000, at: float = 100.0
) -> list[Sent]:
    """Evenly sent; both counters wrap around early."""
    size = ms * 8
    return [
        Sent(at + n * ms / 1000, (seq + n) & 0xFFFF, (timestamp + n * size) % 2**32, n, size)
        for n in range(count)
    ]


def arrivals(sent: Sequence[Sent], fates: Iterable[Fate] = ()) -> list[tuple[float, Sent]]:
    fate = dict(enumerate(fates))
    come: list[tuple[float, Sent]] = []
    for number, packet in enumerate(sent):
        happens = fate.get(number, Fate())
        if not happens.lost:
            come.append((packet.at + happens.delay, packet))
        come += [(packet.at + happens.delay + later, packet) for later in happens.copies]
    return sorted(come, key=lambda arrival: arrival[0])


def play(
    come: list[tuple[float, Sent]],
    buffer: JitterBuffer | None = None,
    *,
    phase: float = 0.007,
    until: float | None = None,
) -> Heard:
    """Tick by tick, as a mixer takes its frames; nothing is ever taken out to save delay."""
    buffer = buffer or JitterBuffer(longest=LONGEST)
    heard = Heard()
    come = list(come)
    tick = (come[0][0] if come else 100.0) + phase
    until = until if until is not None else (come[-1][0] if come else tick) + 0.5
    held = 0
    while tick < until:
        while come and come[0][0] <= tick:
            arrived, packet = come.pop(0)
            payload = packet.number.to_bytes(4, "big")
            buffer.put(
                packet.seq, packet.timestamp, payload, arrived,
                duration=packet.duration, kind=packet.kind,
            )  # fmt: skip
        kinds = []
        while held < FRAME:
            piece = buffer.get(tick, FRAME - held, held)
            if piece is None:
                kinds.append("nothing")
                held = FRAME
                continue
            assert piece.kind in (Kind.AUDIO, Kind.NOISE) or 0 < piece.duration <= FRAME - held
            kinds.append(piece.kind.value)
            if piece.kind in (Kind.AUDIO, Kind.NOISE):
                starts = tick + held / 8000
                heard.played.append((starts, int.from_bytes(piece.payload, "big")))
            held += piece.duration
        held -= FRAME
        heard.kinds.append("+".join(dict.fromkeys(kinds)) or "held")
        tick += TICK
    return heard


ptimes = st.sampled_from([10, 20, 30, 40, 60])
phases = st.floats(0, 0.0199)
fates = st.lists(
    st.builds(
        Fate,
        delay=st.one_of(st.just(0.0), st.floats(0, 0.06), st.floats(0, 0.5)),
        lost=st.sampled_from([False] * 7 + [True]),
        copies=st.lists(st.floats(0, 0.1), max_size=2).map(tuple),
    ),
    max_size=60,
)


@settings(max_examples=examples(200), deadline=None)
@given(fates, ptimes, phases)
def test_whatever_the_network_does_nothing_is_played_twice_or_out_of_order_or_much_too_late(
    network: list[Fate], ms: int, phase: float
) -> None:
    come = arrivals(stream(len(network) + 5, ms), network)
    arrived = {packet.number: at for at, packet in reversed(come)}

    heard = play(come, phase=phase)

    assert heard.numbers == sorted(set(heard.numbers))
    assert set(heard.numbers) <= set(arrived)
    waits = [at - arrived[number] for at, number in heard.played]
    assert max(waits, default=0.0) <= LONGEST + TICK + ms / 1000


@settings(max_examples=examples(100), deadline=None)
@given(ptimes, phases, st.integers(1, 80), st.lists(st.integers(0, 79), max_size=5))
def test_without_jitter_every_packet_is_played_within_one_frame_of_its_arrival(
    ms: int, phase: float, count: int, copied: list[int]
) -> None:
    network = [Fate(copies=(0.0, 0.011) if n in copied else ()) for n in range(count)]
    come = arrivals(stream(count, ms), network)
    arrived = {packet.number: packet.at for _, packet in come}

    heard = play(come, phase=phase)

    assert heard.numbers == list(range(count))
    assert all(at - arrived[number] <= TICK + 1e-9 for at, number in heard.played)


@settings(max_examples=examples(100), deadline=None)
@given(ptimes, phases, st.sets(st.integers(1, 60), max_size=20))
def test_losses_alone_add_no_delay_and_each_leaves_a_hole_of_its_own_length(
    ms: int, phase: float, lost: set[int]
) -> None:
    count = 70
    network = [Fate(lost=number in lost) for number in range(count)]
    come = arrivals(stream(count, ms), network)
    arrived = {packet.number: packet.at for _, packet in come}

    heard = play(come, phase=phase)

    assert heard.numbers == [number for number in range(count) if number not in lost]
    assert all(at - arrived[number] <= TICK + 1e-9 for at, number in heard.played)


@settings(max_examples=examples(25), deadline=None)
@given(
    st.lists(st.floats(0, 0.05), min_size=400, max_size=400),
    st.sampled_from([10, 20, 30]),
    phases,
)
def test_of_jitter_that_goes_on_hardly_anything_is_lost_and_the_delay_follows_it(
    delays: list[float], ms: int, phase: float
) -> None:
    sent = stream(400, ms)
    come = arrivals(sent, [Fate(delay) for delay in delays])

    heard = play(come, phase=phase)

    second_half = [number for number in heard.numbers if number >= 200]
    assert len(second_half) >= 0.95 * 200
    delay = [at - sent[number].at for at, number in heard.played if number >= 200]
    assert max(delay) <= max(delays) + 2 * TICK + ms / 1000


def test_two_that_come_in_the_wrong_order_are_put_right() -> None:
    network = [Fate()] * 5 + [Fate(0.025), Fate(), Fate(0.025), Fate(), Fate()]

    heard = play(arrivals(stream(10), network), JitterBuffer(expected_jitter=0.03))

    assert heard.numbers == list(range(10))
    assert "lost" not in heard.kinds


def test_a_stream_that_is_known_to_jitter_begins_with_that_delay() -> None:
    heard = play(arrivals(stream(10)), JitterBuffer(expected_jitter=0.05), phase=0.0)

    assert heard.played[0][0] == pytest.approx(100.05, abs=TICK / 2)
    assert heard.kinds[0] == "pause"


def test_a_packet_that_comes_while_it_is_waited_for_is_still_played() -> None:
    """Nothing is lost; all that follows is as late as it was."""
    network = [Fate()] * 20 + [Fate(0.055), Fate(0.035), Fate(0.015)] + [Fate()] * 20

    heard = play(arrivals(stream(43), network))

    assert heard.numbers == list(range(43))
    assert heard.kinds.count("nothing") - 24 <= 3  # 24 ticks after the end
    assert "lost" not in heard.kinds


def test_the_delay_shrinks_again_where_the_taker_takes_more() -> None:
    """The buffer only says so: what is taken out, and how, is the taker's."""
    network = [Fate()] * 20 + [Fate(0.1), Fate(0.08), Fate(0.06), Fate(0.04), Fate(0.02)]
    buffer = JitterBuffer(longest=LONGEST)
    come = arrivals(stream(400), network)
    now = 107.007
    play([arrival for arrival in come if arrival[0] < now], buffer, until=now)

    assert buffer.target == pytest.approx(0, abs=1e-6)  # what was late is five seconds ago
    assert buffer.excess(now) > 0.05 * 8000
    while buffer.ready:
        buffer.get(now, FRAME)
    assert buffer.excess(now) <= TICK * 8000


def test_a_pause_of_the_sender_is_no_loss() -> None:
    """Silence suppression (RFC 3551 §4.1): the timestamps go on, the sequence has no hole."""
    before, after = stream(20), stream(20, at=103.0)
    pause = [
        Sent(p.at, (65530 + 20 + n) & 0xFFFF, (2**32 - 1000 + round((p.at - 100) * 8000)) % 2**32,
             20 + n, 160)
        for n, p in enumerate(after)
    ]  # fmt: skip

    heard = play(arrivals(before + pause))

    assert heard.numbers == list(range(40))
    assert "lost" not in "".join(heard.kinds)
    assert heard.played[20][0] - 103.0 <= TICK


@pytest.mark.parametrize("jump", [160 * 1000, -160 * 1000, 2**31 - 1, 800, -8000 * 3])
@pytest.mark.parametrize("lost", [False, True])
def test_timestamps_that_jump_cost_a_few_packets_at_most(jump: int, *, lost: bool) -> None:
    """A source behind the sender changes, and the SSRC does not."""
    sent = stream(200)
    jumped = [Sent(p.at, p.seq, (p.timestamp + jump) % 2**32, p.number, 160) for p in sent[100:]]
    network = [Fate(lost=lost and number == 100) for number in range(200)]

    heard = play(arrivals(sent[:100] + jumped, network))

    assert len(heard.numbers) >= 195
    assert heard.numbers == sorted(set(heard.numbers))
    late = [number for at, number in heard.played if number > 110 and at - sent[number].at > 0.15]
    assert late == []


def test_a_clock_that_stood_still_on_hold_goes_on_where_it_was() -> None:
    sent = stream(200)
    held = [Sent(p.at + 30, p.seq, p.timestamp, p.number, 160) for p in sent[100:]]

    heard = play(arrivals(sent[:100] + held))

    assert len(heard.numbers) >= 195
    assert heard.played[-1][0] - held[-1].at <= 2 * TICK


def test_a_second_of_audio_that_comes_all_at_once_delays_nothing_for_long() -> None:
    """The network stood still: the oldest of what it kept is given up."""
    sent = stream(300)
    network = [
        Fate(max(0.0, sent[150].at - p.at) if 100 <= n < 150 else 0.0) for n, p in enumerate(sent)
    ]
    buffer = JitterBuffer(longest=LONGEST)

    heard = play(arrivals(sent, network), buffer)

    assert buffer.dropped >= 38
    assert heard.numbers == sorted(set(heard.numbers))
    assert (
        max(at - sent[number].at for at, number in heard.played if number >= 150) <= LONGEST + TICK
    )


@pytest.mark.parametrize("ppm", [-300, -100, 100, 300])
def test_a_clock_that_is_a_little_off_never_loses_a_packet(ppm: int) -> None:
    """Two minutes of it: 300 ppm are 36 ms, nearly two packets."""
    count = 6000
    sent = [
        Sent(100 + n * 0.02 * (1 - ppm * 1e-6), n & 0xFFFF, n * 160, n, 160) for n in range(count)
    ]

    heard = play(arrivals(sent))

    assert heard.numbers == list(range(count))


def test_comfort_noise_takes_no_time_and_what_follows_is_no_loss() -> None:
    talk = stream(10)
    noise = Sent(100.2, 65540 & 0xFFFF, (talk[9].timestamp + 160) % 2**32, 10, 0, Kind.NOISE)
    again = Sent(101.0, 65541 & 0xFFFF, (talk[0].timestamp + 8000) % 2**32, 11, 160)

    heard = play(arrivals([*talk, noise, again]))

    assert heard.numbers == list(range(12))
    assert "lost" not in "".join(heard.kinds)
    assert heard.played[11][0] - 101.0 <= TICK


def test_events_between_audio_packets_are_no_loss() -> None:
    buffer = JitterBuffer()
    sent = stream(10)
    for packet in sent[:3]:
        buffer.put(packet.seq, packet.timestamp, b"x", packet.at, duration=160)
        assert buffer.get(packet.at, FRAME) is not None
    for packet in sent[3:6]:
        buffer.skip(packet.seq)
        assert buffer.get(packet.at, FRAME) is None
    for packet in sent[6:8]:
        buffer.put(packet.seq, packet.timestamp, b"x", sent[6].at, duration=160)

    piece = buffer.get(sent[6].at, FRAME)

    assert piece is not None
    assert piece.kind is Kind.AUDIO


def test_a_hole_tells_what_follows_it_if_that_is_all_that_is_missing() -> None:
    """For codecs that put a copy of the frame before into each packet."""
    sent = stream(6)
    buffer = JitterBuffer(expected_jitter=0.05)
    for number in (0, 1, 3):
        packet = sent[number]
        buffer.put(packet.seq, packet.timestamp, bytes([number]), 100.0, duration=160)

    pieces = [buffer.get(100.06 + n * TICK, FRAME) for n in range(4)]

    assert [(piece.kind.value, piece.payload) for piece in pieces if piece] == [
        ("audio", b"\x00"), ("audio", b"\x01"), ("lost", b"\x03"), ("audio", b"\x03"),
    ]  # fmt: skip


def test_after_a_restart_any_numbers_are_good() -> None:
    buffer = JitterBuffer()
    for packet in stream(5):
        buffer.put(packet.seq, packet.timestamp, b"old", packet.at, duration=160)
    buffer.restart()

    buffer.put(7, 7, b"new", 101.0, duration=160)

    piece = buffer.get(101.0, FRAME)
    assert piece is not None
    assert piece.payload == b"new"
    assert buffer.get(101.02, FRAME) is None


def test_nobody_taking_anything_does_not_fill_the_memory() -> None:
    buffer = JitterBuffer()
    for packet in stream(1000):
        buffer.put(packet.seq, packet.timestamp, bytes(2), packet.at, duration=160)

    taken = 0
    while buffer.get(120.0, 0) is not None:
        taken += 1

    assert taken <= 64
    assert buffer.dropped >= 936
