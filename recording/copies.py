"""One recording in a store: put there sealed, looked at whole, brought to another store."""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .errors import CaptureDamaged, SealBroken, StoreUnavailable
from .sealing import SALT, Block, SealedFile, seal, sealed_size
from .stores.port import Store


@dataclass(frozen=True, slots=True)
class Sound:
    """What a sound file is known by; ``size`` in bytes, both of it as it is heard, not sealed."""

    sha256: str
    size: int

    @classmethod
    def of(cls, blocks: Iterable[Block]) -> "Sound":
        hashed = Hashed(blocks)
        for _ in hashed:
            pass
        return hashed.sound


def keep(
    store: Store,
    file: str,
    blocks: Callable[[], Iterable[Block]],
    key: bytes,
    recording_id: str,
    *,
    exact: bool = True,
) -> Sound:
    """
    Seal the sound into the store, and read it back.

    One that is there already stays. Raises CaptureDamaged if another one is, StoreUnavailable if
    the store does not give back what it was given, and what the store and the ``blocks`` raise.
    What is not ``exact``, for another release encodes otherwise, is known by its key alone.
    """
    there = _there(store, file, key, recording_id)
    if there is not None:
        if exact and Sound.of(blocks()) != there:
            raise CaptureDamaged(f"the archive has another recording named {file}")
        return there
    hashed = Hashed(blocks())
    store.put(file, seal(hashed, key, recording_id, secrets.token_bytes(SALT)))
    _check(store, file, key, recording_id, hashed.sound)
    return hashed.sound


def bring(
    source: Store, target: Store, file: str, key: bytes, recording_id: str, sound: Sound
) -> None:
    """
    Have the sealed file in another store, too, and read it back there.

    Raises StoreUnavailable and whatever else the two stores raise.
    """
    if _there(target, file, key, recording_id) == sound:
        return
    target.put(file, source.get(file, 0, sealed_size(sound.size, recording_id)))
    _check(target, file, key, recording_id, sound)


def look(store: Store, file: str, key: bytes, recording_id: str) -> Sound:
    """Open the whole file. Raises SealBroken, FileNotFoundError and what the store raises."""
    return Sound.of(sealed_file(store, file, key, recording_id).blocks())


def sealed_file(store: Store, file: str, key: bytes, recording_id: str) -> SealedFile:
    """Raises as :func:`look` does."""
    size = store.size(file)
    if size is None:
        raise FileNotFoundError(file)
    return SealedFile(lambda start, end: store.get(file, start, end), size, key, recording_id)


def _there(store: Store, file: str, key: bytes, recording_id: str) -> Sound | None:
    """What a try before left; what does not open is nothing, the capture has it whole."""
    try:
        return look(store, file, key, recording_id)
    except (FileNotFoundError, SealBroken):
        return None


def _check(store: Store, file: str, key: bytes, recording_id: str, sound: Sound) -> None:
    if _there(store, file, key, recording_id) != sound:
        store.delete(file)
        raise StoreUnavailable(store.name, f"{file} is not what was put there")


class Hashed:
    """Blocks that go by; what they were when all have gone."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._blocks = blocks
        self._digest = hashlib.sha256()
        self._size = 0

    def __iter__(self) -> Iterator[Block]:
        for block in self._blocks:
            self._digest.update(block)
            self._size += len(block)
            yield block

    @property
    def sound(self) -> Sound:
        return Sound(self._digest.hexdigest(), self._size)
