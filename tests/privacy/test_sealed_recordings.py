"""Sealed recordings: what is erased is heard by nobody, in any copy."""

from pathlib import Path

import pytest

from cti_server.store.database import Database
from recording.errors import StoreUnavailable
from recording.stores.folder import FolderStore
from tests.fakes.archives import open_archive


class AwayStore(FolderStore):
    """A store that cannot be asked to delete anything for the first time."""

    asked = 0

    def delete(self, file: str) -> None:
        self.asked += 1
        if self.asked == 1:
            raise StoreUnavailable(self.name, "it is away")
        super().delete(file)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


async def test_a_recording_is_destroyed_with_its_key_before_a_store_that_is_away_has_let_it_go(
    database: Database, tmp_path: Path
) -> None:
    away = AwayStore("far", tmp_path / "far")
    kept = await open_archive(database, tmp_path, FolderStore("near", tmp_path / "near"), away)
    await kept.put("r1", "r1.wav.sealed", b"sound")
    await kept.put("r2", "r2.wav.sealed", b"another")
    (tmp_path / "spool" / "damaged" / "r1-2").mkdir(parents=True)

    with pytest.raises(StoreUnavailable):
        await kept.archive.destroy("r1", "r1.wav.sealed")
    assert dict(await kept.keys.of(["r1"])) == {}
    await kept.archive.destroy("r1", "r1.wav.sealed")
    await kept.archive.destroy("r1", "r1.wav.sealed")
    await kept.archive.destroy("never stored", None)

    assert {"r2.wav.sealed"} <= names_in(tmp_path)
    assert not any("r1" in name for name in names_in(tmp_path))
    assert list(await kept.keys.of(["r1", "r2"])) == ["r2"]
