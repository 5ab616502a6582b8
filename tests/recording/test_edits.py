"""A recording as it was edited is what a naive look at every sample says."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recording.edited_wav import EditedWav, Given, Original, Part
from recording.edits import (
    MOST,
    PER_MS,
    EditRefused,
    Kind,
    Span,
    between,
    check,
    heard_at,
    lets_hear_more,
    pieces,
    within,
)
from recording.errors import CaptureDamaged
from recording.laws import SILENCE, Codec
from recording.stereo import wav_header
from tests.sizes import examples

from .captures import read_wav

KINDS: list[Kind] = ["cut", "redact"]
LONGEST = 60  # ms

spans = st.lists(
    st.builds(
        lambda kind, start, length: Span(kind, start, start + length),
        st.sampled_from(KINDS),
        st.integers(0, LONGEST),
        st.integers(1, LONGEST),
    ),
    max_size=8,
)
lengths = st.integers(1, LONGEST * PER_MS)
laws = st.sampled_from(["PCMU", "PCMA"])


def file_of(sound: bytes, codec: Codec, channels: int) -> bytes:
    return wav_header(codec, len(sound) // channels, channels) + sound


def naive(sound: bytes, codec: Codec, channels: int, edits: list[Span]) -> bytes:
    """Sample by sample, all channels of each."""
    samples = np.frombuffer(sound, np.uint8).reshape(-1, channels).copy()
    left = np.ones(len(samples), bool)
    for edit in edits:
        stretch = slice(edit.from_ms * PER_MS, edit.to_ms * PER_MS)
        if edit.kind == "cut":
            left[stretch] = False
        else:
            samples[stretch] = SILENCE[codec]
    return samples[left].tobytes()


def rendered(wav: EditedWav, file: bytes, start: int = 0, end: int | None = None) -> bytes:
    def of(part: Part) -> bytes:
        match part:
            case Given(content):
                return content
            case Original(first, after):
                return file[first:after]
            case _:
                return bytes([wav.silence]) * part.size

    return b"".join(map(of, wav.parts(start, wav.size if end is None else end)))


@settings(max_examples=examples(200))
@given(edits=spans, samples=lengths, codec=laws, channels=st.sampled_from([1, 2]), data=st.data())
def test_any_edits_are_what_each_of_them_says_and_any_part_is_that_part(
    edits: list[Span], samples: int, codec: Codec, channels: int, data: st.DataObject
) -> None:
    sound = np.random.default_rng(samples).bytes(samples * channels)
    file = file_of(sound, codec, channels)
    wav = EditedWav(codec, channels, pieces(edits, samples))

    whole = rendered(wav, file)

    expected = naive(sound, codec, channels, edits)
    padding = bytes([SILENCE[codec]]) * (len(expected) % 2)
    assert read_wav(whole).data == expected + padding
    assert len(whole) == wav.size
    start = data.draw(st.integers(0, wav.size))
    end = data.draw(st.integers(start, wav.size))
    assert rendered(wav, file, start, end) == whole[start:end]
    step = data.draw(st.integers(1, 99))
    passing = (sound[at : at + step] for at in range(0, len(sound), step))
    assert b"".join(wav.out_of(passing, start, end)) == whole[start:end]


@given(edits=spans, samples=lengths, data=st.data())
def test_the_order_of_edits_makes_no_difference_and_pieces_are_as_few_as_can_be(
    edits: list[Span], samples: int, data: st.DataObject
) -> None:
    found = pieces(edits, samples)

    assert pieces(data.draw(st.permutations(edits)), samples) == found
    assert all(0 <= piece.start < piece.end <= samples for piece in found)
    for one, next_ in pairwise(found):
        assert one.end < next_.start or (one.end == next_.start and one.silent != next_.silent)


@given(edits=spans, samples=lengths, data=st.data())
def test_a_clip_is_a_slice_of_what_is_heard(
    edits: list[Span], samples: int, data: st.DataObject
) -> None:
    heard = pieces(edits, samples)
    start, end = sorted((data.draw(lengths), data.draw(lengths)))
    sound = np.random.default_rng(samples).bytes(samples * 2)
    file = file_of(sound, "PCMU", 2)

    clip = EditedWav("PCMU", 2, between(heard, start, end))

    assert (
        read_wav(rendered(clip, file)).data == naive(sound, "PCMU", 2, edits)[2 * start : 2 * end]
    )


@given(edits=spans, samples=lengths, data=st.data())
def test_a_stretch_of_the_recording_is_heard_from_where_its_place_is_heard(
    edits: list[Span], samples: int, data: st.DataObject
) -> None:
    heard = pieces(edits, samples)
    start, end = sorted((data.draw(lengths), data.draw(lengths)))
    cut = [edit for edit in edits if edit.kind == "cut"]
    left = [
        at
        for at in range(samples)
        if not any(edit.from_ms * PER_MS <= at < edit.to_ms * PER_MS for edit in cut)
    ]

    stretch = within(heard, start, end)

    assert stretch == between(heard, heard_at(heard, start), heard_at(heard, end))
    assert heard_at(heard, start) == sum(at < start for at in left)
    assert sum(piece.samples for piece in stretch) == sum(start <= at < end for at in left)


@given(before=spans, after=spans, samples=lengths)
def test_more_is_heard_where_a_sample_is_that_was_not(
    before: list[Span], after: list[Span], samples: int
) -> None:
    was, now = (np.zeros(samples, bool), np.zeros(samples, bool))
    for heard, edits in ((was, before), (now, after)):
        for piece in pieces(edits, samples):
            heard[piece.start : piece.end] = not piece.silent

    assert lets_hear_more(before, after, samples) == bool((now & ~was).any())


def test_nothing_of_what_is_cut_or_silent_is_ever_read() -> None:
    """Not even by who asks for these very bytes."""
    wav = EditedWav("PCMU", 2, pieces([Span("cut", 1, 2), Span("redact", 3, 5)], 80))
    parts = [part for part in wav.parts(0, wav.size) if isinstance(part, Original)]

    assert [(part.start - 58, part.end - 58) for part in parts] == [(0, 16), (32, 48), (80, 160)]


def test_a_sound_that_ends_too_early_is_told_of() -> None:
    wav = EditedWav("PCMU", 1, pieces([Span("redact", 1, 2)], 80))

    with pytest.raises(CaptureDamaged, match="it ends at 79, not at 80"):
        b"".join(wav.out_of([bytes(79)], 0, wav.size))


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        ([Span("cut", 5, 5)], "edits.0.to_ms: must be later than from_ms"),
        ([Span("cut", 0, 1), Span("redact", 7, 3)], "edits.1.to_ms: must be later than from_ms"),
        ([Span("cut", -1, 3)], "edits.0.to_ms: must be later than from_ms"),
        ([Span("redact", 0, 12)], "edits.0.to_ms: the recording ends at 11"),
        ([Span("cut", 0, 6), Span("cut", 5, 11)], "edits: nothing would be left"),
        ([Span("redact", 0, 1)] * (MOST + 1), "edits: 500 at most"),
    ],
)
def test_edits_that_make_no_sense_are_refused(edits: list[Span], told: str) -> None:
    with pytest.raises(EditRefused) as refused:
        check(edits, 81)

    assert str(refused.value) == told


def test_a_recording_may_be_silent_from_end_to_end() -> None:
    check([Span("redact", 0, 11)], 81)
