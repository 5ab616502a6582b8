"""
Rendered sounds on disk: ``<key>.ulaw`` beside ``<key>.json``, which holds its length and checksum.

Files appear by a rename, so that nobody plays half a prompt. A file whose checksum does not fit (a
crash, a full disk, a hand) counts as absent, and is rendered again. Texts are not kept: they may
hold what a customer owes.
"""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

import msgspec

SHIPPED: Final = Path(__file__).parent / "rendered"  # made by scripts/render-prompts


class _Note(msgspec.Struct, frozen=True, kw_only=True):
    octets: int
    sha256: str
    source: str  # the voice's id, or what else made it


def key(*parts: str) -> str:
    """A name for what is made of these; different parts never share one."""
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]


class Cache:
    """One folder, and behind it the sounds that were shipped. Several processes may use it."""

    def __init__(self, folder: Path, shipped: Path | None = SHIPPED) -> None:
        self._folder = folder
        self._folders = (folder,) if shipped is None else (folder, shipped)
        self._checked: dict[Path, tuple[int, int]] = {}

    def find(self, name: str) -> Path | None:
        """The whole and sound file of this key, if there is one."""
        for folder in self._folders:
            path = folder / f"{name}.ulaw"
            if self._is_sound(path):
                return path
        return None

    def keep(self, name: str, sound: bytes, source: str) -> Path:
        """Store under this key, over whatever was there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}.ulaw"
        note = _Note(octets=len(sound), sha256=hashlib.sha256(sound).hexdigest(), source=source)
        _replace(path, sound)
        _replace(path.with_suffix(".json"), msgspec.json.encode(note))
        return path

    def drop(self, name: str) -> None:
        """It counts as absent; the sound itself stays for whoever is about to play it."""
        path = self._folder / f"{name}.ulaw"
        path.with_suffix(".json").unlink(missing_ok=True)
        self._checked.pop(path, None)

    def _is_sound(self, path: Path) -> bool:
        """Reads the file once; after that its length and time of change must stay."""
        try:
            found = path.stat()
            stamp = (found.st_size, found.st_mtime_ns)
            if self._checked.get(path) == stamp:
                return True
            note = msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=_Note)
            data = path.read_bytes()
        except (OSError, msgspec.MsgspecError):
            return False
        if len(data) != note.octets or hashlib.sha256(data).hexdigest() != note.sha256:
            return False
        self._checked[path] = stamp
        return True


def _replace(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
