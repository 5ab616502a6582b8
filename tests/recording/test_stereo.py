import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recording import stereo
from recording.capture import LONGEST, CaptureChannel, read
from recording.errors import CaptureDamaged
from recording.laws import RECODED, SILENCE, Codec

from .captures import Wav, read_wav, write_channel

codecs = st.sampled_from(["PCMU", "PCMA"])
lengths = st.one_of(
    st.integers(0, 400), st.integers(-2, 2).map(lambda near: stereo.BLOCK + near)
)  # around the edge of a block is where mistakes live
offsets = st.one_of(st.just(0), lengths)


def made_of(folder: Path, caller: tuple[bytes, Codec, int], agent: tuple[bytes, Codec, int]) -> Wav:
    channels = []
    for name, (samples, codec, offset) in {"caller": caller, "agent": agent}.items():
        write_channel(folder / name, samples, codec=codec, offset=offset)
        channels.append(read(folder / name))
    return read_wav(b"".join(bytes(block) for block in stereo.blocks(*channels)))


def noise(length: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(length)


@pytest.mark.parametrize(("codec", "tag"), [("PCMU", 7), ("PCMA", 6)])
def test_the_caller_is_left_the_agent_right_and_each_byte_is_kept(
    tmp_path: Path, codec: Codec, tag: int
) -> None:
    left, right = noise(800, 1), noise(800, 2)

    wav = made_of(tmp_path, (left, codec, 0), (right, codec, 0))

    assert (wav.left, wav.right) == (left, right)
    assert (wav.tag, wav.channels, wav.rate, wav.bits) == (tag, 2, 8000, 8)
    assert (wav.byte_rate, wav.block_align, wav.fact) == (16000, 2, 800)


def test_an_agent_of_another_law_is_recoded_to_the_callers(tmp_path: Path) -> None:
    every_code = bytes(range(256))

    wav = made_of(tmp_path, (every_code, "PCMA", 0), (every_code, "PCMU", 0))

    assert wav.tag == 6
    assert wav.left == every_code
    assert wav.right == RECODED["PCMU", "PCMA"]


def test_a_caller_who_was_never_heard_leaves_the_law_to_the_agent(tmp_path: Path) -> None:
    wav = made_of(tmp_path, (b"", "PCMU", 0), (b"\x2a\x2b", "PCMA", 0))

    assert (wav.tag, wav.left, wav.right) == (6, b"\xd5\xd5", b"\x2a\x2b")


def test_a_caller_whose_file_is_empty_is_silent(tmp_path: Path) -> None:
    (tmp_path / "caller").touch()
    write_channel(tmp_path / "agent", b"abc", codec="PCMA")

    blocks = stereo.blocks(read(tmp_path / "caller"), read(tmp_path / "agent"))

    assert read_wav(b"".join(bytes(block) for block in blocks)).left == b"\xd5" * 3


@settings(deadline=None)
@given(
    lengths=st.tuples(lengths, lengths),
    offsets=st.tuples(offsets, offsets),
    codecs=st.tuples(codecs, codecs),
)
def test_every_sample_is_at_its_time_and_silence_is_everywhere_else(
    lengths: tuple[int, int], offsets: tuple[int, int], codecs: tuple[Codec, Codec]
) -> None:
    said = [noise(length, seed) for seed, length in enumerate(lengths)]
    with TemporaryDirectory() as folder:
        wav = made_of(
            Path(folder),
            (said[0], codecs[0], offsets[0]),
            (said[1], codecs[1], offsets[1]),
        )

    law = codecs[0] if said[0] else codecs[1]
    assert wav.tag == {"PCMU": 7, "PCMA": 6}[law]
    ends = [
        offset + length if length else 0 for length, offset in zip(lengths, offsets, strict=True)
    ]
    assert wav.fact == max(ends)
    for side, heard in enumerate((wav.left, wav.right)):
        kept = said[side]
        if codecs[side] != law:
            kept = kept.translate(RECODED[codecs[side], law])
        silence = bytes([SILENCE[law]])
        before = silence * offsets[side] if kept else b""
        assert heard == before + kept + silence * (max(ends) - ends[side])


def test_a_call_too_long_for_a_wav_file_is_refused(tmp_path: Path) -> None:
    endless = CaptureChannel(tmp_path / "caller", "PCMU", 0, 1 << 31)
    longest = CaptureChannel(tmp_path / "caller", "PCMU", 0, LONGEST)

    with pytest.raises(CaptureDamaged, match="more than a WAV file holds"):
        stereo.length(endless, endless)
    assert stereo.length(longest, longest) == LONGEST


def test_a_file_that_shrinks_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    write_channel(tmp_path / "caller", bytes(1000))
    channel = read(tmp_path / "caller")
    write_channel(tmp_path / "caller", bytes(500))

    with pytest.raises(CaptureDamaged, match="became shorter"):
        list(stereo.blocks(channel, channel))


@pytest.mark.parametrize("samples", [800, 801])
def test_one_channel_alone_is_a_mono_file_of_whole_words(tmp_path: Path, samples: int) -> None:
    said = noise(samples, 3)
    write_channel(tmp_path / "caller", said, codec="PCMA", offset=80)

    wav = read_wav(b"".join(bytes(one) for one in stereo.blocks(read(tmp_path / "caller"))))

    whole = bytes([SILENCE["PCMA"]]) * 80 + said
    assert wav.data == whole + bytes([SILENCE["PCMA"]]) * (len(whole) % 2)
    assert (wav.tag, wav.channels, wav.rate, wav.bits) == (6, 1, 8000, 8)
    assert (wav.byte_rate, wav.block_align, wav.fact) == (8000, 1, len(wav.data))
