"""
What lies in the stores is read again: a disk that rots says nothing by itself.

A copy that is broken is brought again from one that is whole, and never the other way round: the
source is read to its end before anything is put.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from config.archive import StoreSettings

from .copies import Sound, bring, look
from .errors import SealBroken
from .sealing import sealed_size
from .stores.opening import open_stores
from .stores.port import Store


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored recording, the ``stores`` that have it by its row, and the key of its file."""

    recording_id: str
    file: str
    sound: Sound
    key: bytes
    stores: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What is wrong with one copy.

    ``broken``: it is not there, or is not what was stored; else the store does not answer.
    ``mended``: it was brought again, from ``source``; if not, ``reason`` says why.
    """

    recording_id: str
    store: str
    fault: str
    broken: bool
    mended: bool = False
    reason: str = ""
    source: str = ""


def read_again(
    recordings: Sequence[Kept], settings: Mapping[str, StoreSettings]
) -> list[list[Finding]]:
    """Open every copy of these recordings whole, and bring again what is broken; by recording."""
    stores = {each.name: each for each in open_stores(settings)}
    silent = dict[str, str]()  # a store that does not answer is not asked for each of them
    return [_read_again(each, stores, silent) for each in recordings]


def mend(
    kept: Kept,
    name: str,
    fault: str,
    stores: Mapping[str, Store],
    is_whole: Callable[[Store], bool] | None = None,
) -> Finding:
    """Bring it again to the store of this name, from the first other one that has it whole."""
    is_whole = is_whole or partial(_is_whole, kept)
    others = [stores[each] for each in kept.stores if each != name and each in stores]
    source = next((each for each in others if is_whole(each)), None)
    reason = ""
    if source is None:
        reason = "no other store has it whole"
    else:
        try:
            bring(source, stores[name], kept.file, kept.key, kept.recording_id, kept.sound)
        except (OSError, SealBroken) as error:
            reason = str(error)
    named = "" if source is None else source.name
    return Finding(kept.recording_id, name, fault, True, not reason, reason, named)


def _is_whole(kept: Kept, store: Store) -> bool:
    try:
        return not fault_of(kept, store)
    except OSError:
        return False


def fault_of(kept: Kept, store: Store) -> str:
    """Empty if the copy opens and is what was stored. Raises OSError for a silent store."""
    try:
        found = look(store, kept.file, kept.key, kept.recording_id)
    except FileNotFoundError:
        return "is not there"
    except SealBroken as error:
        return f"was altered: {error}"
    return "" if found == kept.sound else "is another sound than was stored"


def lacks(kept: Kept, store: Store) -> str:
    """The same by its size alone, for what was lost rather than altered."""
    size = store.size(kept.file)
    if size is None:
        return "is not there"
    expected = sealed_size(kept.sound.size, kept.recording_id)
    return "" if size == expected else f"has {size} bytes, not {expected}"


def _read_again(kept: Kept, stores: Mapping[str, Store], silent: dict[str, str]) -> list[Finding]:
    faults = dict[str, str]()
    findings = list[Finding]()
    for name in (each for each in kept.stores if each in stores):
        try:
            fault = silent.get(name) or fault_of(kept, stores[name])
        except OSError as error:
            fault = silent[name] = f"cannot be looked at: {error}"
        if name in silent:
            findings.append(Finding(kept.recording_id, name, fault, broken=False))
        elif fault:
            faults[name] = fault

    def is_whole(store: Store) -> bool:
        return store.name not in faults and store.name not in silent

    findings += [mend(kept, name, fault, stores, is_whole) for name, fault in faults.items()]
    return findings
