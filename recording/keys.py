"""
Master keys: what the keys of the sealed files are themselves sealed under.

They are lines of one file, ``<id> <32 bytes in base64>``, which only its owner may read; ``#``
begins a remark. New file keys are sealed under the active one; the others open what was sealed
under them until their files' keys are sealed anew (``hotline archive rotate-key``). Whoever loses
the file loses all recordings.
"""

import base64
import binascii
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .certificates import Signature, signing_key
from .disk import Disk
from .errors import KeyNotOpened, KeysRefused
from .sealing import KEY

_NONCE = 12  # bytes, NIST SP 800-38D §8.2.2: for 2^32 files under one master key
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_OTHERS = 0o077
_HEAD = "# Master keys of the recordings' archive: without this file no recording can be heard.\n"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A file's key under the master key of this id."""

    master: str
    wrapped: bytes


class MasterKeys:
    """The ring: master keys by id, one of them active. It is never shown (``repr``)."""

    def __init__(self, keys: Mapping[str, bytes], active: str) -> None:
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._signing = {name: signing_key(key) for name, key in keys.items()}
        self.active = active

    @classmethod
    def load(cls, path: Path, active: str | None = None) -> Self:
        """``active``: the id, by default the last line's. Raises KeysRefused."""
        keys = _parse(path, _read(path))
        active = active or next(reversed(keys))
        if active not in keys:
            raise KeysRefused(f"{path}: has no key {active!r}, which is to be the active one")
        return cls(keys, active)

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self._ciphers)

    def wrap(self, key: bytes, recording_id: str) -> WrappedKey:
        """Seal a file's key under the active master key, for this recording only."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._ciphers[self.active].encrypt(nonce, key, recording_id.encode())
        return WrappedKey(self.active, nonce + sealed)

    def open(self, key: WrappedKey, recording_id: str) -> bytes:
        """Raises KeyNotOpened."""
        cipher = self._ciphers.get(key.master)
        if cipher is None:
            raise KeyNotOpened(f"the master key {key.master!r} is not there")
        nonce, sealed = key.wrapped[:_NONCE], key.wrapped[_NONCE:]
        try:
            return cipher.decrypt(nonce, sealed, recording_id.encode())
        except (InvalidTag, ValueError):
            raise KeyNotOpened(
                f"the master key {key.master!r} does not open the key of {recording_id}"
            ) from None

    def sign(self, content: bytes) -> Signature:
        """By a key that comes from the active master key."""
        key = self._signing[self.active]
        return Signature(self.active, key.public_key().public_bytes_raw(), key.sign(content))

    def public_keys(self) -> Mapping[str, bytes]:
        """What signatures are checked by, by the ids of the master keys."""
        return {name: key.public_key().public_bytes_raw() for name, key in self._signing.items()}


def new_file_key() -> bytes:
    return secrets.token_bytes(KEY)


def create(path: Path, now: datetime, disk: Disk | None = None) -> None:
    """Make the file with a first key, readable by its owner only; one that is there stays."""
    disk = disk or Disk()
    disk.make_folder(path.parent)
    part = _write_part(path, [_HEAD, _new_line(now, ())], disk)
    try:
        path.hardlink_to(part)  # unlike a rename it takes nobody's place
    except FileExistsError:
        return
    finally:
        disk.remove(part)
    disk.sync_folder(path.parent)


def add(path: Path, now: datetime, disk: Disk | None = None) -> str:
    """Add a new key to the file, as its last line; return the id. Raises KeysRefused."""
    disk = disk or Disk()
    text = _read(path)
    line = _new_line(now, _parse(path, text))
    disk.rename(_write_part(path, [text.removesuffix("\n"), "\n", line], disk), path)
    return line.split()[0]


def _new_line(now: datetime, taken: Iterable[str]) -> str:
    """Its id is the day, and a number where the day has one already."""
    day, taken = f"{now:%Y-%m-%d}", frozenset(taken)
    numbered = (f"{day}.{number}" for number in range(2, len(taken) + 3))
    name = next(each for each in (day, *numbered) if each not in taken)
    return f"{name} {base64.b64encode(secrets.token_bytes(KEY)).decode()}\n"


def _write_part(path: Path, texts: Iterable[str], disk: Disk) -> Path:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    disk.write(part, [text.encode() for text in texts])
    return part


def _read(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii")
    except OSError as error:
        raise KeysRefused(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError:
        raise KeysRefused(f"{path}: is no text of ids and base64") from None
    if mode & _OTHERS:
        raise KeysRefused(
            f"{path}: others than its owner may read it (mode {mode & 0o777:o}): chmod 600"
        )
    return text


def _parse(path: Path, text: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            name, encoded = words
            key = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            raise KeysRefused(f"{path}:{number}: must be an id and a key in base64") from None
        if not _ID.fullmatch(name) or len(key) != KEY:
            raise KeysRefused(
                f"{path}:{number}: an id of letters, digits, '.', '_', '-', and {KEY} bytes"
            )
        if name in keys:
            raise KeysRefused(f"{path}:{number}: the id {name!r} is there twice")
        keys[name] = key
    if not keys:
        raise KeysRefused(f"{path}: has no key")
    return keys
