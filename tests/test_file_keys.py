"""Keys of recordings' files, below master keys that are checked at the start and rotated."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from cti_server.file_keys import FileKeys
from cti_server.store.database import Database
from cti_server.store.recording_keys import RecordingKeys
from recording import keys
from recording.errors import KeyNotOpened, KeysRefused
from tests.fakes.databases import database, database_url, postgres, postgres_url

__all__ = ["database", "database_url", "postgres", "postgres_url"]

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
IDS = [f"r{n}" for n in range(7)]


async def opened(database: Database, path: Path, *, own: bool = True) -> FileKeys:
    return await FileKeys.open(database, path, None, now=NOW, own=own)


async def masters(database: Database) -> list[str]:
    async with database.readers() as session:
        return list(await RecordingKeys(session).masters())


async def test_a_key_is_made_once_and_is_the_same_after_a_rotation_and_a_restart(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cti_server.file_keys._AT_ONCE", 3)
    path = tmp_path / "archive.key"
    server = await opened(database, path)
    first = dict(await server.ensure(IDS[:5]))
    assert dict(await server.ensure(IDS)).items() >= first.items()
    made = dict(await server.of(IDS))
    assert len(set(made.values())) == len(IDS)

    keys.add(path, NOW)
    other = await opened(database, path, own=False)
    assert [await other.rotate(), await other.rotate()] == [7, 0]

    assert await masters(database) == ["2026-11-22.2"]
    assert dict(await server.of(IDS)) == made  # which has read the file again
    assert dict(await (await opened(database, path)).of(IDS)) == made
    await server.ensure(["new"])
    assert await masters(database) == ["2026-11-22.2"]


async def test_an_interrupted_rotation_goes_on_with_what_is_left(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cti_server.file_keys._AT_ONCE", 2)
    path = tmp_path / "archive.key"
    made = dict(await (await opened(database, path)).ensure(IDS))
    keys.add(path, NOW)
    rotating = await opened(database, path)

    async with database.sessions.begin() as session:  # as if somebody had spoilt one
        found = await RecordingKeys(session).below("2026-11-22", 9)
        spoilt = found[-1].recording_id
        whole, found[-1].wrapped = found[-1].wrapped, b"0" * 60
    with pytest.raises(KeyNotOpened, match=f"does not open the key of {spoilt}"):
        await rotating.rotate()
    assert await masters(database) == ["2026-11-22", "2026-11-22.2"]
    async with database.sessions.begin() as session:
        for row in await RecordingKeys(session).below("2026-11-22", 9):
            if row.recording_id == spoilt:
                row.wrapped = whole

    assert 0 < await rotating.rotate() < len(IDS)
    assert dict(await rotating.of(IDS)) == made


async def test_a_key_that_does_not_open_holds_no_other_up_and_is_not_made_anew(
    database: Database, tmp_path: Path
) -> None:
    server = await opened(database, tmp_path / "archive.key")
    made = dict(await server.ensure(IDS))
    async with database.sessions.begin() as session:
        (await RecordingKeys(session).below("2026-11-22", 1))[0].wrapped = b"0" * 60

    with capture_logs() as told:
        kept = await server.ensure([*IDS, "new"])
    each = await server.each(IDS)

    [spoilt] = made.keys() - kept.keys()
    assert {**made, "new": kept["new"]} == {**kept, spoilt: made[spoilt]}
    assert isinstance(each.pop(spoilt), KeyNotOpened)
    assert each == {name: kept[name] for name in each}
    assert [one["recording_id"] for one in told] == [spoilt]
    with pytest.raises(KeyNotOpened, match=f"does not open the key of {spoilt}"):
        await server.of(IDS)


async def test_a_wrong_or_missing_master_key_is_refused_and_nothing_is_written_over(
    database: Database, tmp_path: Path
) -> None:
    path, away = tmp_path / "archive.key", tmp_path / "away.keys"
    made = await (await opened(database, path)).ensure(IDS)

    path.rename(away)
    with pytest.raises(KeysRefused, match=r"archive\.key: No such file.*sealed under 2026-11-22"):
        await opened(database, path)
    assert not path.exists()
    keys.create(path, NOW)
    wrong = path.read_bytes()
    with pytest.raises(KeysRefused, match=r"does not open the key of r.*bring the file of master"):
        await opened(database, path)
    assert path.read_bytes() == wrong
    path.write_text(f"other {'A' * 43}=\n")
    with pytest.raises(KeysRefused, match="'2026-11-22' is not there"):
        await opened(database, path)

    away.replace(path)
    assert await (await opened(database, path)).of(IDS) == made


async def test_a_configured_file_is_not_made(database: Database, tmp_path: Path) -> None:
    with pytest.raises(KeysRefused, match=r"our\.keys: No such file"):
        await opened(database, tmp_path / "our.keys", own=False)
