"""Captures for the tests, and a reader of WAV files that shares nothing with the writer."""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from recording.archive import Order, StoredRecording, discard, store
from recording.capture import CaptureInfo, write_header
from recording.copies import sealed_file
from recording.disk import Disk
from recording.laws import Codec
from recording.stores.folder import FolderStore
from recording.stores.port import Store

KEY = b"k" * 32
STARTED_AT = datetime(2031, 7, 4, 23, 59, 58, tzinfo=UTC)


def info(recording_id: str = "rec-1") -> CaptureInfo:
    return CaptureInfo(
        recording_id=recording_id,
        call_id="call-1",
        contact_id="contact-1",
        interaction_id="interaction-1",
        agent_id="agent-1",
        queue="sales",
        caller_number="+8613800138000",
        dialled_number="1000",
        started_at=STARTED_AT,
    )


def write_channel(path: Path, samples: bytes, *, codec: Codec = "PCMU", offset: int = 0) -> None:
    path.write_bytes(write_header(codec, offset) + samples)


def capture(
    spool: Path, caller: bytes = b"caller", agent: bytes = b"agent", name: str = "rec-1"
) -> Path:
    """A complete capture of mu-law on both sides."""
    folder = spool / name
    info(name).save(folder)
    write_channel(folder / "caller.g711", caller)
    write_channel(folder / "agent.g711", agent)
    return folder


def finish(folder: Path, *stores: Store, disk: Disk | None = None) -> StoredRecording:
    """Store the capture and remove it, as the server does when the log of it is safe."""
    stored = store(Order(folder, KEY), stores, disk)
    discard(folder, disk)
    return stored


def local(archive: Path, disk: Disk | None = None) -> FolderStore:
    return FolderStore("local", archive, disk)


def sound(stored: StoredRecording, store: Store) -> bytes:
    """What is heard of it in this store."""
    file = sealed_file(store, stored.file, KEY, stored.info.recording_id)
    return b"".join(file.blocks())


@dataclass
class Wav:
    chunks: dict[bytes, bytes]
    tag: int
    channels: int
    rate: int
    byte_rate: int
    block_align: int
    bits: int

    @property
    def fact(self) -> int:
        return int.from_bytes(self.chunks[b"fact"], "little")

    @property
    def data(self) -> bytes:
        return self.chunks[b"data"]

    @property
    def left(self) -> bytes:
        return self.data[0::2]

    @property
    def right(self) -> bytes:
        return self.data[1::2]


def read_wav(content: bytes) -> Wav:
    """Read a RIFF file chunk by chunk."""
    assert content[:4] == b"RIFF"
    assert content[8:12] == b"WAVE"
    assert struct.unpack("<I", content[4:8]) == (len(content) - 8,)
    chunks, at = {}, 12
    while at < len(content):
        name, size = struct.unpack("<4sI", content[at : at + 8])
        chunks[name] = content[at + 8 : at + 8 + size]
        assert len(chunks[name]) == size
        at += 8 + size + size % 2
    assert chunks[b"fmt "][16:] == b"\0\0"  # nothing follows in the format chunk
    return Wav(chunks, *struct.unpack("<HHIIHH", chunks[b"fmt "][:16]))
