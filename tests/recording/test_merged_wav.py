"""Several recordings as one WAV file: any bytes of it, against the file made sample by sample."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recording.edited_wav import EditedWav, Given, Original
from recording.edits import Piece
from recording.laws import LEVELS, SILENCE, Codec
from recording.merged_wav import MergedWav
from recording.stereo import FORMAT_TAGS, HEADER
from tests.sizes import examples

from .captures import read_wav
from .test_edits import file_of

pieces = st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans())
sources = st.tuples(
    st.sampled_from(["PCMU", "PCMA"]), st.sampled_from([1, 2]), st.lists(pieces, max_size=3)
)


Told = tuple[Codec, int, list[tuple[int, int, bool]]]
"""Law, channels, and the stretches that are heard of one recording."""


def made_of(told: list[Told]) -> tuple[MergedWav, list[bytes]]:
    """The merged file of recordings of twenty samples, and their own files."""
    wavs, files = [], []
    for seed, (codec, channels, heard) in enumerate(told):
        sound = np.random.default_rng(seed).bytes(20 * channels)
        pieces = (Piece(start, start + size, silent) for start, size, silent in heard if size)
        wavs.append(EditedWav(codec, channels, tuple(pieces)))
        files.append(file_of(sound, codec, channels))
    return MergedWav(tuple(wavs)), files


def own(wav: EditedWav, file: bytes, start: int, end: int) -> bytes:
    """Bytes of a part's own file, as its stores give them."""
    found = b""
    for each in wav.parts(start, end):
        match each:
            case Given(content):
                found += content
            case Original(first, after):
                found += file[first:after]
            case _:
                found += bytes([wav.silence]) * each.size
    return found


def rendered(wav: MergedWav, files: list[bytes], start: int, end: int) -> bytes:
    found = b""
    for each in wav.sections(start, end):
        if isinstance(each, Given):
            found += each.content
            continue
        sound = own(wav.parts[each.part], files[each.part], each.start, each.end)
        assert len(sound) == each.end - each.start
        blocks = [sound[at : at + 3] for at in range(0, len(sound), 3)]  # however they fall
        heard = b"".join(wav.as_heard(each.part, block) for block in blocks)
        found += heard[each.skip : each.skip + each.size]
    return found


@settings(max_examples=examples(200))
@given(st.lists(sources, min_size=1, max_size=4), st.data())
def test_any_bytes_of_it_are_those_of_the_whole(told: list[Told], data: st.DataObject) -> None:
    wav, files = made_of(told)

    whole = rendered(wav, files, 0, wav.size)
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, wav.size)] * 2)))

    assert len(whole) == wav.size
    assert rendered(wav, files, start, end) == whole[start:end]
    read = read_wav(whole)
    assert (read.tag, read.channels) == (
        FORMAT_TAGS[told[0][0]],
        max(channels for _, channels, _ in told),
    )


@given(st.lists(sources, min_size=1, max_size=4))
def test_each_part_is_heard_as_it_is_alone_in_the_first_ones_law_and_on_all_sides(
    told: list[Told],
) -> None:
    wav, files = made_of(told)

    sound, at = rendered(wav, files, 0, wav.size)[HEADER:], 0

    for one, file in zip(wav.parts, files, strict=True):
        alone = own(one, file, HEADER, HEADER + one.length * one.channels)
        heard = sound[at : at + one.length * wav.channels]
        at += len(heard)
        sides = np.frombuffer(heard, np.uint8).reshape(-1, wav.channels)
        theirs = np.frombuffer(alone, np.uint8).reshape(-1, one.channels)
        for side in range(wav.channels):
            before, now = theirs[:, side % one.channels], sides[:, side]
            if one.codec == wav.codec:
                assert before.tolist() == now.tolist()
            else:
                far = np.abs(LEVELS[one.codec][before] - LEVELS[wav.codec][now])
                assert (far <= np.maximum(np.abs(LEVELS[one.codec][before]) / 16, 16)).all()
    assert set(sound[at:]) <= {SILENCE[wav.codec]}
