"""
From a finished capture to a recording in the archive, in steps that may be cut off anywhere.

The order is: the sealed file in the first store, read back; in the others, read back there, or
owed to them; ``stored.json`` beside the capture; and only then does the capture go. Whoever
repeats it after a crash ends with one file in each store, the same one. A full spool has no room
for ``stored.json``: without it the capture is stored once more after a crash, as the same file.
What cannot be made into a recording is put aside in ``<spool>/damaged``, never deleted.
"""

import errno
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import msgspec

from config.archive import StoreSettings

from .capture import SAMPLE_RATE, CaptureInfo, read
from .copies import Sound, bring, keep
from .disk import Disk
from .errors import (
    CaptureDamaged,
    RecordingError,
    StoreSpared,
    StoreUnavailable,
    UnknownCapture,
)
from .sealing import sealed_size
from .sound_file import SUFFIXES, SoundCodec, of_capture
from .stereo import end_of
from .stores.opening import open_stores
from .stores.port import Store

DAMAGED = "damaged"
DISCARDED = ".discarded-"
"""Before the name of a capture that is stored and goes, where nothing could be noted in it."""
REASON = "reason.txt"
STORED = "stored.json"

_SEALED = ".sealed"


class StoredRecording(msgspec.Struct, frozen=True, kw_only=True):
    """
    A recording in its place.

    ``file`` is its name in each of the ``stores``; to those ``owed`` it has to be brought yet.
    ``size`` and ``sha256`` are the sound's, as it is heard; ``duration`` in seconds.
    """

    info: CaptureInfo
    file: str
    size: int
    sha256: str
    duration: float
    codec: SoundCodec
    stores: tuple[str, ...] = ()  # none: a plain file of a release that did not seal
    owed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """A capture that no longer grows, and the key that its file is to be sealed under."""

    folder: Path
    key: bytes


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """A stored recording that is owed to some stores. ``stores``: those that have it."""

    recording_id: str
    file: str
    sound: Sound
    key: bytes
    stores: tuple[str, ...]
    owed: tuple[str, ...]


def store(
    order: Order,
    stores: Sequence[Store],
    disk: Disk | None = None,
    resting: set[str] | None = None,
) -> StoredRecording:
    """
    Put the recording into the archive; the capture stays. Repeating it changes nothing.

    ``resting``: names of stores that just failed, and are spared; who fails now is added. A damaged
    capture raises :class:`CaptureDamaged`; an :class:`OSError` leaves everything for another try.
    """
    folder = order.folder
    if not folder.is_dir():
        raise UnknownCapture(folder)
    disk, resting = disk or Disk(), set() if resting is None else resting
    first = stores[0].name
    if first in resting:
        raise StoreSpared(first, "it has just failed for another recording")
    try:
        return _already_stored(folder, stores[0]) or _store(order, stores, disk, resting)
    except StoreUnavailable as error:
        resting.add(error.store)
        raise
    except CaptureDamaged as damage:
        aside = _put_aside(folder, damage.reason, disk)
        raise CaptureDamaged(damage.reason, aside) from damage


def store_all(
    orders: Sequence[Order], settings: Mapping[str, StoreSettings]
) -> list[StoredRecording | Exception]:
    """
    Store several captures; what came of each. One that cannot be stored stops no other.

    Whatever comes can cross to another process; what nobody foresaw is a :class:`RuntimeError`.
    """
    results: list[StoredRecording | Exception] = []
    stores, resting = open_stores(settings), set[str]()
    for order in orders:
        try:
            results.append(store(order, stores, resting=resting))
        except (RecordingError, OSError) as error:
            results.append(error)
        except Exception as error:  # noqa: BLE001 - it is this capture's, not the others'
            results.append(RuntimeError(f"{type(error).__name__}: {error}"))
    return results


def copy_all(
    orders: Sequence[CopyOrder], settings: Mapping[str, StoreSettings]
) -> list[dict[str, str]]:
    """Bring recordings to the stores that they are owed to; by store, what stood in the way."""
    stores = {each.name: each for each in open_stores(settings)}
    resting: dict[str, str] = {}
    return [
        {name: _copied(order, name, stores, resting) for name in order.owed} for order in orders
    ]


def _copied(
    order: CopyOrder, name: str, stores: Mapping[str, Store], resting: dict[str, str]
) -> str:
    """Nothing if it is there. A store that failed is spared for the rest of the orders."""
    if name in resting:
        return resting[name]
    if name not in stores:
        return f"no store {name!r} is configured"
    try:
        source = next(stores[each] for each in order.stores if each in stores)
        bring(source, stores[name], order.file, order.key, order.recording_id, order.sound)
    except StopIteration:
        return "none of the stores that have it is configured"
    except FileNotFoundError:
        return "it is not in the store that should have it"
    except OSError as error:
        resting[name] = str(error)
        return str(error)
    return ""


