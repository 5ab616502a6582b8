"""Backups of the database: sound or refused, kept for a while; what was erased stays erased."""

import json
from collections.abc import AsyncIterator
from random import Random

import pytest

from config.settings import Settings
from cti_server.archive_checking import ArchiveCheck
from cti_server.backup import database_backup
from cti_server.backup.database_backup import BackupInvalid, backups, checked
from cti_server.backup.erased_list import ErasedList
from cti_server.backup.errors import BackupError, WouldOverwrite
from cti_server.file_keys import FileKeys
from cti_server.privacy.recordings import SealedArchive
from cti_server.store.database import Database
from cti_server.store.recordings import Recordings
from tests.fakes.postgres import BINARIES

from .kept_twice import NINE, KeptTwice


@pytest.fixture
async def empty(
    it: KeptTwice, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Database]:
    """Where nothing is, of the same kind."""
    url = f"sqlite+aiosqlite:///{it.folder}/elsewhere/hotline.db"
    if it.database.dialect == "postgresql":
        monkeypatch.setenv("PATH", str(BINARIES), prepend=":")
        postgres = request.getfixturevalue("postgres")
        postgres.drop("restored")
        url = postgres.create("restored")
    database = Database(url)
    yield database
    await database.close()


def settings(it: KeptTwice) -> Settings:
    return Settings(data=it.folder)


async def test_a_backup_is_restored_and_what_was_erased_since_is_erased_again(
    it: KeptTwice, empty: Database
) -> None:
    for name in ("r1", "r2", "r3"):
        await it.add(name)
    await it.erase("r3")
    notes = ErasedList(it.database, it.kept.keys, it.kept.stores)
    await notes.publish()
    saved = await database_backup.create(it.database, settings(it), it.folder / "saved", None)
    await it.add("r4")
    await it.erase("r1")
    await notes.publish()

    manifest = await database_backup.restore(empty, saved)
    await empty.upgrade()

    assert manifest.facts.master_keys == ("2026-11-21",)
    assert manifest.facts.events >= 3
    keys = FileKeys(empty, it.folder / "archive.key")
    assert set(await keys.of(["r1", "r2", "r3"])) == {"r1", "r2"}  # r1 could be heard again
    archive = SealedArchive(
        keys,
        it.kept.stores,
        plain=it.folder / "plain",
        spool=it.folder / "spool",
        peaks=it.folder / "peaks",
    )
    restored = ErasedList(empty, keys, it.kept.stores)
    assert await restored.erase_again(archive, NINE) == (1, [])
    assert await restored.erase_again(archive, NINE) == (0, [])
    assert set(await keys.of(["r1", "r2", "r3"])) == {"r2"}
    async with empty.readers() as session:
        rows = {each.id: each.state for each in await Recordings(session).after("", 9)}
    assert rows == {"r1": "erased", "r2": "stored", "r3": "erased"}
    check = ArchiveCheck(empty, keys, it.kept.stores, files=None, chance=Random(1))
    verdict = await check.run()
    assert (verdict.faults, verdict.files) == ([], 1)

    # what is erased in the restored one goes on where the lists are, not over them
    await restored.publish()
    names = sorted(each.name for each in (it.folder / "far" / "erased").iterdir())
    assert names == ["00000001", "00000002", "00000003"]


async def test_a_list_that_somebody_else_wrote_erases_nothing(it: KeptTwice) -> None:
    await it.add("r1")
    await it.add("r2")
    notes = ErasedList(it.database, it.kept.keys, it.kept.stores)
    await it.erase("r2")
    await notes.publish()
    page = it.folder / "far" / "erased" / "00000001"
    forged = json.loads(page.read_bytes())
    forged["master"] = "2031-01-01"
    page.with_name("00000002").write_text(json.dumps(forged))
    page.with_name("00000003").write_bytes(page.read_bytes())  # of another page
    page.with_name("00000004").write_bytes(b"[]")

    again, faults = await notes.erase_again(it.kept.archive, NINE)

    assert again == 0
    assert [each.partition(":")[0] for each in faults] == [
        f"erased/0000000{number} in 'far'" for number in (2, 3, 4)
    ]
    assert (await it.row("r1")).state == "stored"


async def test_nothing_is_overwritten(it: KeptTwice) -> None:
    await it.add("r1")
    saved = await database_backup.create(it.database, settings(it), it.folder / "saved", None)

    with pytest.raises(WouldOverwrite):
        await database_backup.restore(it.database, saved)
    assert (await it.row("r1")).state == "stored"


async def test_what_is_not_the_backup_that_was_made_is_refused(
    it: KeptTwice, empty: Database
) -> None:
    saved = await database_backup.create(it.database, settings(it), it.folder / "saved", None)
    file = saved / checked(saved).file
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    with pytest.raises(BackupInvalid, match="has the SHA-256"):
        await database_backup.restore(empty, saved)
    file.unlink()
    with pytest.raises(BackupInvalid, match="is no whole backup"):
        await database_backup.restore(empty, saved)
    with pytest.raises(BackupInvalid, match="is no whole backup"):
        await database_backup.restore(empty, it.folder)


async def test_only_so_many_stay_and_never_another_folder(
    it: KeptTwice, monkeypatch: pytest.MonkeyPatch
) -> None:
    into = it.folder / "saved"
    for name in ("hotline-20200101T000000000Z", "hotline-20210101T000000000Z", "mine"):
        (into / name).mkdir(parents=True)
        (into / name / "manifest.json").write_bytes(b"{}")
    (
        into / "hotline-20190101T000000000Z"
    ).mkdir()  # without a manifest: not whole, not ours to judge

    made = await database_backup.create(it.database, settings(it), into, 2)

    assert [each.name for each in backups(into)] == ["hotline-20210101T000000000Z", made.name]
    assert {each.name for each in into.iterdir()} == {
        *("hotline-20190101T000000000Z", "hotline-20210101T000000000Z", "mine"),
        made.name,
    }


async def test_the_master_keys_never_lie_beside_it(it: KeptTwice) -> None:
    for into in (it.folder, it.folder.parent):
        with pytest.raises(BackupError, match="must not lie beside the backups"):
            await database_backup.create(it.database, settings(it), into, None)
