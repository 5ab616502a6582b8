"""A whole leg, from its packets to what a mixer hears."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_server.media.codecs import clock_rate, make_encoder
from cti_server.media.frame_source import FrameSource
from cti_server.media.protocol import LegCodec
from tests.media.tones import Samples, biggest_step, cleanness, in_frames, loudness, tone
from tests.sizes import examples

CODECS: list[LegCodec] = ["PCMU", "PCMA", "G722", "OPUS"]
TICK = 0.02


def hear(
    sent: Samples,
    codec: LegCodec = "PCMU",
    ms: int = 20,
    *,
    delay: Callable[[int], float] = lambda number: 0.0,
    lost: Callable[[int], bool] = lambda number: False,
    source: FrameSource | None = None,
) -> Samples:
    """Send this through an unkind network; return the frames of all the ticks it lasts."""
    size, encoder = ms * 8, make_encoder(codec)
    ticks = size * clock_rate(codec) // 8000
    packets = [
        (100 + number * ms / 1000 + delay(number), number, encoder.encode(piece))
        for number, piece in enumerate(in_frames(sent, size))
    ]
    coming = sorted(packet for packet in packets if not lost(packet[1]))
    source = source or FrameSource(codec)
    heard = []
    for number in range(len(sent) // 160):
        now = 100.007 + number * TICK
        while coming and coming[0][0] <= now:
            at, packet, payload = coming.pop(0)
            source.put((packet + 60000) & 0xFFFF, packet * ticks & 0xFFFFFFFF, payload, at)
        heard.append(source.frame(now))
    assert {len(frame) for frame in heard} == {160}
    return np.concatenate(heard)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("ms", [10, 20, 40, 60])
def test_a_tone_is_heard_from_the_first_tick_on(codec: LegCodec, ms: int) -> None:
    heard = hear(tone(1000, 2.4), codec, ms)

    assert cleanness(heard[1600:], 1000) > 20
    assert loudness(heard[1600:]) == pytest.approx(loudness(tone(1000)), rel=0.1)


def test_without_jitter_and_loss_g711_is_heard_to_the_bit() -> None:
    sent = tone(440, 1.0)

    assert np.abs(hear(sent).astype(int) - sent).max() < 260  # half a step of mu-law


@pytest.mark.parametrize("codec", CODECS)
def test_five_percent_of_loss_and_much_jitter_do_not_click(codec: LegCodec) -> None:
    rng = np.random.default_rng(7)
    late, lost = rng.uniform(0, 0.04, 1000), rng.random(1000) < 0.05
    sent = tone(200, 8.0)

    heard = hear(sent, codec, delay=lambda n: float(late[n]), lost=lambda n: bool(lost[n]))

    assert biggest_step(heard) <= 2.5 * biggest_step(sent)
    assert loudness(heard[8000:]) > 0.75 * loudness(sent)


def test_a_delay_that_is_not_needed_any_more_is_taken_out_unheard() -> None:
    def stall(number: int) -> float:
        return max(0.0, 0.12 - (number - 100) * TICK) if number >= 100 else 0.0

    source = FrameSource("PCMU")
    sent = tone(150, 10.0)

    heard = hear(sent, delay=stall, source=source)

    assert biggest_step(heard) <= 1.5 * biggest_step(sent)
    now = 100.007 + 500 * TICK
    assert source.buffer.excess(now) <= 240


def test_a_silent_sender_is_silent_and_one_with_comfort_noise_is_not() -> None:
    talk = in_frames(tone(300, 0.2))
    encoder = make_encoder("PCMU")

    def last_of(noise: bytes) -> Samples:
        source = FrameSource("PCMU")
        for number, frame in enumerate(talk):
            source.put(number, number * 160, encoder.encode(frame), 100 + number * TICK)
            source.frame(100 + number * TICK)
        if noise:
            source.put_noise(10, 1600, noise, 100.2)
        return [source.frame(100.2 + number * TICK) for number in range(50)][-1]

    assert not last_of(b"").any()
    assert loudness(last_of(b"\x28")) == pytest.approx(32124 / 100, rel=0.1)


def test_before_anything_came_it_is_silent() -> None:
    assert not FrameSource("OPUS").frame(1.0).any()


def test_payloads_that_are_no_opus_are_as_good_as_lost() -> None:
    source = FrameSource("OPUS")
    encoder = make_encoder("OPUS")
    heard = []
    for number, frame in enumerate(in_frames(tone(400, 1.0))):
        payload = encoder.encode(frame)
        if number % 10 == 9:
            payload = b"" if number % 20 == 9 else b"\x48\xff\xff\xff"
        source.put(number, number * 960, payload, 100 + number * TICK)
        heard.append(source.frame(100 + number * TICK))

    assert {len(frame) for frame in heard} == {160}
    assert loudness(np.concatenate(heard)) > 0.5 * loudness(tone(400))


def test_another_stream_of_the_same_leg_is_led_into() -> None:
    source = FrameSource("PCMU")
    encoder = make_encoder("PCMU")
    frames = in_frames(tone(300, 0.4))
    heard = []
    for number, frame in enumerate(frames):
        if number == 10:
            source.restart()
        shift = 5_000_000 if number >= 10 else 0
        source.put(
            (number + shift) & 0xFFFF,
            number * 160 + shift,
            encoder.encode(frame),
            100 + number * TICK,
        )
        heard.append(source.frame(100 + number * TICK))

    assert biggest_step(np.concatenate(heard)) <= 1.35 * biggest_step(tone(300))
    assert heard[-1].any()


packets = st.tuples(
    st.sampled_from(["audio", "audio", "audio", "noise", "event", "restart"]),
    st.one_of(st.integers(0, 5), st.integers(0, 0xFFFF)),  # on from the sequence number before
    st.one_of(st.sampled_from([160, 80, 480, 960]), st.integers(0, 2**32 - 1)),  # and the timestamp
    st.one_of(st.binary(max_size=24), st.binary(min_size=80, max_size=480)),
    st.floats(0, 0.1),  # seconds
)


@settings(max_examples=examples(150), deadline=None)
@given(st.sampled_from(CODECS), st.lists(packets, max_size=30))
def test_whatever_a_peer_sends_every_tick_gets_its_frame(
    codec: LegCodec, sent: list[tuple[str, int, int, bytes, float]]
) -> None:
    source = FrameSource(codec)
    seq = timestamp = 0
    now = due = 100.0
    for what, further, later, payload, pause in sent:
        seq, timestamp = (seq + further) & 0xFFFF, (timestamp + later) & 0xFFFFFFFF
        now += pause
        match what:
            case "audio":
                source.put(seq, timestamp, payload, now)
            case "noise":
                source.put_noise(seq, timestamp, payload, now)
            case "event":
                source.skip(seq)
            case _:
                source.restart()
        while due <= now:
            frame = source.frame(due)
            assert len(frame) == 160
            assert frame.dtype == np.int16
            due += TICK