def discard(folder: Path, disk: Disk | None = None, *, known: bool = False) -> None:
    """
    Remove the capture of a stored recording. Repeating it is harmless.

    ``known``: that it is stored is known from elsewhere, should the spool have had no room to note
    it.
    """
    disk = disk or Disk()
    if not folder.is_dir():
        return
    if not (folder / STORED).exists() and any(folder.iterdir()):
        if not known:
            raise CaptureDamaged(f"{folder.name} is not stored yet", folder)
        going = folder.with_name(f"{DISCARDED}{folder.name}")
        disk.rename(folder, going)  # half of a capture is not to be taken for one
        shutil.rmtree(going)
        return
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
        if folder.name.startswith(DISCARDED):
            shutil.rmtree(folder)
        elif not any(folder.iterdir()):
            folder.rmdir()
    return [folder for folder in folders if folder.exists()]


def _store(order: Order, stores: Sequence[Store], disk: Disk, resting: set[str]) -> StoredRecording:
    folder = order.folder
    info = CaptureInfo.load(folder)
    if info.recording_id != folder.name:
        raise CaptureDamaged(f"it is the capture of {info.recording_id}")
    channels = [read(folder / name) for name in info.channels]
    if not end_of(*channels):
        raise CaptureDamaged("no channel has any audio")
    made = of_capture(info.recording_id, channels, layout=info.layout, file_format=info.file_format)
    first, file = stores[0], file_name(info.started_at, info.recording_id, made.suffix)
    sound = keep(first, file, made.blocks, order.key, info.recording_id, exact=made.exact)
    owed = [
        other.name
        for other in stores[1:]
        if not _brought(first, other, file, order.key, info.recording_id, sound, resting)
    ]
    stored = StoredRecording(
        info=info,
        file=file,
        size=sound.size,
        sha256=sound.sha256,
        duration=made.samples / SAMPLE_RATE,
        codec=made.codec,
        stores=tuple(each.name for each in stores if each.name not in owed),
        owed=tuple(owed),
    )
    _note(stored, folder, disk)
    return stored


def _note(stored: StoredRecording, folder: Path, disk: Disk) -> None:
    """A full spool is not to keep what would make room in it."""
    try:
        disk.write_atomically(folder / STORED, [msgspec.json.encode(stored)])
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise


def _brought(
    first: Store,
    other: Store,
    file: str,
    key: bytes,
    recording_id: str,
    sound: Sound,
    resting: set[str],
) -> bool:
    if other.name in resting:
        return False
    try:
        bring(first, other, file, key, recording_id, sound)
    except OSError:
        resting.add(other.name)  # it is owed, and whoever brings it then tells why it cannot
        return False
    return True


def _already_stored(folder: Path, first: Store) -> StoredRecording | None:
    """What an earlier try stored, if its file is still there."""
    try:
        stored = msgspec.json.decode((folder / STORED).read_bytes(), type=StoredRecording)
    except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    if first.name not in stored.stores:
        first.delete(stored.file)  # plain, by a release that did not seal
        return None
    found = first.size(stored.file) == sealed_size(stored.size, stored.info.recording_id)
    return stored if found else None


def recording_id_of(file: str) -> str:
    """The recording that a file of the archive, sealed or plain, is named after."""
    name = PurePosixPath(file).name.removesuffix(_SEALED)
    for suffix in SUFFIXES.values():
        name = name.removesuffix(suffix)
    return name


def names_of(file: str) -> tuple[str, ...]:
    """All that a recording's file may be named in its stores; one was perhaps another's before."""
    if not file.endswith(_SEALED):
        return (file,)
    return tuple(with_suffix(file, suffix) for suffix in SUFFIXES.values())


def with_suffix(file: str, suffix: str) -> str:
    """The name of the same recording's file in another format."""
    path = PurePosixPath(file)
    return str(path.with_name(f"{recording_id_of(file)}{suffix}{_SEALED}"))


def file_name(started_at: datetime, recording_id: str, suffix: str) -> str:
    """``YYYY/MM/DD`` of the UTC day on which it began."""
    day = f"{started_at.astimezone(UTC):%Y/%m/%d}"
    return str(PurePosixPath(day, f"{recording_id}{suffix}{_SEALED}"))


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
