"""Ogg Opus: as long to the sample as what went in, and the sides apart; also for other readers."""

import io
from itertools import pairwise

import av
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recording.errors import CaptureDamaged
from recording.ogg import Page, pages, written
from recording.opus import Frames, decoded, encoded
from tests.audio import seconds_of
from tests.sizes import examples

RATE = 8000


def tone(hz: float, samples: int) -> npt.NDArray[np.int16]:
    return (9000 * np.sin(2 * np.pi * hz * np.arange(samples) / RATE)).astype(np.int16)


def made(frames: Frames, cut: int = 4096) -> bytes:
    pieces = (frames[start : start + cut] for start in range(0, len(frames), cut))
    return b"".join(encoded(pieces, frames.shape[1], serial=7))


def opened(file: bytes, cut: int = 1000) -> Frames:
    blocks = (file[start : start + cut] for start in range(0, len(file), cut))
    _, frames = decoded(blocks)
    return np.concatenate([some.copy() for some in frames])


def read_by_ffmpeg(file: bytes) -> npt.NDArray[np.float64]:
    """At 48 kHz, as everybody decodes it who does not know better; 1.0 is the loudest."""
    with av.open(io.BytesIO(file), "r") as container:
        sound = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.concatenate(sound, axis=1).astype(np.float64)


@settings(max_examples=examples(25), deadline=None)
@given(st.integers(1, 20_000), st.sampled_from([1, 2]), st.integers(1, 5000))
def test_it_is_as_long_as_what_went_in(samples: int, channels: int, cut: int) -> None:
    file = made(np.stack([tone(500, samples)] * channels, axis=1), cut)

    assert opened(file, cut).shape == (samples, channels)
    if samples > RATE:  # ffmpeg does not cut the end of a file of one page
        assert read_by_ffmpeg(file).shape == (channels, 6 * samples)


@pytest.mark.parametrize("speaks", [0, 1])
def test_what_one_says_is_not_on_the_others_side(speaks: int) -> None:
    frames = np.zeros((5 * RATE, 2), np.int16)
    frames[:, speaks] = tone(440, 5 * RATE)

    file = made(frames)

    for found, loud in ((opened(file), 9000), (read_by_ffmpeg(file).T, 9000 / 32768)):
        assert np.abs(found[:, 1 - speaks]).max() < loud / 5000  # -74 dB
        assert np.abs(found[:, speaks]).max() > loud / 2


def test_both_sides_are_heard_at_their_time_and_what_is_masked_is_not() -> None:
    frames = np.stack([tone(440, 6 * RATE), tone(900, 6 * RATE)], axis=1)
    frames[2 * RATE : 4 * RATE] = 0

    found = opened(made(frames)).astype(np.float64)

    for side, hz in enumerate((440, 900)):
        assert seconds_of(found[:, side], hz) == pytest.approx(4.0, abs=0.21)
        assert np.abs(found[2 * RATE + 800 : 4 * RATE - 800, side]).max() < 100
        begins = np.flatnonzero(np.abs(found[3 * RATE :, side]) > 2000)[0] + 3 * RATE
        assert begins == pytest.approx(4 * RATE, abs=80)  # 10 ms


def test_it_is_a_fourth_of_what_g711_takes() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, (60 * RATE, 2)).astype(np.int16)

    assert len(made(noise)) < 60 * RATE * 2 / 3.5


def test_the_same_sound_is_the_same_file() -> None:
    frames = np.stack([tone(440, RATE), tone(700, RATE)], axis=1)

    assert made(frames, 100) == made(frames, 4096)


@settings(max_examples=examples(50), deadline=None)
@given(st.data())
def test_a_file_that_was_altered_or_cut_is_damaged(data: st.DataObject) -> None:
    file = made(tone(500, 2 * RATE)[:, None])
    place = data.draw(st.integers(0, len(file) - 1))
    altered = bytearray(file)
    altered[place] ^= data.draw(st.integers(1, 255))

    for other in (bytes(altered), file[:place]):
        with pytest.raises(CaptureDamaged):
            opened(other)


def test_what_is_opus_but_not_ours_is_refused() -> None:
    head = b"OpusHead" + bytes([1, 2]) + (312).to_bytes(2, "little") + bytes(7)  # joint stereo
    page = written(Page((head,), 0, 2), 7, 0)

    with pytest.raises(CaptureDamaged, match="of ours"):
        opened(page)
    with pytest.raises(CaptureDamaged, match="no Ogg"):
        opened(b"RIFF" + bytes(100))
    with pytest.raises(CaptureDamaged, match="no Opus"):
        opened(written(Page((b"vorbis",), 0, 2), 7, 0))


def test_players_can_seek_by_pages_of_about_a_second() -> None:
    file = made(np.stack([tone(500, 20 * RATE)] * 2, axis=1))

    _, _, *sound = pages([file])
    ends = [page.granule / 48_000 for page in sound]
    assert all(0 < later - before <= 1.0 for before, later in pairwise(ends))


@given(st.lists(st.binary(max_size=600), min_size=1, max_size=50), st.integers(0, 2**62))
def test_a_page_is_read_as_it_was_written(packets: list[bytes], granule: int) -> None:
    page = Page(tuple(packets), granule, 4)

    assert list(pages([written(page, 1, 2)])) == [page]
