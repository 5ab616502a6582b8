"""
From a finished capture to a recording in the archive, in steps that may be cut off anywhere.

The order is: the sound file under a temporary name, its name, ``stored.json`` beside the capture,
and only then does the capture go. Whoever repeats it after a crash ends with one file, the same
one. What cannot be made into a recording is put aside in ``<spool>/damaged``, never deleted.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path, PurePosixPath

import msgspec

from . import stereo
from .capture import SAMPLE_RATE, CaptureChannel, CaptureInfo, read
from .disk import Disk
from .errors import CaptureDamaged, RecordingError, UnknownCapture
from .laws import Codec

DAMAGED = "damaged"
REASON = "reason.txt"
STORED = "stored.json"


class StoredRecording(msgspec.Struct, frozen=True, kw_only=True):
    """A recording in its place. ``file`` is below the archive's folder; ``duration`` in seconds."""

    info: CaptureInfo
    file: str
    size: int
    sha256: str
    duration: float
    codec: Codec


def finish(folder: Path, archive: Path, disk: Disk | None = None) -> StoredRecording:
    """
    Store a capture that no longer grows and remove its folder.

    Whoever must log the result before the capture goes calls :func:`store`, logs, and then calls
    :func:`discard`. A damaged capture raises :class:`CaptureDamaged`; an :class:`OSError` leaves
    everything for another try.
    """
    stored = store(folder, archive, disk)
    discard(folder, disk)
    return stored


def store(folder: Path, archive: Path, disk: Disk | None = None) -> StoredRecording:
    """Put the recording into the archive; the capture stays. Repeating it changes nothing."""
    if not folder.is_dir():
        raise UnknownCapture(folder)
    disk = disk or Disk()
    try:
        return _already_stored(folder, archive) or _store(folder, archive, disk)
    except CaptureDamaged as damage:
        aside = _put_aside(folder, damage.reason, disk)
        raise CaptureDamaged(damage.reason, aside) from damage


def store_all(folders: Sequence[Path], archive: Path) -> list[StoredRecording | Exception]:
    """
    Store several captures; what came of each. One that cannot be stored stops no other.

    Whatever comes can cross to another process; what nobody foresaw is a :class:`RuntimeError`.
    """
    results: list[StoredRecording | Exception] = []
    for folder in folders:
        try:
            results.append(store(folder, archive))
        except (RecordingError, OSError) as error:
            results.append(error)
        except Exception as error:  # noqa: BLE001 - it is this capture's, not the others'
            results.append(RuntimeError(f"{type(error).__name__}: {error}"))
    return results


def discard(folder: Path, disk: Disk | None = None) -> None:
    """Remove the capture of a stored recording. Repeating it is harmless."""
    disk = disk or Disk()
    if not folder.is_dir():
        return
    if not (folder / STORED).exists() and any(folder.iterdir()):
        raise CaptureDamaged(f"{folder.name} is not stored yet", folder)
    for file in sorted(folder.iterdir()):
        if file.name != STORED:
            disk.remove(file)
    disk.remove(folder / STORED)  # last: until now it could be stored again
    disk.remove_folder(folder)


def unfinished(spool: Path) -> list[Path]:
    """
    The captures that a stop or crash left behind, by name.

    To be asked before the first new capture begins. Empty folders, which a crash leaves between
    two steps, are removed on the way.
    """
    if not spool.is_dir():
        return []
    folders = [path for path in sorted(spool.iterdir()) if path.is_dir() and path.name != DAMAGED]
    for folder in folders:
        if not any(folder.iterdir()):
            folder.rmdir()
    return [folder for folder in folders if folder.exists()]


def _store(folder: Path, archive: Path, disk: Disk) -> StoredRecording:
    info = CaptureInfo.load(folder)
    channels = [read(folder / name) for name in info.channels]
    samples = stereo.length(*channels)
    if not samples:
        raise CaptureDamaged("no channel has any audio")
    place = _place(info)
    sha256, size = _write(archive / place, channels, disk)
    stored = StoredRecording(
        info=info,
        file=str(place),
        size=size,
        sha256=sha256,
        duration=samples / SAMPLE_RATE,
        codec=stereo.law(*channels),
    )
    disk.write_atomically(folder / STORED, [msgspec.json.encode(stored)])
    return stored


def _already_stored(folder: Path, archive: Path) -> StoredRecording | None:
    """What an earlier try stored, if its file is still there."""
    try:
        stored = msgspec.json.decode((folder / STORED).read_bytes(), type=StoredRecording)
        found = (archive / stored.file).stat().st_size == stored.size
    except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return stored if found else None


def _place(info: CaptureInfo) -> PurePosixPath:
    """``YYYY/MM/DD`` of the UTC day on which the conversation began."""
    return PurePosixPath(f"{info.started_at.astimezone(UTC):%Y/%m/%d}", f"{info.recording_id}.wav")


def _write(path: Path, channels: Sequence[CaptureChannel], disk: Disk) -> tuple[str, int]:
    """Write the sound file; return its SHA-256 and size."""
    digest, size = hashlib.sha256(), 0

    def hashed() -> Iterator[memoryview]:
        nonlocal size
        for block in stereo.blocks(*channels):
            digest.update(block)
            size += len(block)
            yield block

    disk.make_folder(path.parent)
    part = disk.write_part(path, hashed())
    sha256 = digest.hexdigest()
    if path.exists() and _sha256(path) != sha256:
        disk.remove(part)
        raise CaptureDamaged(f"the archive has another recording named {path.name}")
    disk.rename(part, path)
    return sha256, size


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put_aside(folder: Path, reason: str, disk: Disk) -> Path:
    """Move the folder to the damaged ones, with the reason in it."""
    disk.write_atomically(folder / REASON, [f"{reason}\n".encode()])
    damaged = folder.parent / DAMAGED
    disk.make_folder(damaged)
    aside, copies = damaged / folder.name, 1
    while aside.exists():
        copies += 1
        aside = damaged / f"{folder.name}-{copies}"
    disk.rename(folder, aside)
    return aside
