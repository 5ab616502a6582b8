"""Recordings taken away, and whose they are: by role, queue, password and limit."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from config.recording import ProtectionSettings, RecordingSettings
from cti_server.wire.events import RecordingStored

from .asking import Answer, Asking, asking, told
from .conftest import PASSWORD, Centre, opened
from .test_rest import CALL, log_all

PATH = "recording-exports"
FEW, LITTLE = 3, 100_000
SOUNDS = {"r1": b"RIFF" + bytes(30_000), "r2": b"RIFF" + bytes(range(256)) * 100}


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[Centre]:
    strict = ProtectionSettings(confirm_play=True, export_recordings=FEW, export_bytes=LITTLE)
    async with opened(tmp_path, recording=RecordingSettings(protection=strict)) as centre:
        yield centre


async def keep(centre: Centre, recording_id: str, sound: bytes, **changes: Any) -> None:
    """A recording in the archive."""
    kept = await centre.archive.put(recording_id, f"{recording_id}.sealed", sound)
    stored = CALL[-1]
    assert isinstance(stored, RecordingStored)
    told = {
        "recording_id": recording_id,
        "caller_number": "+8613800138000",
        "file": f"{recording_id}.sealed",
        "size": len(sound),
        "sha256": kept.sha256,
        "stores": ("local",),
    }
    await log_all(centre, [msgspec.structs.replace(stored, **(told | changes))])


async def confirmed(centre: Centre, agent_id: str, purpose: str = "recordings.export") -> Asking:
    who = asking(centre, agent_id)
    proof = {"purpose": purpose, "password": PASSWORD}
    assert (await who("POST", "account/confirmations", proof)).status == 201
    return who


async def taken(
    centre: Centre, who: Asking, format: str = "zip", **search: Any
) -> tuple[int, bytes]:
    answer = await centre.client.post(
        f"/api/v1/{PATH}",
        json={"format": format, "search": search},
        headers={"Authorization": f"Bearer {who.token}"},
    )
    return answer.status, await answer.read()


async def test_nobody_takes_anything_away_before_the_password_was_asked(centre: Centre) -> None:
    await keep(centre, "r1", SOUNDS["r1"])
    zhao = asking(centre, "zhao")

    status, body = await taken(centre, zhao)
    assert (status, json.loads(body)["type"]) == (403, "ConfirmationNeeded")
    await confirmed(centre, "zhao")  # in another session
    assert (await taken(centre, zhao))[0] == 403
    playing = await confirmed(centre, "zhao", "recordings.play")  # for another purpose
    assert (await taken(centre, playing))[0] == 403
    assert (await taken(centre, await confirmed(centre, "zhao")))[0] == 200
    refused, _ = await taken(centre, await confirmed(centre, "sun"))
    assert refused == 403  # an administrator may not


async def test_where_it_is_set_the_password_is_asked_before_playing_too(centre: Centre) -> None:
    await keep(centre, "r1", SOUNDS["r1"])
    path = "/api/v1/recordings/r1/audio"

    async def heard(who: Asking) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {who.token}"}
        answer = await centre.client.get(path, headers=headers)
        return answer.status, await answer.read()

    status, problem = await heard(asking(centre, "qian"))
    assert (status, json.loads(problem)["type"]) == (403, "ConfirmationNeeded")
    listening = await confirmed(centre, "qian", "recordings.play")
    assert await heard(listening) == (200, SOUNDS["r1"])


async def test_the_sounds_come_as_a_zip_with_what_proves_them_and_each_is_audited(
    centre: Centre,
) -> None:
    for name, sound in SOUNDS.items():
        await keep(centre, name, sound, codec="OPUS" if name == "r2" else "PCMU")
    await keep(centre, "r3", SOUNDS["r1"], stores=("gone",))

    status, body = await taken(centre, await confirmed(centre, "zhao"), number="138 0013 8000")

    assert status == 200
    with zipfile.ZipFile(io.BytesIO(body)) as opened_zip:
        assert opened_zip.testzip() is None
        manifest = {one["id"]: one for one in json.loads(opened_zip.read("manifest.json"))}
        for name, sound in SOUNDS.items():
            one = manifest[name]
            assert opened_zip.read(one["file"]) == sound
            assert one["file"].endswith("/r2.opus" if name == "r2" else f"/{name}.wav")
            digest = hashlib.sha256(sound).hexdigest()
            assert one["sha256"] == one["stored_sha256"] == digest
            assert one["caller_number"] == "+8613800138000"
            assert (one["chain"]["action"], len(one["chain"]["hash"])) == ("stored", 64)
        assert len(opened_zip.namelist()) == len(SOUNDS) + 1
    assert "cannot be opened" in manifest["r3"]["missing"]
    trail = await told(centre, actor="zhao")
    exported = [each[3] for each in trail if each[1:3] == ("exported", "recording")]
    assert sorted(exported) == ["r1", "r2"]
    export = (await asking(centre, "qian")("GET", PATH)).body["items"][0]
    size = sum(map(len, SOUNDS.values()))
    assert (export["state"], export["recordings"], export["size"]) == ("done", 2, size)
    assert (export["asked"], export["created_by"]) == (["number", "state"], "zhao")
    steps = [each[1] for each in trail if each[2:] == ("recording_export", export["id"])]
    assert steps == ["created", "done"]


async def test_the_table_has_no_formulas_and_no_numbers_for_who_may_not_see_them(
    centre: Centre,
) -> None:
    await keep(centre, "r1", SOUNDS["r1"], rule="=1+1")

    async def rows(agent_id: str) -> list[dict[str, str]]:
        status, body = await taken(centre, await confirmed(centre, agent_id), "csv")
        assert status == 200
        return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))

    [shown], [hidden] = await rows("zhao"), await rows("qian")
    assert (shown["id"], shown["caller_number"]) == ("r1", "'+8613800138000")
    assert (shown["rule"], hidden["caller_number"]) == ("'=1+1", "*" * 10 + "8000")


async def test_too_much_is_refused_by_the_limits_name(centre: Centre) -> None:
    for number in range(FEW + 1):
        size = LITTLE // 2
        await keep(centre, f"r{number}", bytes(size), agent_id="li" if number < 3 else "wang")
    zhao = await confirmed(centre, "zhao")

    status, body = await taken(centre, zhao, "csv")
    assert (status, "recording.protection.export_recordings" in body.decode()) == (422, True)
    status, body = await taken(centre, zhao, agent_id="li")
    assert (status, "recording.protection.export_bytes" in body.decode()) == (422, True)
    assert (await taken(centre, zhao, "csv", agent_id="li"))[0] == 200
    for nonsense in ({"number": "nobody"}, {"colour": "red"}, {"state": "running"}):
        status, body = await taken(centre, zhao, **nonsense)
        assert status == 422
        assert next(iter(nonsense)) in body.decode()


async def rights(centre: Centre, holder: str, **said: Any) -> Answer:
    return await asking(centre, "sun")("PUT", f"recording-rights/{holder}", said)


async def test_of_a_queue_that_is_not_theirs_nobody_lists_plays_or_exports_anything(
    centre: Centre,
) -> None:
    await keep(centre, "r1", SOUNDS["r1"])
    await keep(centre, "r2", SOUNDS["r2"], queue="desk", contact_id="k2")
    assert (await rights(centre, "user/zhao", list=["sales"])).status == 200
    zhao = await confirmed(centre, "zhao")
    proof = {"purpose": "recordings.play", "password": PASSWORD}
    await zhao("POST", "account/confirmations", proof)

    rows = (await zhao("GET", "recordings")).body
    assert [one["id"] for one in rows] == ["r1"]
    for path in ("recordings/r2", "recordings/r2/audio", "recordings/r2/masks"):
        assert (await zhao("GET", path)).status == 404, path
    _, body = await taken(centre, zhao)
    with zipfile.ZipFile(io.BytesIO(body)) as opened_zip:
        assert [one["id"] for one in json.loads(opened_zip.read("manifest.json"))] == ["r1"]
    others = (await asking(centre, "qian")("GET", "recordings")).body
    assert {one["id"] for one in others} == {"r1", "r2"}


async def test_what_may_be_listed_may_be_neither_played_nor_exported(centre: Centre) -> None:
    await keep(centre, "r1", SOUNDS["r1"])
    said = await rights(centre, "role/supervisor", play=[], export=[])
    assert (said.status, said.body["holder"]) == (200, "role:supervisor")
    zhao = await confirmed(centre, "zhao")

    refused = await zhao("GET", "recordings/r1/audio")
    assert (refused.status, refused.kind) == (403, "QueueNotPermitted")
    assert "play recordings of 'sales'" in refused.body["detail"]
    _, body = await taken(centre, zhao)
    with zipfile.ZipFile(io.BytesIO(body)) as opened_zip:
        assert opened_zip.namelist() == ["manifest.json"]
    version = said.body["version"]
    conflict = await rights(centre, "role/supervisor", version=version + 1)
    assert conflict.status == 409
    sun = asking(centre, "sun")
    gone = await sun("DELETE", "recording-rights/role/supervisor", version=str(version))
    assert (gone.status, (await sun("GET", "recording-rights")).body) == (204, [])


@pytest.mark.parametrize(
    ("holder", "said", "status", "named"),
    [
        ("user/nobody", {}, 404, "nobody"),
        ("role/boss", {}, 404, "boss"),
        ("team/north", {}, 422, "kind"),
        ("user/zhao", {"list": ["nowhere"]}, 422, "list"),
        ("user/zhao", {"hear": []}, 422, "hear"),
    ],
)
async def test_rights_of_nobody_or_to_nothing_are_refused(
    centre: Centre, holder: str, said: dict[str, Any], status: int, named: str
) -> None:
    refused = await rights(centre, holder, **said)

    assert refused.status == status
    assert named in refused.body["detail"]
