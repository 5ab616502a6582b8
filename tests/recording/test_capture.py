from pathlib import Path

import msgspec
import pytest

from recording.capture import CaptureInfo, read, write_header
from recording.errors import CaptureDamaged

from .captures import info, write_channel


def test_a_header_is_the_magic_the_law_and_the_position() -> None:
    assert write_header("PCMU", 0x0102) == b"HLCAP1\x00U" + bytes([0, 0, 0, 0, 0, 0, 1, 2])
    assert write_header("PCMA", 0) == b"HLCAP1\x00A" + bytes(8)


def test_a_channel_tells_its_law_its_start_and_its_length(tmp_path: Path) -> None:
    write_channel(tmp_path / "caller.g711", b"abc", codec="PCMA", offset=160)

    channel = read(tmp_path / "caller.g711")

    assert (channel.codec, channel.offset, channel.samples, channel.end) == ("PCMA", 160, 3, 163)


def test_a_channel_without_samples_ends_where_the_capture_began(tmp_path: Path) -> None:
    write_channel(tmp_path / "caller.g711", b"", offset=4000)

    assert read(tmp_path / "caller.g711").end == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"HLCAP1\x00", "caller.g711 ends within its header (7 bytes)"),
        (b"RIFF" + bytes(40), "caller.g711 does not begin as a capture does"),
        (b"HLCAP1\x00X" + bytes(8), "caller.g711 does not begin as a capture does"),
        (b"HLCAP1\x00U" + b"\xff" * 8, f"caller.g711 claims to begin {2**64 - 1} samples late"),
    ],
)
def test_a_broken_header_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "caller.g711").write_bytes(content)

    with pytest.raises(CaptureDamaged) as damage:
        read(tmp_path / "caller.g711")
    assert damage.value.reason == reason


def test_whose_conversation_it_is_survives_the_disk(tmp_path: Path) -> None:
    info().save(tmp_path / "spool" / "rec-1")

    assert CaptureInfo.load(tmp_path / "spool" / "rec-1") == info()
    assert [path.name for path in (tmp_path / "spool" / "rec-1").iterdir()] == ["recording.json"]


def test_saving_again_replaces_what_was_known(tmp_path: Path) -> None:
    info().save(tmp_path)
    msgspec.structs.replace(info(), queue="support").save(tmp_path)

    assert CaptureInfo.load(tmp_path).queue == "support"
    assert [path.name for path in tmp_path.iterdir()] == ["recording.json"]
