"""Who hears recordings and takes them away, what they give for it, and what is noticed."""

import asyncio
import csv
import hashlib
import io
import json
import sqlite3
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.running_server import Desktop, RunningServer

from .centre import FLOW_FILES, Centre, centre
from .conversations import (
    HEAD,
    NUMBERS,
    QUEUES,
    Recorded,
    ask,
    asked_briefly,
    complained,
    confirm,
    found,
)
from .people import Hire
from .talking import LI, WANG
from .test_cli import hotline as command

pytestmark = pytest.mark.asyncio(loop_scope="module")

SURVEY = "survey.yaml"
EXPORTS, APPROVALS = "/api/v1/recording-exports", "/api/v1/recording-approvals"
SEARCHES = "/api/v1/recording-searches"
BOSS = Hire("boss", "8003", skills=(), roles=("admin",), registers=False)
MA = Hire("ma", "8004", skills=(), roles=("supervisor",), registers=False)
LAW = Hire("law", "8005", skills=(), roles=("auditor",), registers=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    folder: Path = tmp_path_factory.mktemp("taken")
    surveys = {"after_call": str(folder / "flows" / SURVEY)}
    files = [*FLOW_FILES, SURVEY]
    people = (LI, WANG, BOSS, MA, LAW)
    changes: dict[str, Any] = {
        "queues": QUEUES,
        "numbers": NUMBERS,
        "recording": {"protection": {"confirm_play_queues": ["second"], "four_eyes": ["export"]}},
    }
    async with centre(
        folder,
        *people,
        flows=files,
        surveys=surveys,
        allowed=lambda line: line.get("event") == "recording.not_opened",
        **changes,
    ) as it:
        yield it


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(hotline: Centre) -> tuple[Recorded, Recorded]:
    """One of the queue `service`, and one of `second` that came after it."""
    async with hotline.on_duty("li", "wang"):
        of_service, of_second = await complained(hotline), await asked_briefly(hotline)
    ids = [of_second.id, of_service.id]
    await hotline.chief.when("/api/v1/recordings", lambda rows: [row["id"] for row in rows] == ids)
    return of_service, of_second


async def problem(desk: Desktop, method: str, path: str, body: Any = None) -> tuple[int, str]:
    """Status and kind of the refusal."""
    status, answered = await ask(desk, method, path, body)
    return status, json.loads(answered)["type"]


def zip_of(**search: object) -> dict[str, Any]:
    return {"format": "zip", "search": search}


async def approved(hotline: Centre, desk: Desktop, export: dict[str, Any]) -> None:
    """Asked for by one, and approved by the auditor."""
    status, one = await desk.post(APPROVALS, reason="a customer complains", export=export)
    assert status == 201, one
    law = hotline.agents["law"].desk
    waiting = (await law.get(APPROVALS))["items"]
    assert (waiting[0]["id"], waiting[0]["state"]) == (one["id"], "waiting")
    decision = {"approve": True, "reason": "it is theirs"}
    assert (await problem(desk, "POST", f"{APPROVALS}/{one['id']}/decision", decision)) == (
        *(403, "NotBySomebodyElse"),
    )
    status, one = await law.post(f"{APPROVALS}/{one['id']}/decision", **decision)
    assert (status, one["state"]) == (200, "approved")


async def restrict(boss: Desktop, **queues: list[str]) -> None:
    """Ma's right, whatever it was."""
    rights = await boss.get("/api/v1/recording-rights")
    versions = [one["version"] for one in rights if one["holder"] == "user:ma"]
    said = {"version": versions[0]} if versions else {}
    await boss.put("/api/v1/recording-rights/user/ma", **said, **queues)


async def audited(hotline: Centre, actor: str, *last: str) -> list[tuple[str, str, str]]:
    """What somebody did, the newest first, when the trail has the ``last`` of it."""
    page = await hotline.agents["law"].desk.when(
        f"/api/v1/audit?actor={actor}&limit=200",
        lambda page: last in {(one["action"], one["record"]) for one in page["items"]},
    )
    return [(one["action"], one["record"], one["record_id"]) for one in page["items"]]


async def checked(server: RunningServer) -> tuple[int, str]:
    """What ``hotline archive verify`` says of everything."""
    words = ("archive", "verify", "--files", "all", "--config", str(server.config_file))
    return await asyncio.to_thread(command, *words)


@pytest.mark.req("RC-09")
async def test_by_role_and_queue_and_password_and_by_two_recordings_are_heard_and_taken_away(
    hotline: Centre, both: tuple[Recorded, Recorded]
) -> None:
    of_service, of_second = both
    ma, chief = hotline.agents["ma"].desk, hotline.chief
    boss, li = hotline.agents["boss"].desk, hotline.agents["li"].desk

    # by role, and by queue: nothing of another's queue is there, by no way
    assert (await ask(li, "GET", "/api/v1/recordings"))[0] == 403
    assert (await ask(boss, "GET", f"{of_service.path}/audio"))[0] == 403
    await restrict(boss, list=["second"])
    assert await found(ma) == [of_second.id]
    for path in ("", "/audio", "/edits", "/clip", "/peaks", "/bookmarks"):
        assert (await ask(ma, "GET", of_service.path + path))[0] == 404, path

    # the password is asked before playing, of the queue where that is set
    assert (await ask(chief, "GET", f"{of_service.path}/audio"))[0] == 200
    assert await problem(chief, "GET", f"{of_second.path}/audio") == (403, "ConfirmationNeeded")
    await confirm(chief, "recordings.play")
    assert (await ask(chief, "GET", f"{of_second.path}/audio"))[0] == 200
    assert await problem(ma, "GET", f"{of_second.path}/audio") == (403, "ConfirmationNeeded")

    # an export asks for it, too, and for somebody else
    export = zip_of()
    assert await problem(ma, "POST", EXPORTS, export) == (403, "ConfirmationNeeded")
    await confirm(ma, "recordings.export")
    assert await problem(ma, "POST", EXPORTS, export) == (403, "ApprovalNeeded")
    await approved(hotline, ma, export)
    assert await problem(ma, "POST", EXPORTS, zip_of(agent_id="wang")) == (403, "ApprovalNeeded")

    status, content = await ask(ma, "POST", EXPORTS, export)
    assert status == 200
    with zipfile.ZipFile(io.BytesIO(content)) as exported:
        [one] = json.loads(exported.read("manifest.json"))  # of her queue alone
        sound = exported.read(one["file"])
    assert (one["id"], one["caller_number"]) == (of_second.id, of_second.number)
    hashes = {one["sha256"], one["stored_sha256"], hashlib.sha256(sound).hexdigest()}
    assert hashes == {of_second.sha256}
    assert one["chain"]["action"] == "stored"
    assert await problem(ma, "POST", EXPORTS, export) == (403, "ApprovalNeeded")  # it was once
    trail = await audited(hotline, "ma", "exported", "recording")
    assert ("exported", "recording", of_second.id) in trail
    assert [action for action, record, _ in trail if record == "recording_approval"] == [
        "used", "asked",
    ]  # fmt: skip
    await audited(hotline, "boss", "refused", "permission")


@pytest.mark.req("RC-09")
async def test_a_saved_search_finds_what_its_runner_may_see_and_goes_into_a_table(
    hotline: Centre, both: tuple[Recorded, Recorded]
) -> None:
    of_service, of_second = both
    boss, ma = hotline.agents["boss"].desk, hotline.agents["ma"].desk
    await restrict(boss, list=["second"])
    status, saved = await hotline.chief.post(
        SEARCHES, name="This week", search={}, days=7, roles=["supervisor", "auditor"]
    )
    assert status == 201, saved
    path = f"{SEARCHES}/{saved['id']}/recordings"

    everything = [one["id"] for one in (await hotline.chief.get(path))["items"]]
    hers = [one["id"] for one in (await ma.get(path))["items"]]

    assert everything == [of_second.id, of_service.id]
    assert hers == [of_second.id]
    law = hotline.agents["law"].desk
    assert [one["name"] for one in (await law.get(SEARCHES))["items"]] == ["This week"]
    export = {"format": "csv", "search": {"disposition": "answered"}}
    await confirm(hotline.chief, "recordings.export")
    await approved(hotline, hotline.chief, export)
    status, content = await ask(hotline.chief, "POST", EXPORTS, export)
    [row] = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert (status, row["id"], row["sha256"]) == (200, of_service.id, of_service.sha256)
    assert ("exported", "recording", of_service.id) in await audited(
        hotline, "chief", "exported", "recording"
    )


async def test_an_approval_outlives_the_server_and_a_password_that_was_given_does_not(
    hotline: Centre, both: tuple[Recorded, Recorded]
) -> None:
    chief, export = hotline.chief, zip_of(queue="service")
    await confirm(chief, "recordings.export")
    await approved(hotline, chief, export)

    assert await hotline.server.stop() == 0
    await hotline.server.launch()
    await hotline.server.logged("server.started", nth=2)

    again = await hotline.server.log_in("chief")
    assert await problem(again, "POST", EXPORTS, export) == (403, "ConfirmationNeeded")
    await confirm(again, "recordings.export")
    status, content = await ask(again, "POST", EXPORTS, export)
    assert status == 200
    with zipfile.ZipFile(io.BytesIO(content)) as exported:
        assert len(exported.namelist()) == 2


@pytest.mark.req("RC-06")
async def test_what_is_kept_is_sealed_each_by_a_key_of_its_own_and_no_change_goes_unseen(
    hotline: Centre, both: tuple[Recorded, Recorded]
) -> None:
    """After all that the tests above have shown of who may hear and export it."""
    of_service, of_second = both
    server, data = hotline.server, hotline.server.data

    # level 1: the role, the queue, the password
    li = await server.log_in("li")
    assert (await ask(li, "GET", f"{of_service.path}/audio"))[0] == 403
    boss = await server.log_in("boss")
    await restrict(boss, list=["second"], play=["second"])
    ma = await server.log_in("ma")
    assert (await ask(ma, "GET", f"{of_service.path}/audio"))[0] == 404
    assert await problem(ma, "GET", f"{of_second.path}/audio") == (403, "ConfirmationNeeded")
    assert await problem(ma, "POST", EXPORTS, zip_of()) == (403, "ConfirmationNeeded")
    await confirm(ma, "recordings.play")
    status, sound = await ask(ma, "GET", f"{of_second.path}/audio")
    assert (status, hashlib.sha256(sound).hexdigest()) == (200, of_second.sha256)

    # level 2: nothing of the sound is on the disk, and each file has a key of its own
    files = {path.name.partition(".")[0]: path for path in data.rglob("*.wav.sealed")}
    assert set(files) == {of_service.id, of_second.id}
    part = sound[HEAD + 1000 : HEAD + 1064]
    assert not any(part in path.read_bytes() for path in files.values())
    keys = rows(data, "SELECT recording_id, wrapped FROM recording_key")
    assert len({key for _, key in keys}) == len(keys) == 2
    code, told = await checked(server)
    assert (code, "the files of 2 opened" in told) == (0, True), told
    head = told.split()[-1]

    # one bit of a file is another
    whole = files[of_second.id].read_bytes()
    altered = bytearray(whole)
    altered[len(altered) // 2] ^= 1
    files[of_second.id].write_bytes(altered)
    code, told = await checked(server)
    assert (code, told.count(f"recording {of_second.id}:"), of_service.id in told) == (1, 1, False)
    status, _ = await ask(ma, "GET", f"{of_second.path}/audio", Range=f"bytes={len(sound) // 2}-")
    assert status == 503  # it is not played as if nothing were

    # a file is deleted
    files[of_second.id].unlink()
    code, told = await checked(server)
    assert (code, f"recording {of_second.id}:" in told, "is not there" in told) == (1, True, True)
    files[of_second.id].write_bytes(whole)
    assert (await checked(server))[0] == 0

    # a row says something else, and a recording is taken out with all that is known of it
    assert await server.stop() == 0
    change(data, "UPDATE recording SET agent_id = 'wang' WHERE id = ?", of_service.id)
    code, told = await checked(server)
    assert (code, f"recording {of_service.id}: its row was altered" in told) == (1, True), told
    change(data, "DELETE FROM recording WHERE id = ?", of_second.id)
    change(data, "DELETE FROM recording_key WHERE recording_id = ?", of_second.id)
    code, told = await checked(server)
    assert (code, f"recording {of_second.id}: its row was removed" in told) == (1, True), told
    change(data, "DELETE FROM archive_entry WHERE recording_id = ?", of_second.id)
    words = ("archive", "verify", "--noted", head, "--config", str(server.config_file))
    code, told = await asyncio.to_thread(command, *words)
    entry = f"entry {head.partition(':')[0]}: removed"
    assert (code, entry in told) == (1, True), told


def rows(data: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(data / "hotline.db") as database:
        return database.execute(query).fetchall()


def change(data: Path, statement: str, recording_id: str) -> None:
    """What somebody does who has the database in their hands."""
    with sqlite3.connect(data / "hotline.db") as database:
        assert database.execute(statement, (recording_id,)).rowcount == 1
