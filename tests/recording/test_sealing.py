"""Sealed files: what was sealed opens, whole and in part, and nothing else does."""

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recording.errors import SealBroken
from recording.sealing import CHUNK, TAG, SealedFile, seal, sealed_size
from tests.sizes import examples

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
SALT, OTHER_SALT = b"s" * 16, b"S" * 16
HEADER = 25 + len("rec-1")
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7)


def sound(size: int) -> bytes:
    return (bytes(n * 7 % 251 for n in range(256)) * (size // 256 + 1))[:size]


def sealed(plain: bytes, key: bytes = KEY, name: str = "rec-1", salt: bytes = SALT) -> bytes:
    return b"".join(seal([plain], key, name, salt))


def opened(file: bytes, key: bytes = KEY, name: str = "rec-1") -> SealedFile:
    return SealedFile(lambda start, end: [file[start:end]], len(file), key, name)


def content(file: bytes, key: bytes = KEY, name: str = "rec-1") -> bytes:
    return b"".join(opened(file, key, name).blocks())


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens_and_has_the_size_that_was_foretold(size: int) -> None:
    plain = sound(size)
    file = sealed(plain)

    assert content(file) == plain
    assert opened(file).size == size
    assert len(file) == sealed_size(size, "rec-1")
    assert size < 32 or plain[:32] not in file


@given(st.lists(st.integers(0, 3 * CHUNK), max_size=5), st.data())
@settings(max_examples=examples(50), deadline=None)
def test_any_part_of_any_file_is_that_part_however_it_was_brought(
    sizes: list[int], data: st.DataObject
) -> None:
    blocks = [sound(size) for size in sizes]
    plain = b"".join(blocks)
    file = b"".join(seal(map(memoryview, blocks), KEY, "rec-1", SALT))
    start, end = data.draw(st.integers(0, len(plain) + 9)), data.draw(st.integers(0, len(plain)))
    step = data.draw(st.integers(1000, 2 * CHUNK))

    def read(first: int, after: int) -> Iterator[bytes]:
        return (file[at : min(at + step, after)] for at in range(first, after, step))

    part = b"".join(SealedFile(read, len(file), KEY, "rec-1").blocks(start, end))

    assert part == plain[start:end]


@given(st.integers(0, HEADER + 3 * CHUNK + 4 * TAG + 6), st.integers(1, 255))
@settings(max_examples=examples(100), deadline=None)
def test_no_byte_of_it_can_be_altered(place: int, by: int) -> None:
    file = bytearray(sealed(sound(3 * CHUNK + 7)))
    file[place] ^= by

    with pytest.raises(SealBroken):
        content(bytes(file))


@given(st.integers(0, HEADER + 2 * (CHUNK + TAG) + 7 + TAG - 1))
@settings(max_examples=examples(100), deadline=None)
def test_it_cannot_be_cut_anywhere(length: int) -> None:
    file = sealed(sound(2 * CHUNK + 7))

    with pytest.raises(SealBroken):
        content(file[:length])


def chunks_of(file: bytes) -> tuple[bytes, list[bytes]]:
    body, step = file[HEADER:], CHUNK + TAG
    return file[:HEADER], [body[at : at + step] for at in range(0, len(body), step)]


def test_its_chunks_cannot_be_moved_repeated_left_out_or_brought_in() -> None:
    plain = sound(3 * CHUNK + 7)
    header, (first, second, third, last) = chunks_of(sealed(plain))
    _, others = chunks_of(sealed(plain, salt=OTHER_SALT))

    for wrong in (
        [second, first, third, last],
        [first, first, third, last],
        [first, third, last],
        [first, second, third],
        [first, second, third, last, last],
        [first, others[1], third, last],
        [*others],
    ):
        with pytest.raises(SealBroken):
            content(header + b"".join(wrong))


def test_it_is_no_other_recordings_and_opens_under_no_other_key() -> None:
    file = sealed(b"sound")

    with pytest.raises(SealBroken, match="another recording's"):
        opened(file, name="rec-2")
    with pytest.raises(SealBroken, match="chunk 0 of 1 does not open"):
        content(file, OTHER_KEY)
    with pytest.raises(SealBroken, match="does not begin as a sealed file does"):
        opened(b"RIFF" + file[4:])


def test_a_part_before_the_damage_opens_all_the_same() -> None:
    file = bytearray(sealed(sound(3 * CHUNK)))
    file[-1] ^= 1
    blocks = opened(bytes(file)).blocks()

    assert [len(next(blocks)), len(next(blocks))] == [CHUNK, CHUNK]
    with pytest.raises(SealBroken, match="chunk 2 of 3"):
        next(blocks)


def test_a_file_that_became_shorter_while_it_was_read_is_not_taken_for_whole() -> None:
    file = sealed(sound(3 * CHUNK))
    shrunk = SealedFile(
        lambda start, end: [file[start : min(end, HEADER + CHUNK + TAG)]], len(file), KEY, "rec-1"
    )

    with pytest.raises(SealBroken, match="ends within chunk 1 of 3"):
        list(shrunk.blocks())


def test_one_sound_sealed_twice_has_nothing_in_common() -> None:
    _, first = chunks_of(sealed(sound(100)))
    _, second = chunks_of(sealed(sound(100), salt=OTHER_SALT))

    assert sum(a == b for a, b in zip(first[0], second[0], strict=True)) < 20


def test_sealing_takes_no_more_memory_for_a_long_file() -> None:
    block = sound(CHUNK)

    def most_taken(blocks: int) -> int:
        tracemalloc.start()
        for _ in seal((block for _ in range(blocks)), KEY, "rec-1", SALT):
            pass
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    assert most_taken(100) < most_taken(3) + 4096
