"""
A restore, tried out: sound from a store to a file that somebody else's program reads.

The file is in a scratch folder for no longer than it is looked at.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from config.archive import StoreSettings

from .copies import Sound, sealed_file
from .disk import Disk
from .errors import SealBroken
from .stores.opening import open_stores
from .stores.port import Store

_CLOSE = 0.05  # seconds by which a compressed file may be longer than what was said


@dataclass(frozen=True, slots=True)
class Trial:
    """One recording to be restored from this store; ``duration`` in seconds, as its row says."""

    recording_id: str
    store: str
    file: str
    key: bytes
    sound: Sound
    duration: float
    channels: int


def try_all(
    trials: Sequence[Trial], settings: Mapping[str, StoreSettings], scratch: Path
) -> list[str]:
    """Restore each into the ``scratch`` folder, which is there; what is wrong with it, or ""."""
    stores = {each.name: each for each in open_stores(settings)}
    return [_tried(each, stores[each.store], scratch) for each in trials]


def _tried(trial: Trial, store: Store, scratch: Path) -> str:
    path = scratch / PurePosixPath(trial.file).name.removesuffix(".sealed")
    try:
        return _restored(trial, store, path) or _heard(trial, path)
    except FileNotFoundError:
        return "is not there"
    except SealBroken as error:
        return f"was altered: {error}"
    except OSError as error:
        return f"cannot be restored: {error}"
    finally:
        path.unlink(missing_ok=True)


def _restored(trial: Trial, store: Store, path: Path) -> str:
    """Write the sound as a file, and read back from the disk what was written."""
    sealed = sealed_file(store, trial.file, trial.key, trial.recording_id)
    Disk().write(path, sealed.blocks())
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
        found = Sound(digest, written.tell())
    if found == trial.sound:
        return ""
    if found.size != trial.sound.size:
        return f"has {found.size} bytes of sound, not {trial.sound.size}"
    return f"has the SHA-256 {found.sha256}, not {trial.sound.sha256}"


def _heard(trial: Trial, path: Path) -> str:
    from .foreign_reader import NotReadable, hear  # only in the process that tries

    try:
        heard = hear(path)
    except NotReadable as error:
        return f"cannot be read: {error}"
    if heard.channels != trial.channels:
        return f"has {heard.channels} channels, not {trial.channels}"
    if abs(heard.seconds - trial.duration) > _CLOSE:
        return f"is {heard.seconds:.3f} s long, not {trial.duration:.3f} s"
    return ""
