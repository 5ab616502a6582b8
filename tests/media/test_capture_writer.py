"""The thread that writes captures, on a disk that fails as disks do."""

import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from cti_server.media import capture as module
from cti_server.media.capture import Capture, CaptureWriter
from recording.capture import AGENT, CALLER, HEADER_SIZE


@pytest.fixture
def writer() -> Iterator[CaptureWriter]:
    writer = CaptureWriter()
    yield writer
    writer.close()
    os.close(writer.fd)


def ended(writer: CaptureWriter) -> list[tuple[str, OSError | None]]:
    """What the writer says next."""
    assert select.select([writer.fd], [], [], 5.0)[0]
    return [(capture.name, error) for capture, error in writer.results()]


def capture(folder: Path, name: str = "c") -> Capture:
    return Capture(name, folder / name, ("PCMU", "PCMA"), 0, 0.0)


def test_pieces_are_appended_in_order(writer: CaptureWriter, tmp_path: Path) -> None:
    one = capture(tmp_path)
    for piece in (b"a", b"b", b""):
        writer.write(one, (piece, piece * 2))
    writer.write(one, (b"z", b""), last=True)

    assert ended(writer) == [("c", None)]
    assert (tmp_path / "c" / CALLER).read_bytes()[HEADER_SIZE:] == b"abz"
    assert (tmp_path / "c" / AGENT).read_bytes()[HEADER_SIZE:] == b"aabb"
    assert one.queued == one.written == 7


@pytest.mark.parametrize("fails_at", [0, 1, 2, 3, 5])
def test_a_full_disk_ends_one_capture_once_and_no_other(
    writer: CaptureWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    """The disk is full after so many writes to it, the two headers among them."""
    full, good = capture(tmp_path, "full"), capture(tmp_path, "good")
    writes = 0

    def write(fd: int, data: bytes) -> int:
        nonlocal writes
        if "full" in Path(f"/proc/self/fd/{fd}").readlink().parts:
            writes += 1
            if writes > fails_at:
                raise OSError(28, "No space left on device")
        return os.write(fd, data[:3])  # and it takes little at a time

    monkeypatch.setattr(module, "write", write)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(3):
        writer.write(full, (b"12345", b"67890"))
        writer.write(good, (b"12345", b"67890"))
    writer.write(full, (b"", b""), last=True)
    writer.write(good, (b"", b""), last=True)
    results = ended(writer)
    while len(results) < 2:
        results += ended(writer)

    assert [(name, error and error.strerror) for name, error in results] == [
        ("full", "No space left on device"),
        ("good", None),
    ]
    assert (tmp_path / "good" / CALLER).read_bytes()[HEADER_SIZE:] == b"12345" * 3
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_files_of_before_are_left_alone(writer: CaptureWriter, tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / AGENT).write_bytes(b"evidence")
    writer.write(capture(tmp_path), (b"1", b"2"))

    ((name, error),) = ended(writer)
    assert (name, type(error)) == ("c", FileExistsError)
    assert (tmp_path / "c" / AGENT).read_bytes() == b"evidence"


def test_closing_writes_all_that_is_queued(tmp_path: Path) -> None:
    writer, one = CaptureWriter(), capture(tmp_path)
    for number in range(200):
        writer.write(one, (bytes([number]), b""))
    writer.write(one, (b"", b""), last=True)

    assert writer.close()
    os.close(writer.fd)
    assert (tmp_path / "c" / CALLER).read_bytes()[HEADER_SIZE:] == bytes(range(200))
