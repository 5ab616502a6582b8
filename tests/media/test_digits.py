import random
import struct
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_server.media.digits import (
    END_COPIES,
    KEYS,
    DigitDetector,
    DigitSequence,
    Pressed,
)

Packet = tuple[int, int, bytes, bool]  # milliseconds, timestamp, payload, marker


def event(key: str, samples: int, *, end: bool = False) -> bytes:
    return struct.pack("!BBH", KEYS.index(key), 0x8A if end else 0x0A, samples)


def press(key: str, at: int, length: int = 100) -> list[Packet]:
    """What a good phone sends: an update every 20 ms, and the end three times."""
    steps = [(at + ms, 8 * at, event(key, 8 * ms), ms == 20) for ms in range(20, length, 20)]
    ends = [
        (at + length + 20 * copy, 8 * at, event(key, 8 * length, end=True), False)
        for copy in range(3)
    ]
    return steps + ends


def detect(packets: Iterable[Packet]) -> list[Pressed]:
    """What is found in these packets, with timers run between them and for a second after."""
    detector, found = DigitDetector(), []
    last = 0
    for ms, timestamp, payload, marker in packets:
        found += detector.handle_timer(ms / 1000)
        found += detector.receive(payload, timestamp & 0xFFFFFFFF, ms / 1000, marker=marker)
        last = ms
    return found + detector.handle_timer(last / 1000 + 1.0)


def test_a_key_is_reported_once_with_its_length() -> None:
    assert detect(press("5", 0)) == [Pressed("5", 100)]


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_known(key: str) -> None:
    assert detect(press(key, 0)) == [Pressed(key, 100)]


PATTERNS = {
    "all copied": lambda packets: [p for p in packets for _ in range(2)],
    "only one end came": lambda packets: packets[-1:],
    "the ends are lost": lambda packets: packets[:-3],
    "only the first update came": lambda packets: packets[:1],
    "the beginning is lost": lambda packets: packets[3:],
    "in reverse": lambda packets: packets[::-1],
    "an update after the end": lambda packets: [*packets[:3], packets[-1], packets[3], packets[-2]],
}


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_copies_loss_and_disorder_neither_double_nor_lose_a_key(pattern: object) -> None:
    found = detect(pattern(press("7", 0)))  # type: ignore[operator]

    assert [pressed.digit for pressed in found] == ["7"]


def test_the_same_key_twice_is_two_keys_even_when_the_first_ends_are_lost() -> None:
    first, second = press("1", 0)[:-3], press("1", 150)

    assert [pressed.digit for pressed in detect(first + second)] == ["1", "1"]


def test_a_straggling_end_after_the_next_key_began_is_ignored() -> None:
    first, second = press("1", 0), press("2", 140)
    order = [*first[:-1], *second[:2], first[-1], *second[2:]]

    assert [pressed.digit for pressed in detect(order)] == ["1", "2"]


def test_the_only_packet_of_a_key_is_not_lost_because_the_next_key_overtook_it() -> None:
    first, second, third = press("1", 0)[-1:], press("2", 140), press("3", 400)
    order = [*second[:1], *first, *second[1:], *first, *third[:2], *first, *third[2:]]

    assert [pressed.digit for pressed in detect(order)] == ["1", "2", "3"]


def test_a_late_packet_of_a_full_segment_is_no_key_of_its_own() -> None:
    full = (8200, 0, event("9", 0xFFFF), False)
    following = (8220, 0xFFFF, event("9", 160), False)
    end = (8300, 0xFFFF, event("9", 800, end=True), False)

    assert [p.digit for p in detect([full, following, full, end])] == ["9"]


def test_a_key_held_for_twenty_seconds_in_segments_is_one_key() -> None:
    """RFC 4733 §2.5.1.3: a new segment's timestamp is where the full one ended."""
    packets: list[Packet] = []
    for ms in range(20, 20_001, 20):
        segment = (8 * ms - 1) // 0xFFFF
        start = segment * 0xFFFF
        packets.append((ms, start, event("9", 8 * ms - start), ms == 20))
    ms, start, payload, _ = packets[-1]
    packets[-1] = (ms, start, bytes([payload[0], payload[1] | 0x80]) + payload[2:], False)

    assert detect(packets) == [Pressed("9", 20_000)]


def test_another_stream_s_key_is_another_one_whatever_its_timestamp() -> None:
    """And a copy of what the old one has told, which comes late, is none."""
    detector, found = DigitDetector(), []
    for ssrc, key in ((7, "2"), (8, "1"), (7, "2"), (8, "1")):
        found += detector.break_off(ssrc)
        for ms, timestamp, payload, marker in press(key, 0):
            found += detector.receive(payload, timestamp, ms / 1000, marker=marker)

    assert found == [Pressed("2", 100), Pressed("1", 100)]


def test_a_lost_end_is_given_up_after_200_ms() -> None:
    detector = DigitDetector()
    detector.receive(event("4", 160), 0, 1.0)

    assert detector.deadline == pytest.approx(1.2)
    assert detector.handle_timer(1.19) == []
    assert detector.handle_timer(1.2) == [Pressed("4", 20)]
    assert detector.deadline is None


