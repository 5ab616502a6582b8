"""What is heard of a capture that grows is what the archive will have."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from config.recording_words import Layout
from recording import stereo
from recording.archive import discard
from recording.capture import AGENT, CALLER, CaptureInfo, read, write_header
from recording.errors import UnknownCapture
from recording.laws import Codec
from recording.running import RunningSound
from recording.wav_file import endless_header
from tests.sizes import examples

from .captures import capture, info, read_wav, write_channel

laws = st.sampled_from(["PCMU", "PCMA"])
layouts: st.SearchStrategy[Layout] = st.sampled_from(["stereo", "mono"])
pieces = st.lists(st.binary(max_size=40), min_size=1, max_size=6)


def grow(folder: Path, name: str, piece: bytes) -> None:
    with (folder / name).open("ab") as file:
        file.write(piece)


def heard(sound: RunningSound, *, over: bool = False) -> bytes:
    wav = sound.so_far(over=over)
    if wav is None:
        return b""
    whole = b"".join(wav.read(0, wav.size, lambda start, end: sound.frames(wav, start, end)))
    assert len(whole) == wav.size
    return whole


@settings(max_examples=examples(60))
@given(laws=st.tuples(laws, laws), layout=layouts, caller=pieces, agent=pieces, data=st.data())
def test_it_is_always_a_beginning_of_what_is_archived(
    laws: tuple[Codec, Codec],
    layout: Layout,
    caller: list[bytes],
    agent: list[bytes],
    data: st.DataObject,
) -> None:
    with TemporaryDirectory() as name:
        folder, mixed = Path(name) / "rec-1", layout == "mono"
        replace(info("rec-1"), layout=layout).save(folder)
        for channel, law in zip((CALLER, AGENT), laws, strict=True):
            (folder / channel).write_bytes(write_header(law, 0))
        writes = [(CALLER, piece) for piece in caller] + [(AGENT, piece) for piece in agent]
        writes, beginnings = data.draw(st.permutations(writes)), []
        with closing(RunningSound(folder)) as sound:
            for channel, piece in writes:
                grow(folder, channel, piece)
                beginnings.append(heard(sound))
            whole = heard(sound, over=True)
        channels = [read(folder / CALLER), read(folder / AGENT)]
        if not any(each.samples for each in channels):
            assert whole == b""
            return
        archived = b"".join(map(bytes, stereo.blocks(*channels, mixed=mixed)))

        assert whole == archived
        for each in filter(None, beginnings):
            wav = read_wav(each)
            assert archived[58:].startswith(wav.data)
            assert (wav.tag, wav.channels) == (read_wav(archived).tag, 1 if mixed else 2)


@given(data=st.data())
@settings(max_examples=examples(60))
def test_any_part_of_it_is_that_part_of_the_whole(data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        folder = capture(Path(name), *data.draw(st.tuples(*[st.binary(min_size=1)] * 2)))
        with closing(RunningSound(folder)) as sound:
            whole, wav = heard(sound), sound.so_far(over=False)
            assert wav is not None
            start = data.draw(st.integers(0, len(whole)))
            end = data.draw(st.integers(start, len(whole)))

            part = wav.read(start, end, lambda first, after: sound.frames(wav, first, after))

            assert b"".join(part) == whole[start:end]


def test_a_longer_one_is_read_from_its_middle(tmp_path: Path) -> None:
    """Across the blocks that it is read in, and in constant memory."""
    size = 2 * stereo.BLOCK + 77
    left, right = bytes(n * 7 % 251 for n in range(size)), bytes(n * 3 % 241 for n in range(size))
    sound = RunningSound(capture(tmp_path, left, right))
    wav = sound.so_far(over=False)
    assert wav is not None
    start = stereo.BLOCK - 5

    part = b"".join(map(bytes, sound.frames(wav, start, size)))

    assert (part[0::2], part[1::2]) == (left[start:], right[start:])
    sound.close()


def test_a_message_is_mono_and_ends_at_an_even_place(tmp_path: Path) -> None:
    folder = tmp_path / "m-1"
    CaptureInfo.load(capture(tmp_path, name="m-1"))  # a conversation, made a message of
    (folder / "recording.json").write_text(
        (folder / "recording.json").read_text().replace("conversation", "message")
    )
    write_channel(folder / CALLER, b"12345")
    sound = RunningSound(folder)

    assert read_wav(heard(sound)).data == b"1234"
    assert read_wav(heard(sound, over=True)).data == b"12345\xff"
    sound.close()


def test_it_goes_on_being_read_when_the_archive_has_it(tmp_path: Path) -> None:
    folder = capture(tmp_path)
    sound = RunningSound(folder)
    before = heard(sound)
    (folder / "stored.json").write_text("{}")
    discard(folder)

    assert sound.moved
    assert heard(sound) == before
    sound.close()


@pytest.mark.parametrize("left", ["nothing", "recording.json", "caller.g711"])
def test_a_capture_that_is_not_all_there_is_none(tmp_path: Path, left: str) -> None:
    folder = capture(tmp_path)
    for file in list(folder.iterdir()):
        if file.name != left:
            file.unlink()

    with pytest.raises(UnknownCapture):
        RunningSound(folder)


def test_a_header_without_an_end_says_so_in_all_three_places() -> None:
    header = endless_header("PCMA", 2)

    assert header.count(b"\xff\xff\xff\xff") == 3
    assert [header[at : at + 4] for at in (0, 12, 38, 50)] == [b"RIFF", b"fmt ", b"fact", b"data"]
    assert header[4:8] == header[46:50] == header[54:58] == b"\xff\xff\xff\xff"
