"""How loud a sound is, as audiowaveform tells it."""

import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recording.errors import CaptureDamaged
from recording.laws import LEVELS, SILENCE, Codec
from recording.peaks import FINEST, as_json, peaks_of
from tests.sizes import examples

laws = st.sampled_from(["PCMU", "PCMA"])


def naive(sound: bytes, codec: Codec, channels: int, together: int) -> list[int]:
    """The same, point by point."""
    levels = [int(LEVELS[codec][code]) >> 8 for code in sound]
    sides = [levels[side::channels] for side in range(channels)]
    return [
        extreme(side[start : start + together])
        for start in range(0, len(sides[0]), together)
        for side in sides
        for extreme in (min, max)
    ]


def drawn(file: bytes, most: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_json(file, most))
    return found


@settings(max_examples=examples(40), deadline=None)
@given(
    codec=laws,
    channels=st.sampled_from([1, 2]),
    samples=st.integers(1, 3000),
    most=st.integers(1, 20),
    block=st.integers(1, 5000),
    seed=st.integers(0, 99),
)
def test_they_are_what_a_naive_look_at_every_sample_finds(
    codec: Codec, channels: int, samples: int, most: int, block: int, seed: int
) -> None:
    sound = np.random.default_rng(seed).bytes(samples * channels)
    blocks = [sound[at : at + block] for at in range(0, len(sound), block)]

    told = drawn(peaks_of(blocks, codec, channels), most)

    assert told["data"] == naive(sound, codec, channels, told["samples_per_pixel"])
    assert told["length"] * channels * 2 == len(told["data"])
    assert told["length"] <= most
    assert (told["version"], told["bits"], told["channels"]) == (2, 8, channels)
    # As many as there may be: one step finer would be too many.
    finer = told["samples_per_pixel"] - FINEST
    assert finer == 0 or -(-samples // finer) > most


def test_the_file_is_audiowaveforms_own() -> None:
    sound = bytes([SILENCE["PCMU"], 0x80] * FINEST)  # silent left, as loud as it gets right

    file = peaks_of([sound], "PCMU", 2)

    assert struct.unpack("<iIiiIi", file[:24]) == (2, 1, 8000, FINEST, 1, 2)
    assert struct.unpack("4b", file[24:]) == (0, 0, 125, 125)


def test_of_nothing_there_are_none() -> None:
    told = drawn(peaks_of([], "PCMA", 2), 10)

    assert (told["length"], told["data"]) == (0, [])


@pytest.mark.parametrize("file", [b"", b"x" * 23, b"x" * 40, peaks_of([b"ab"], "PCMU", 2)[:-1]])
def test_what_are_no_peaks_is_told(file: bytes) -> None:
    with pytest.raises(CaptureDamaged):
        as_json(file, 10)
