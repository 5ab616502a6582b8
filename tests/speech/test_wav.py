"""Recordings as studios, customers and broken programs deliver them."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.speech.errors import SoundInvalid
from cti_server.speech.wav import read_wav

from .wavs import A_LAW, EXTENSIBLE, FLOAT, MU_LAW, PCM, chunk, format_of, riff, samples, tone, wav

FORMATS = [
    (PCM, 8),
    (PCM, 16),
    (PCM, 24),
    (PCM, 32),
    (FLOAT, 32),
    (FLOAT, 64),
    (A_LAW, 8),
    (MU_LAW, 8),
]


@pytest.mark.parametrize(("tag", "bits"), FORMATS)
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("rate", [8000, 11025, 44100, 96000])
def test_every_width_rate_and_number_of_channels_is_read(
    tag: int, bits: int, channels: int, rate: int
) -> None:
    sound, found = read_wav(wav(tag, bits, channels, rate))

    assert found == rate
    assert len(sound) == rate // 2
    assert np.abs(sound - tone(rate)).max() < 0.03  # 8 bits are that coarse


def test_channels_are_mixed_in_equal_parts() -> None:
    left, right = np.full(100, 0.5), np.full(100, -0.1)
    data = samples(np.stack([left, right], axis=1).ravel(), FLOAT, 32)

    sound, _ = read_wav(riff(chunk(b"fmt ", format_of(FLOAT, 2, 8000, 32)), chunk(b"data", data)))

    assert sound == pytest.approx(np.full(100, 0.2))


def test_the_extensible_form_says_its_encoding_further_in() -> None:
    guid = struct.pack("<H", MU_LAW) + bytes.fromhex("000000001000800000aa00389b71")
    form = format_of(EXTENSIBLE, 1, 8000, 8) + struct.pack("<HHI", 22, 8, 4) + guid
    data = samples(tone(8000), MU_LAW, 8)

    sound, _ = read_wav(riff(chunk(b"fmt ", form), chunk(b"data", data)))

    assert np.abs(sound - tone(8000)).max() < 0.03


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF])
def test_a_length_that_a_pipe_left_open_means_to_the_end(length: int) -> None:
    data = samples(tone(8000), PCM, 16)
    file = riff(chunk(b"fmt ", format_of(PCM, 1, 8000, 16))) + b"data" + struct.pack("<I", length)

    assert len(read_wav(file + data)[0]) == 4000


def test_other_chunks_of_odd_length_are_skipped() -> None:
    extra = chunk(b"LIST", b"INFOx")
    form, data = chunk(b"fmt ", format_of(PCM, 1, 8000, 16)), chunk(b"data", b"\1\2" * 50)

    assert len(read_wav(riff(extra, form, extra, data))[0]) == 50


def test_a_file_that_was_cut_off_gives_what_is_there() -> None:
    assert len(read_wav(wav()[:1045])[0]) == (1045 - 44) // 2


@pytest.mark.parametrize(
    ("file", "complaint"),
    [
        (b"", "not a WAV"),
        (b"ID3\x03 an mp3 by another name", "not a WAV"),
        (b"RIFF\0\0\0\0AVI LIST", "not a WAV"),
        (riff(), "no sound"),
        (riff(chunk(b"fmt ", format_of(PCM, 1, 8000, 16))), "no sound"),
        (wav(seconds=0), "no sound"),
        (riff(chunk(b"data", b"\0" * 100)), "no format"),
        (riff(chunk(b"fmt ", b"\1\0\1\0"), chunk(b"data", b"\0" * 100)), "cut short"),
        (riff(chunk(b"fmt ", format_of(2, 1, 8000, 4)), chunk(b"data", b"\0" * 100)), "encoding 2"),
        (riff(chunk(b"fmt ", format_of(PCM, 1, 8000, 12)), chunk(b"data", b"\0" * 9)), "12 bits"),
        (
            riff(chunk(b"fmt ", format_of(PCM, 0, 8000, 16)), chunk(b"data", b"\0" * 9)),
            "0 channels",
        ),
        (riff(chunk(b"fmt ", format_of(PCM, 1, 0, 16)), chunk(b"data", b"\0" * 9)), "0 Hz"),
        (wav(rate=4000, bits=8, seconds=601), "601 seconds"),
        (
            riff(
                chunk(b"fmt ", format_of(FLOAT, 1, 8000, 32)),
                chunk(b"data", np.full(9, np.nan, "<f4").tobytes()),
            ),
            "not numbers",
        ),
    ],
)
def test_what_cannot_be_played_is_refused_with_the_reason(file: bytes, complaint: str) -> None:
    with pytest.raises(SoundInvalid, match=complaint):
        read_wav(file)


@given(st.binary(max_size=200), st.integers(0, 250))
def test_garbage_is_refused_or_read_but_never_breaks_anything(garbage: bytes, at: int) -> None:
    good = wav(seconds=0.01)
    for file in (garbage, good[:at] + garbage, good[:at] + garbage + good[at + len(garbage) :]):
        try:
            sound, _ = read_wav(file)
        except SoundInvalid:
            continue
        assert np.abs(sound).max() <= 1
