"""What a capture becomes: both sides apart or together, one alone, in G.711 or Opus."""

import struct
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recording.archive import Order, StoredRecording, names_of, recording_id_of, store
from recording.capture import AGENT, CALLER, CaptureInfo, read
from recording.laws import LEVELS, Codec, in_law
from recording.pcm import as_pcm, in_pcm
from recording.stereo import rows
from tests.audio import seconds_of
from tests.sizes import examples

from .captures import KEY, info, local, sound, write_channel

RATE = 8000
CALLER_HZ, AGENT_HZ = 440, 900


def codes(hz: float, samples: int, law: Codec = "PCMU") -> bytes:
    levels = (8000 * np.sin(2 * np.pi * hz * np.arange(samples) / RATE)).astype(np.int32)
    return in_law(levels, law).tobytes()


def stored(
    folder: Path, samples: int = 2 * RATE, laws: tuple[Codec, Codec] = ("PCMU", "PCMU"), **said: Any
) -> tuple[StoredRecording, bytes]:
    told: CaptureInfo = msgspec.structs.replace(info("rec-1"), **said)
    capture = folder / "spool" / "rec-1"
    told.save(capture)
    for name, hz, law in zip((CALLER, AGENT), (CALLER_HZ, AGENT_HZ), laws, strict=True):
        if name in told.channels:
            write_channel(capture / name, codes(hz, samples, law), codec=law)
    archive = local(folder / "archive")
    kept = store(Order(capture, KEY), [archive])
    return kept, sound(kept, archive)


def pcm(file: bytes) -> np.ndarray[Any, np.dtype[np.float64]]:
    """One column a channel, read by nothing of ours."""
    assert (file[:4], file[8:12], file[36:40]) == (b"RIFF", b"WAVE", b"data")
    tag, channels, rate, _, _, bits = struct.unpack("<HHIIHH", file[20:36])
    assert (tag, rate, bits) == (1, RATE, 16)
    (size,) = struct.unpack("<I", file[40:44])
    assert len(file) == 44 + size
    return np.frombuffer(file[44:], "<i2").reshape(-1, channels).astype(np.float64)


@pytest.mark.parametrize("file_format", ["wav", "opus"])
@pytest.mark.parametrize(
    ("sides", "layout", "heard"),
    [
        ("both", "stereo", [{CALLER_HZ}, {AGENT_HZ}]),
        ("both", "mono", [{CALLER_HZ, AGENT_HZ}]),
        ("customer", "mono", [{CALLER_HZ}]),
        ("agent", "mono", [{AGENT_HZ}]),
    ],
)
def test_each_mode_has_what_it_says(
    tmp_path: Path, file_format: str, sides: str, layout: str, heard: list[set[int]]
) -> None:
    kept, file = stored(tmp_path, file_format=file_format, sides=sides, layout=layout)

    suffix, codec = (".wav", "PCMU") if file_format == "wav" else (".opus", "OPUS")
    assert (kept.file, kept.codec) == (f"2031/07/04/rec-1{suffix}.sealed", codec)
    assert recording_id_of(kept.file) == "rec-1"
    found = pcm(as_pcm(file))
    assert kept.duration == len(found) / RATE == 2.0
    for channel, tones in zip(found.T, heard, strict=True):
        for hz in (CALLER_HZ, AGENT_HZ):
            alone = np.abs(np.fft.rfft(channel))[hz * 2] / len(channel)  # bins of half a hertz
            assert (alone > 1500) == (hz in tones), (hz, alone)
        if len(tones) == 1:
            assert seconds_of(channel, *tones) == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize("samples", [RATE, RATE + 1])
@pytest.mark.parametrize("file_format", ["wav", "opus"])
@pytest.mark.parametrize("layout", ["stereo", "mono"])
def test_what_is_decoded_for_a_player_is_the_same_block_by_block(
    tmp_path: Path, samples: int, file_format: str, layout: str
) -> None:
    kept, file = stored(tmp_path, samples, file_format=file_format, layout=layout)

    blocks = (file[at : at + 999] for at in range(0, len(file), 999))
    whole = b"".join(in_pcm(blocks, round(kept.duration * RATE)))

    assert whole == as_pcm(file)
    padded = file_format == "wav" and layout == "mono"  # chunks end at even places
    assert len(pcm(whole)) == samples + (samples % 2 if padded else 0)


@settings(max_examples=examples(20), deadline=None)
@given(st.binary(min_size=1, max_size=300), st.binary(min_size=1, max_size=300))
def test_together_is_the_sum_of_both(caller: bytes, agent: bytes) -> None:
    with TemporaryDirectory() as name:
        for file, said in ((CALLER, caller), (AGENT, agent)):
            write_channel(Path(name, file), said)
        channels = [read(Path(name, file)) for file in (CALLER, AGENT)]
        end = max(len(caller), len(agent))
        [mixed] = [block.copy() for block in rows(channels, end, mixed=True)]
    levels = LEVELS["PCMU"]
    for at in range(end):
        wanted = sum(int(levels[said[at]]) for said in (caller, agent) if at < len(said))
        wanted = min(max(wanted, -32768), 32767)
        nearest = np.abs(levels - wanted).min()
        assert abs(int(levels[mixed[at, 0]]) - wanted) == nearest


@pytest.mark.parametrize("law", ["PCMU", "PCMA"])
def test_every_code_is_the_nearest_of_its_own_level(law: Codec) -> None:
    levels = LEVELS[law]

    assert (levels[in_law(levels, law)] == levels).all()


def test_opus_that_another_release_made_of_it_stays(tmp_path: Path) -> None:
    """A crash came before it was told of; the key says whose it is, not the bytes."""
    first, _ = stored(tmp_path, file_format="opus")
    (tmp_path / "spool" / "rec-1" / "stored.json").unlink()
    write_channel(tmp_path / "spool" / "rec-1" / CALLER, codes(600, 2 * RATE))

    again = store(Order(tmp_path / "spool" / "rec-1", KEY), [local(tmp_path / "archive")])

    assert (again.sha256, again.size) == (first.sha256, first.size)


def test_a_recording_may_have_been_named_by_another_format_before() -> None:
    names = ("2031/07/04/r.1.wav.sealed", "2031/07/04/r.1.opus.sealed")

    assert names_of(names[0]) == names_of(names[1]) == names
    assert names_of("2031/07/04/r.1.wav") == ("2031/07/04/r.1.wav",)  # plain, by an old release
