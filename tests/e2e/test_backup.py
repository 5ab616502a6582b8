"""The second store, as an operator meets it: copied, read again, drilled, and lived from."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.archive import S3Settings
from tests.fakes.object_store import ObjectStore
from tests.running_server import Desktop, RunningServer, serving

from .centre import LI, Centre, centre
from .people import Hire, passed
from .test_cli import hotline as command

BOSS = Hire("boss", "8003", skills=(), roles=("admin", "supervisor"), registers=False)


@pytest.fixture(scope="module")
def object_store() -> Iterator[ObjectStore]:
    server = ObjectStore()
    yield server
    server.close()


def bucket(store: ObjectStore, prefix: str) -> dict[str, Any]:
    """As the configuration names it."""
    settings: S3Settings = store.settings(prefix=prefix)
    assert settings.access_key is not None
    assert settings.secret_key is not None
    return {
        "kind": "s3",
        "bucket": settings.bucket,
        "endpoint": settings.endpoint,
        "prefix": prefix,
        "access_key": settings.access_key.get_secret_value(),
        "secret_key": settings.secret_key.get_secret_value(),
    }


def folder(path: Path) -> dict[str, Any]:
    return {"kind": "folder", "folder": str(path)}


async def recorded(hotline: Centre, calls: int) -> None:
    async with hotline.on_duty("li"):
        for _ in range(calls):
            caller = hotline.caller()
            await caller.dial("2000")
            at_li = await hotline.agents["li"].rung()
            await caller.happens("interaction.started")
            await passed(at_li, 0.4)
            caller.call.hang_up()
            await caller.over()
            await caller.happens("recording.stored")


async def heard(boss: Desktop) -> dict[str, bytes]:
    found = await boss.get("/api/v1/recordings")
    return {
        each["id"]: await boss.get_bytes(f"/api/v1/recordings/{each['id']}/audio") for each in found
    }


async def done(boss: Desktop, kind: str, **asked: int) -> dict[str, Any]:
    """Ask for a round or drill; its report."""
    status, begun = await boss.post(f"/api/v1/archive/{kind}", **({"sample": 50} | asked))
    assert status == 202, begun
    return dict(
        await boss.when(
            f"/api/v1/archive/{kind}/{begun['id']}", lambda run: run["state"] != "running", 30
        )
    )


async def said(server: RunningServer, *words: str) -> tuple[int, str]:
    """What a command says, and its exit code."""
    return await asyncio.to_thread(command, *words, "--config", str(server.config_file))


def sealed(place: Path) -> list[Path]:
    return sorted(place.rglob("*.wav.sealed"))


@pytest.mark.req("RC-07")
async def test_what_a_disk_loses_is_in_the_second_store_and_comes_back(
    tmp_path: Path, object_store: ObjectStore
) -> None:
    near, far = tmp_path / "near", object_store.bucket / "lost"
    alone = {"stores": {"disk": folder(near)}}
    async with centre(tmp_path, LI, BOSS, archive=alone) as hotline:
        await recorded(hotline, 3)
        before = await heard(hotline.agents["boss"].desk)
        status, refused = await hotline.agents["boss"].desk.post("/api/v1/archive/drills", sample=1)
        assert (status, refused["type"]) == (409, "NoSecondStore")
    assert len(before) == 3

    both = {"stores": {"disk": folder(near), "far": bucket(object_store, "lost")}}
    async with serving(tmp_path, archive=both) as server:
        boss = await server.log_in("boss")

        # what was there before the second store came is copied to it
        filled = await done(boss, "rounds")
        assert (filled["state"], filled["owed"], filled["sampled"]) == ("done", 3, 3)
        await server.when_metric("recordings_copied_total", 3.0)
        assert [each.name for each in sealed(far)] == [each.name for each in sealed(near)]
        code, told = await said(server, "archive", "verify", "--files", "all")
        assert (code, "the files of 3 opened" in told) == (0, True), told

        # a drill shows that it could be restored, over REST and by command
        drill = await done(boss, "drills", sample=2)
        assert (drill["state"], drill["sampled"], drill["faults"]) == ("done", 2, [])
        code, told = await said(server, "archive", "drill", "--json")
        report = json.loads(told)
        assert (code, report["state"], report["by_store"]) == (0, "done", {"far": 3})
        listed = await boss.get("/api/v1/archive/drills")
        assert [each["id"] for each in listed["items"]] == [report["id"], drill["id"]]

        # a disk rots by one bit: found, told, mended
        rotten = sealed(far)[0]
        content = bytearray(rotten.read_bytes())
        content[len(content) // 2] ^= 1
        rotten.write_bytes(content)
        code, told = await said(server, "archive", "drill")
        assert (code, "does not open" in told, "1 of 3 recordings" in told) == (1, True, True)
        mended = await done(boss, "rounds")
        assert (mended["state"], mended["failed"], mended["mended"]) == ("done", 1, 1)
        assert rotten.read_bytes() == sealed(near)[0].read_bytes()
        found = await boss.when("/api/v1/incidents?kind=copy_broken", lambda page: page["items"])
        [incident] = found["items"]
        assert incident["subject"] == f"{rotten.name.removesuffix('.wav.sealed')} in far"
        assert incident["action"] == "brought_again"
        await server.when_metric("archive_copies_mended_total", 1.0)

        # the first disk is lost: playing goes on, and what is missing is named and comes back
        shutil.rmtree(near)
        assert await heard(boss) == before
        code, told = await said(server, "archive", "verify", "--files", "all")
        assert (code, told.count("in 'disk' is not there")) == (1, 3), told
        code, told = await said(server, "archive", "restore", "--to", "disk")
        assert (code, "3 looked at, 3 brought" in told, "0 faults" in told) == (0, True, True), told
        code, told = await said(server, "archive", "restore")
        assert (code, "3 recordings looked at, 0 brought" in told) == (0, True), told
        code, told = await said(server, "archive", "verify", "--files", "all")
        assert code == 0, told
        shutil.rmtree(far)
        assert await heard(boss) == before
        code, told = await said(server, "archive", "restore", "--to", "far", "--from", "disk")
        assert (code, "3 brought" in told) == (0, True), told
        for wrong, reason in (
            (("--to", "moon"), "to: 'moon' is none of the stores disk, far"),
            (("--from", "disk"), "from: must be another store"),
        ):
            code, told = await said(server, "archive", "restore", *wrong)
            assert (code, reason in told) == (1, True), told

        # the database is saved beside the server, and so many of its backups stay
        saved = tmp_path / "saved"
        for _ in range(3):
            code, told = await said(server, "backup", "create", str(saved), "--keep", "2")
            assert (code, "sound; its SHA-256 is" in told) == (0, True), told
        assert len(list(saved.iterdir())) == 2
        assert "archive.key" in told  # and that it belongs elsewhere
        code, told = await said(server, "backup", "create", str(server.data))
        assert (code, "must not lie beside the backups" in told) == (1, True), told


async def test_a_server_lives_on_s3_alone_with_a_folder_as_the_second_store(
    tmp_path: Path, object_store: ObjectStore
) -> None:
    stores = {"cloud": bucket(object_store, "first"), "disk": folder(tmp_path / "disk")}
    async with centre(tmp_path, LI, BOSS, archive={"stores": stores}) as hotline:
        await recorded(hotline, 2)
        boss = hotline.agents["boss"].desk
        before = await heard(boss)
        drill = await done(boss, "drills")

        shutil.rmtree(object_store.bucket / "first")
        assert await heard(boss) == before
        back, brought = await said(hotline.server, "archive", "restore")
        again = await done(boss, "rounds")

        saved = tmp_path / "saved"
        saving, _ = await said(hotline.server, "backup", "create", str(saved))
        [backup] = saved.iterdir()
        serves, refused = await said(hotline.server, "backup", "restore", str(backup))
        stopped = hotline.server

    assert (saving, serves, "stop it first" in refused) == (0, 1, True), refused
    there, refused = await said(stopped, "backup", "restore", str(backup))
    assert (there, "move it away first" in refused) == (1, True), refused
    for name in ("hotline.db", "hotline.db-wal", "hotline.db-shm"):
        (tmp_path / "data" / name).unlink(missing_ok=True)
    restored, told = await said(stopped, "backup", "restore", str(backup))
    assert (restored, "the database is as it was at" in told) == (0, True), told
    async with serving(tmp_path, archive={"stores": stores}) as server:
        assert await heard(await server.log_in("boss")) == before
        code, told = await said(server, "archive", "verify", "--files", "all")
        assert (code, "the files of 2 opened" in told) == (0, True), told

    assert (drill["state"], drill["sampled"]) == ("done", 2)
    assert (back, "2 brought" in brought) == (0, True), brought
    assert (again["state"], again["sampled"], again["faults"]) == ("done", 2, [])
    assert len(sealed(object_store.bucket / "first")) == 2
    assert not list((tmp_path / "data").rglob("*.wav.sealed"))
    assert not list((tmp_path / "data").rglob("drill-*"))
