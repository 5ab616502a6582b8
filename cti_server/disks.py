"""How full the disks are that the server writes to; all of it asks the system, and blocks."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.archive import FolderSettings, StoreSettings
from config.settings import Settings

SPOOL = "spool"
"""The place that calls are captured to."""


@dataclass(frozen=True, slots=True)
class Disk:
    """
    One file system, with the places on it by the names that they have here; bytes.

    ``free`` for us, of a ``total`` that is used or free: as ``df`` counts, without what a file
    system keeps for its own purposes.
    """

    places: tuple[str, ...]
    total: int
    free: int

    @property
    def name(self) -> str:
        return self.places[0]


def places_of(settings: Settings) -> dict[str, Path]:
    """What is written to: the stores that are folders by their names; buckets have no disk."""
    stores = {
        name: store.folder
        for name, store in settings.archive_stores.items()
        if isinstance(store, FolderSettings)
    }
    return {"data": settings.data, SPOOL: settings.data / SPOOL} | stores


def measured(places: Mapping[str, Path]) -> Sequence[Disk]:
    """One that cannot be asked, as a network's that is away, is not there."""
    found: dict[int, tuple[list[str], os.statvfs_result]] = {}
    for name, path in places.items():
        try:
            there = _there(path)
            device = there.stat().st_dev
            if device not in found:
                found[device] = ([], os.statvfs(there))
        except OSError:
            continue
        found[device][0].append(name)
    return [_disk(tuple(names), room) for names, room in found.values()]


def free_of_first(stores: Mapping[str, StoreSettings]) -> int | None:
    """Bytes of the disk that recordings are stored on; a bucket has none."""
    name, store = next(iter(stores.items()))
    if not isinstance(store, FolderSettings):
        return None
    found = measured({name: store.folder})
    return found[0].free if found else None


def _disk(places: tuple[str, ...], room: os.statvfs_result) -> Disk:
    used = room.f_blocks - room.f_bfree
    return Disk(places, (used + room.f_bavail) * room.f_frsize, room.f_bavail * room.f_frsize)


def _there(path: Path) -> Path:
    """The folder, or the nearest one above it that is there already."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
