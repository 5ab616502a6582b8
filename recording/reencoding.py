"""
A stored recording becomes a smaller one: Opus in the place of G.711, in steps that may be cut off.

The new file has a name of its own, so both are there until the database knows of the new one; only
then is the old one to be removed (:func:`remove`). Whoever repeats it after a crash finds what is
there already.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from config.archive import StoreSettings

from . import opus
from .archive import with_suffix
from .capture import SAMPLE_RATE
from .copies import Hashed, Sound, bring, keep, sealed_file
from .errors import CaptureDamaged, RecordingError, StoreSpared, StoreUnavailable
from .opus import Frames
from .sealing import Block
from .sound_file import SUFFIXES, levels, serial
from .stores.opening import open_stores
from .stores.port import Store


@dataclass(frozen=True, slots=True)
class ReencodeOrder:
    """A stored recording, as its row has it. ``stores``: those that have it."""

    recording_id: str
    file: str
    sound: Sound
    duration: float  # seconds
    key: bytes
    stores: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reencoded:
    """Its new file, in ``stores``; to those ``owed`` it has to be brought yet."""

    recording_id: str
    replaced: str
    file: str
    sound: Sound
    stores: tuple[str, ...]
    owed: tuple[str, ...]


def reencode_all(
    orders: Sequence[ReencodeOrder], settings: Mapping[str, StoreSettings]
) -> list[Reencoded | Exception]:
    """What came of each; one that fails stops no other. Whatever comes can cross to a process."""
    stores = {store.name: store for store in open_stores(settings)}
    results: list[Reencoded | Exception] = []
    for order in orders:
        try:
            results.append(reencode(order, stores))
        except (RecordingError, OSError) as error:
            results.append(error)
        except Exception as error:  # noqa: BLE001 - it is this recording's, not the others'
            results.append(RuntimeError(f"{type(error).__name__}: {error}"))
    return results


def reencode(order: ReencodeOrder, stores: Mapping[str, Store]) -> Reencoded:
    """
    Have it as Opus in the stores that have it; the old file stays.

    Raises SealBroken or CaptureDamaged where that is not what was stored, and what stores raise.
    """
    having = [stores[name] for name in order.stores if name in stores]
    if not having:
        raise FileNotFoundError(f"none of the stores that have {order.file} is configured")
    source, *others = having
    file = with_suffix(order.file, SUFFIXES["opus"])
    sound = keep(
        source, file, lambda: _encoded(order, source), order.key, order.recording_id, exact=False
    )
    owed = [name for name in order.stores if name not in stores]
    owed += [one.name for one in others if not _brought(order, source, one, file, sound)]
    return Reencoded(
        recording_id=order.recording_id,
        replaced=order.file,
        file=file,
        sound=sound,
        stores=tuple(name for name in order.stores if name not in owed),
        owed=tuple(owed),
    )


def remove(file: str, stores: Sequence[Store], resting: set[str] | None = None) -> None:
    """
    Make sure that no store has it. Repeating it is harmless.

    A store that fails keeps it in no other; what it raised is raised then. ``resting``: names of
    stores that were away just now, and are spared (StoreSpared); who is away now is added.
    """
    resting, failures = set() if resting is None else resting, list[OSError]()
    for store in stores:
        if store.name in resting:
            failures.append(StoreSpared(store.name, "it has just failed for another recording"))
            continue
        try:
            store.delete(file)
        except StoreUnavailable as error:
            resting.add(store.name)
            failures.append(error)
        except OSError as error:
            failures.append(error)
    if failures:
        raise min(failures, key=lambda failure: isinstance(failure, StoreSpared))


def _encoded(order: ReencodeOrder, source: Store) -> Iterator[Block]:
    sealed = sealed_file(source, order.file, order.key, order.recording_id)
    read = Hashed(sealed.blocks())
    channels, frames = levels(read)
    yield from opus.encoded(_whole(order, read, frames), channels, serial(order.recording_id))


def _whole(order: ReencodeOrder, read: Hashed, frames: Iterator[Frames]) -> Iterator[Frames]:
    """The frames, all of them, of what was stored: else nothing comes of it."""
    samples = 0
    for some in frames:
        samples += len(some)
        yield some
    if read.sound != order.sound or samples != round(order.duration * SAMPLE_RATE):
        raise CaptureDamaged(f"{order.file} is another sound than was stored")


def _brought(order: ReencodeOrder, source: Store, other: Store, file: str, sound: Sound) -> bool:
    try:
        bring(source, other, file, order.key, order.recording_id, sound)
    except OSError:
        return False  # it is owed, and whoever brings it then tells why it cannot
    return True
