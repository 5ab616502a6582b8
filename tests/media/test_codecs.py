import numpy as np
import pytest

from cti_server.media import g711
from cti_server.media.codecs import (
    clock_rate,
    duration,
    encode_frames,
    make_decoder,
    make_encoder,
)
from cti_server.media.packetiser import Packetiser
from cti_server.media.protocol import Codec, LegCodec
from tests.media.tones import Samples, biggest_step, cleanness, in_frames, loudness, tone

CODECS: list[LegCodec] = ["PCMU", "PCMA", "G722", "OPUS"]
# What is asked of each, in dB below the tone: G.711's own quantisation; G.722's ADPCM; Opus at
# 20 kbit/s, which is made for speech.
LEAST = {"PCMU": 35, "PCMA": 35, "G722": 40, "OPUS": 20}


def carried(samples: Samples, codec: LegCodec, size: int = 160) -> Samples:
    encoder, decoder = make_encoder(codec), make_decoder(codec)
    out = [decoder.decode(encoder.encode(piece)) for piece in in_frames(samples, size)]
    return np.concatenate([piece for piece in out if piece is not None])


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("hz", [300, 1000, 2500, 3300])
def test_a_tone_comes_out_as_it_went_in(codec: LegCodec, hz: int) -> None:
    sent = tone(hz)

    heard = carried(sent, codec)

    assert len(heard) == len(sent)
    assert cleanness(heard[4000:], hz) > LEAST[codec]
    assert loudness(heard[4000:]) == pytest.approx(loudness(sent), rel=0.1)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("ms", [10, 20, 40, 60])
def test_packets_of_10_to_60_ms_are_decoded_whole(codec: LegCodec, ms: int) -> None:
    sent = tone(1000, 1.2)

    heard = carried(sent, codec, ms * 8)

    assert len(heard) == len(sent)
    assert cleanness(heard[4000:], 1000) > LEAST[codec]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("ms", [10, 20, 40, 60])
def test_a_payload_tells_how_long_it_is_in_ticks_of_its_rtp_clock(codec: LegCodec, ms: int) -> None:
    payload = make_encoder(codec).encode(tone(440)[: ms * 8])

    assert duration(codec, payload) == ms * clock_rate(codec) // 1000


@pytest.mark.parametrize(
    ("payload", "ticks"),
    [  # RFC 6716 §3.1, Table 2, and the count of frames in §3.2
        (b"\x00x", 480), (b"\x18x", 2880), (b"\x60x", 480), (b"\x68x", 960), (b"\x80x", 120),
        (b"\xf8x", 960), (b"\xf9xx", 1920), (b"\xfa\x01xx", 1920), (b"\xfb\x03xxx", 2880),
        (b"\xfb\x07xxxxxxx", 0), (b"\xfb", 0), (b"\xfb\x00", 0), (b"", 0),
    ],
)  # fmt: skip
def test_opus_durations_are_those_of_its_table_of_contents(payload: bytes, ticks: int) -> None:
    assert duration("OPUS", payload) == ticks


def test_wideband_and_stereo_opus_is_heard_at_8_khz() -> None:
    import opuslib_next  # type: ignore[import-untyped]

    sent = np.repeat(tone(1000, rate=48000), 2)
    encoder, decoder = opuslib_next.Encoder(48000, 2, "audio"), make_decoder("OPUS")
    payloads = [encoder.encode(sent[at : at + 1920].tobytes(), 960) for at in range(0, 96000, 1920)]
    heard = [decoder.decode(payload) for payload in payloads]

    samples = np.concatenate([piece for piece in heard if piece is not None])

    assert len(samples) == 8000
    assert cleanness(samples[4000:], 1000) > 30


def test_what_is_not_opus_is_no_audio_and_the_stream_goes_on() -> None:
    encoder, decoder = make_encoder("OPUS"), make_decoder("OPUS")
    for frame in in_frames(tone(1000, 0.5)):
        decoder.decode(encoder.encode(frame))

    assert decoder.decode(b"\xff\xff\xff\xff") is None
    heard = decoder.decode(encoder.encode(tone(1000)[:160]))
    assert heard is not None
    assert len(heard) == 160


def test_opus_makes_up_for_a_loss_and_better_with_the_payload_after_it() -> None:
    """The copy of the frame before is coarse, but it is of the right frame."""
    notes = [tone(hz, 0.04) for hz in (400, 900, 500, 1200, 600, 1500) * 4]
    frames = in_frames(np.concatenate(notes))
    encoder = make_encoder("OPUS")
    payloads = [encoder.encode(frame) for frame in frames]

    def error(lost: int, *, with_following: bool) -> float:
        decoder, whole = make_decoder("OPUS"), make_decoder("OPUS")
        for payload in payloads[:lost]:
            decoder.decode(payload)
            whole.decode(payload)
        made = decoder.conceal(160, payloads[lost + 1] if with_following else None)
        right = whole.decode(payloads[lost])
        assert made is not None
        assert right is not None
        assert len(made) == 160
        return loudness((made.astype(int) - right).astype(np.int16))

    first_of_a_note = range(8, 40, 2)
    blind = sum(error(lost, with_following=False) for lost in first_of_a_note)
    helped = sum(error(lost, with_following=True) for lost in first_of_a_note)
    assert helped < 0.8 * blind


def test_g722_carries_nothing_into_the_upper_band() -> None:
    """Decoded at the codec's full 16 kHz there is no mirror image of a tone near 4 kHz."""
    from G722 import G722  # type: ignore[import-not-found]

    encoder, wide = make_encoder("G722"), G722(16000, 64000)
    payloads = [encoder.encode(frame) for frame in in_frames(tone(3400))]
    heard = np.concatenate([np.asarray(wide.decode(payload), np.int16) for payload in payloads])

    assert cleanness(heard[8000:], 3400, 16000) > 35


@pytest.mark.parametrize("law", ["PCMU", "PCMA"])
def test_many_frames_at_once_are_encoded_as_each_alone(law: Codec) -> None:
    frames = np.random.default_rng(2).integers(-32768, 32768, (5, 160)).astype(np.int16)

    assert encode_frames(frames, law) == [g711.encode(frame, law) for frame in frames]
    assert [make_encoder(law).encode(frame) for frame in frames] == encode_frames(frames, law)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    ("asked", "got"), [(10, 10), (20, 20), (30, 30), (40, 40), (60, 60), (120, 60), (5, 10)]
)
def test_frames_become_packets_of_the_length_that_is_wanted(
    codec: LegCodec, asked: int, got: int
) -> None:
    if codec == "OPUS" and got == 30:
        got = 20  # Opus has no frames of 30 ms
    packetiser, decoder = Packetiser(codec, asked), make_decoder(codec)
    sent = tone(1000, 1.2)

    payloads = [payload for frame in in_frames(sent) for payload in packetiser.put(frame)]

    assert packetiser.ticks == got * clock_rate(codec) // 1000
    assert {duration(codec, payload) for payload in payloads} == {packetiser.ticks}
    heard = [decoder.decode(payload) for payload in payloads]
    samples = np.concatenate([piece for piece in heard if piece is not None])
    assert len(samples) == len(sent)
    assert cleanness(samples[4000:], 1000) > LEAST[codec]
    assert biggest_step(samples[4000:]) < 2 * biggest_step(sent)