@pytest.mark.parametrize(
    "payload", [b"", b"\x01", b"\x01\x80\x00", struct.pack("!BBH", 16, 0x80, 9)]
)
def test_short_payloads_and_events_that_are_no_keys_are_passed_over(payload: bytes) -> None:
    assert detect([(0, 0, payload, True)]) == []


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(KEYS), st.integers(2, 12), st.integers(6, 20)),
        min_size=1,
        max_size=6,
    ),
    st.data(),
    st.integers(0, 0xFFFFFFFF),
)
def test_keys_survive_any_loss_that_leaves_one_packet_of_each(
    keys: list[tuple[str, int, int]], data: st.DataObject, start: int
) -> None:
    packets: list[Packet] = []
    at = 0
    for key, length, gap in keys:
        sent = press(key, at, 20 * length)
        kept = data.draw(st.lists(st.sampled_from(sent), min_size=1, max_size=8))
        packets += sorted(kept, key=lambda packet: packet[0])
        at += 20 * (length + gap)
    found = detect((ms, timestamp + start, load, mark) for ms, timestamp, load, mark in packets)

    assert [pressed.digit for pressed in found] == [key for key, _, _ in keys]


def test_what_is_sent_is_what_is_detected() -> None:
    sequence, detector, found = DigitSequence(), DigitDetector(), []
    sequence.append("12#a", duration_ms=100, gap_ms=80)
    step = 0
    while sequence:
        step += 1
        if (packet := sequence.next()) is not None:
            found += detector.receive(
                packet.payload, 160 * step - packet.age, 0.02 * step, marker=packet.marker
            )

    assert found == [Pressed(key, 100) for key in "12#A"]


def test_each_key_sent_has_one_marker_three_ends_and_a_pause_after_it() -> None:
    sequence = DigitSequence()
    sequence.append("1x2", duration_ms=60, gap_ms=80)
    steps = []
    while sequence:
        steps.append(sequence.next())

    ends = [bool(p.payload[1] & 0x80) if p else None for p in steps]
    assert ends == ([False] * 2 + [True] * END_COPIES + [None] * 2) * 2
    assert [bool(p and p.marker) for p in steps].count(True) == 2
    assert {p.age for p in steps[:5] if p} == {0, 160, 320, 480, 640}


# --- ten thousand digits over a bad network ---------------------------------------------------


def dialled(count: int, chance: random.Random) -> tuple[dict[int, str], list[Packet]]:
    """
    So many keys as phones press and space them, one in three the same as the one before.

    The keys are by the timestamps of their events.
    """
    keys: dict[int, str] = {}
    packets: list[Packet] = []
    at, key = 0, "0"
    for _ in range(count):
        key = key if chance.random() < 1 / 3 else chance.choice(KEYS)
        length = 20 * chance.randint(3, 15)
        packets += press(key, at, length)
        keys[8 * at] = key
        at += length + 20 * chance.randint(3, 20)
    return keys, packets


def through(
    packets: list[Packet],
    chance: random.Random,
    *,
    loss: float = 0.0,
    burst: float = 0.0,
    doubled: float = 0.0,
    jitter: int = 0,
) -> list[Packet]:
    """
    A network: ``loss`` of all packets, ``burst`` the chance that the one after a lost one is lost
    as well, ``doubled`` of them twice, each up to ``jitter`` ms late, so that they overtake.
    """
    arrived: list[Packet] = []
    lost = False
    for ms, timestamp, payload, marker in packets:
        lost = chance.random() < (burst if lost else loss)
        if lost:
            continue
        arrived += [
            (ms + chance.randint(0, jitter), timestamp, payload, marker)
            for _ in range(2 if chance.random() < doubled else 1)
        ]
    return sorted(arrived, key=lambda packet: packet[0])


NETWORKS: dict[str, dict[str, Any]] = {
    "clean": {},
    "2 % loss": {"loss": 0.02},
    "2 % loss in rows": {"loss": 0.013, "burst": 0.35},
    "2 % loss, copies": {"loss": 0.02, "doubled": 0.1},
    "2 % loss, packets overtake": {"loss": 0.02, "jitter": 60},
    "all of it": {"loss": 0.013, "burst": 0.35, "doubled": 0.1, "jitter": 60},
    "10 % loss": {"loss": 0.1},
}


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_of_ten_thousand_digits_none_is_lost_and_none_is_doubled(network: dict[str, Any]) -> None:
    chance = random.Random(4733)
    keys, packets = dialled(10_000, chance)
    arrived = through(packets, chance, **network)
    found = detect(arrived)
    came = {timestamp for _, timestamp, _, _ in arrived}  # one in thousands: lost whole in a row

    assert "".join(pressed.digit for pressed in found) == "".join(
        key for timestamp, key in keys.items() if timestamp in came
    )
    assert len(came) >= (10_000 if "burst" not in network else 9_995)
