import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_server.media.timeline import JUMP, Timeline

SILENCE = 0xFF
GAP = bytes([SILENCE])


def audio(number: int, size: int = 160) -> bytes:
    """A packet's payload, told from every other and from silence."""
    return bytes([number >> 7, number & 0x7F] * (size // 2))


class Tape:
    """A time line that is flushed as the worker does it, and all that was taken from it."""

    def __init__(self) -> None:
        self.line = Timeline(SILENCE)
        self.taken = b""

    def say(self, number: int, *, at: int | None = None, start: int = 0) -> None:
        """Packet ``number`` of a stream, arriving when it was spoken or at position ``at``."""
        arrival = 160 * number if at is None else at
        self.line.place((start + 160 * number) & 0xFFFFFFFF, audio(number), arrival)

    def flush(self, present: int) -> None:
        self.line.keep_up(present)
        self.taken += self.line.take()

    def finish(self, present: int = 0) -> bytes:
        return self.taken + self.line.finish(present)


def reference(numbers: set[int], first: int, last: int) -> bytes:
    return b"".join(audio(n) if n in numbers else GAP * 160 for n in range(first, last + 1))


PATTERNS: dict[str, list[int]] = {
    "in order": [0, 1, 2, 3, 4, 5],
    "one lost": [0, 1, 3, 4, 5],
    "three lost": [0, 1, 5],
    "two swapped": [0, 2, 1, 3, 4, 5],
    "one very late": [0, 2, 3, 4, 1, 5],
    "in reverse after the first": [0, 5, 4, 3, 2, 1],
    "all twice": [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5],
    "a late copy": [0, 1, 2, 3, 1, 4, 5],
    "lost, late and copied": [0, 3, 2, 2, 0, 5],
}


@pytest.mark.parametrize("order", PATTERNS.values(), ids=PATTERNS)
@pytest.mark.parametrize("start", [0, 0xFFFF_FFFF - 400, 0x8000_0000 - 100])
def test_every_packet_stands_where_its_timestamp_says(order: list[int], start: int) -> None:
    tape = Tape()
    for arrived, number in enumerate(order):
        tape.say(number, at=160 * arrived, start=start)

    assert tape.finish() == reference(set(order), 0, 5)


@settings(deadline=None)
@given(
    st.sets(st.integers(1, 150)),
    st.integers(0, 0xFFFFFFFF),
    st.randoms(use_true_random=False),
    st.integers(1, 60),
)
def test_loss_disorder_and_copies_within_60_ms_leave_every_sample_in_its_place(
    lost: set[int], start: int, chance: random.Random, flush_every: int
) -> None:
    """Whatever is lost, however the rest is shaken, and whenever it is flushed."""
    sent = [n for n in range(151) if n not in lost]
    sent += [n for n in sent if chance.random() < 0.1]
    order = sorted(sent[1:], key=lambda n: n + chance.uniform(0, 3))
    tape = Tape()
    tape.say(0, start=start)
    for step, number in enumerate(order):
        tape.say(number, start=start)
        if step % flush_every == 0:
            tape.flush(160 * (number + 1))
    last = max(sent)

    assert tape.finish() == reference(set(sent), 0, last)


def test_a_stream_begins_where_it_arrived() -> None:
    tape = Tape()
    tape.say(0, at=1234)

    assert tape.finish() == GAP * 1234 + audio(0)


def test_both_ends_can_be_made_equal() -> None:
    tape = Tape()
    tape.say(0, at=0)

    assert tape.finish(800) == audio(0) + GAP * 640


def test_another_source_is_placed_by_its_arrival() -> None:
    tape = Tape()
    tape.say(0)
    tape.say(1)
    tape.line.restart()
    tape.line.place(0x1234_5678, audio(9), 1000)

    assert tape.finish() == audio(0) + audio(1) + GAP * 680 + audio(9)


@pytest.mark.parametrize("jump", [JUMP * 3, -JUMP * 3, 0x7FFF_0000])
def test_a_jump_of_the_timestamps_is_placed_by_its_arrival(jump: int) -> None:
    tape = Tape()
    tape.say(0)
    tape.line.place((160 + jump) & 0xFFFFFFFF, audio(1), 160)
    tape.line.place((320 + jump) & 0xFFFFFFFF, audio(2), 320)

    assert tape.finish() == audio(0) + audio(1) + audio(2)


def test_a_silent_leg_keeps_up_and_a_clock_that_ran_on_finds_its_place() -> None:
    tape = Tape()
    tape.say(0)
    for present in range(6400, 80_001, 6400):  # silent for ten seconds
        tape.flush(present)
    tape.say(510)

    whole = tape.finish()
    assert whole[:160] == audio(0)
    assert whole[510 * 160 :] == audio(510)
    assert set(whole[160 : 510 * 160]) == {SILENCE}


@pytest.mark.parametrize("pause", [1.2, 1.7, 4.0, 60.0])
def test_a_clock_that_stood_still_while_silent_is_set_by_its_arrival(pause: float) -> None:
    """Some phones hold by stopping their stream, and go on with the next timestamp."""
    tape = Tape()
    for number in range(10):
        tape.say(number)
    samples = round(pause * 8000)
    for present in range(1600, samples + 1600, 6400):
        tape.flush(present)
    for number in range(10, 400):
        tape.say(number, at=160 * number + samples)
        if number % 40 == 0:
            tape.flush(160 * number + samples + 80)

    whole = tape.finish()
    # No more than a tenth of a second is lost until it is noticed.
    assert sum(audio(number) in whole for number in range(10, 400)) >= 385
    assert abs(whole.rindex(audio(399)) - (399 * 160 + samples)) <= 400


def test_what_a_network_held_up_for_a_second_and_more_does_not_shift_what_follows() -> None:
    tape = Tape()
    for number in range(50):
        tape.say(number)
    tape.flush(50 * 160 + 9600)  # 1.2 s without a packet
    for number in range(50, 110):
        tape.say(number, at=50 * 160 + 9600)  # now all at once
    for number in range(110, 160):
        tape.say(number)

    whole = tape.finish()
    assert whole.index(audio(159)) == 159 * 160
    assert whole.index(audio(112)) == 112 * 160


@pytest.mark.parametrize("parts_per_million", [-3000, -500, 500, 3000])
def test_a_clock_that_drifts_is_held_to_ours(parts_per_million: int) -> None:
    """A minute of an endlessly wrong clock ends within a sixth of a second of the truth."""
    tape = Tape()
    interval = 160 * (1 + parts_per_million / 1e6)  # of our samples, between two packets
    now = 0.0
    for number in range(3000):
        now = number * interval
        tape.say(number, at=round(now))
        if number % 40 == 39:
            tape.flush(round(now) + 80)

    length = len(tape.finish())
    assert abs(length - now) < 8000 / 6


def test_a_key_is_silence_although_its_tone_is_sent_as_well() -> None:
    tape = Tape()
    for number in range(5):
        tape.say(number)
    for samples in range(160, 1600, 160):  # a key from packet 3 on; its tone keeps coming
        tape.line.mute(3 * 160, samples, 640 + samples)
        tape.say(4 + samples // 160)
    tape.line.mute(3 * 160, 1600, 2300)
    for number in range(13, 20):
        tape.say(number)

    whole = tape.finish()
    assert whole[: 3 * 160] == reference(set(range(3)), 0, 2)
    assert set(whole[3 * 160 : 13 * 160]) == {SILENCE}
    assert whole[13 * 160 :] == reference(set(range(13, 20)), 13, 19)


def test_a_tone_that_was_reordered_into_a_key_stays_out() -> None:
    tape = Tape()
    tape.say(0)
    tape.say(3)  # 1 and 2 are still on their way
    tape.line.mute(160, 320, 480)
    tape.say(1, at=640)
    tape.say(2, at=640)

    assert tape.finish() == audio(0) + GAP * 320 + audio(3)


def test_the_memory_held_is_bounded_by_the_flushes() -> None:
    tape = Tape()
    for number in range(500):
        tape.say(number)
        if number % 40 == 39:
            tape.flush(160 * (number + 1))
        assert len(tape.line.buffer) <= 41 * 160 + 800


@pytest.mark.parametrize("flushed", [False, True])
def test_what_is_struck_is_silent_as_far_as_it_was_not_taken_and_moves_nothing(
    flushed: bool,
) -> None:
    tape = Tape()
    for number in range(8):
        tape.say(number)
    if flushed:
        tape.flush(1280)  # but the last 800 samples: packets 3 to 7
    tape.line.strike(320, 560)
    tape.say(8)

    expected = b"".join(map(audio, range(9)))
    first = 480 if flushed else 320
    assert tape.finish() == expected[:first] + GAP * (880 - first) + expected[880:]


def test_a_late_packet_is_not_heard_where_something_was_struck() -> None:
    tape = Tape()
    for number in (0, 1, 3, 4):
        tape.say(number)
    tape.line.strike(160, 480)
    tape.say(2, at=800)

    assert tape.finish() == audio(0) + GAP * 480 + audio(4)


def test_nothing_is_struck_from_a_line_that_nothing_has_come_to() -> None:
    tape = Tape()
    tape.line.strike(160, 480)
    tape.say(1, at=0)

    assert tape.finish() == audio(1)
