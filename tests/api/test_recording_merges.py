"""Recordings merged: heard and taken away as one, for who may hear each of them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.recording import ProtectionSettings, RecordingSettings
from cti_server.privacy.recordings import forget
from cti_server.store.recordings import Recording
from recording.laws import RECODED, SILENCE
from recording.stereo import wav_header
from tests.fakes.databases import database_url, postgres, postgres_url
from tests.recording.captures import read_wav

from .asking import Answer, asking, told
from .conftest import NINE, Centre, opened
from .test_recording_exports import confirmed, keep

__all__ = ["database_url", "postgres", "postgres_url"]

PATH = "recording-merges"
MS = 100
ONE, TWO = (np.random.default_rng(seed).bytes(16 * MS) for seed in (1, 2))
MONO = np.random.default_rng(3).bytes(8 * MS)
CARD = {"kind": "redact", "from_ms": 20, "to_ms": 30, "reason": "a card number"}


@pytest.fixture
async def centre(tmp_path: Path, database_url: str) -> AsyncIterator[Centre]:
    async with opened(tmp_path, database_url=database_url) as it:
        length = MS / 1000
        await keep(it, "one", wav_header("PCMU", 8 * MS) + ONE, duration=length)
        await keep(it, "two", wav_header("PCMU", 8 * MS) + TWO, duration=length, queue="desk")
        mono = wav_header("PCMA", 8 * MS, 1) + MONO
        await keep(it, "mono", mono, duration=length, kind="message", interaction_id="")
        yield it


async def merged(centre: Centre, *parts: dict[str, Any], who: str = "zhao") -> Answer:
    wanted = {"name": "The whole story", "parts": list(parts)}
    return await asking(centre, who)("POST", PATH, wanted)


def stretch(recording_id: str, from_ms: int = 0, to_ms: int | None = None) -> dict[str, Any]:
    return {"recording_id": recording_id, "from_ms": from_ms, "to_ms": to_ms}


async def fetched(
    centre: Centre, path: str, who: str = "qian", method: str = "GET", **headers: str
) -> tuple[int, bytes]:
    headers |= await centre.headers(who)
    answer = await centre.client.request(method, f"/api/v1/{PATH}/{path}", headers=headers)
    return answer.status, await answer.read()


async def sound(centre: Centre, merge_id: str) -> bytes:
    status, body = await fetched(centre, f"{merge_id}/audio")
    assert status == 200, body
    return read_wav(body).data


async def rights(centre: Centre, **said: Any) -> None:
    answer = await asking(centre, "sun")("PUT", "recording-rights/user/qian", said)
    assert answer.status == 200, answer.body


async def test_recordings_are_heard_one_after_the_other_each_as_it_is_edited(
    centre: Centre,
) -> None:
    made = await merged(centre, stretch("two", 10, 40), stretch("one"), stretch("two", 90))
    assert made.status == 201, made.body
    merge_id = made.body["id"]

    assert await sound(centre, merge_id) == TWO[160:640] + ONE + TWO[1440:]
    edited = {"version": 0, "edits": [CARD]}
    await asking(centre, "zhao")("PUT", "recordings/two/edits", edited)
    hush = bytes([SILENCE["PCMU"]]) * 160
    expected = TWO[160:320] + hush + TWO[480:640] + ONE + TWO[1440:]
    assert await sound(centre, merge_id) == expected
    _, whole = await fetched(centre, f"{merge_id}/audio")
    for start, end in ((0, 9), (50, 70), (58 + 470, 58 + 490), (len(whole) - 3, len(whole))):
        part = await fetched(centre, f"{merge_id}/audio", Range=f"bytes={start}-{end - 1}")
        assert part == (206, whole[start:end])
    shown = await asking(centre, "qian")("GET", f"{PATH}/{merge_id}")
    assert shown.body == made.body
    assert (await asking(centre, "qian")("GET", "recordings/one/edits")).body["version"] == 0
    played = [each[3] for each in await told(centre, actor="qian") if each[1] == "played"]
    assert set(played) == {"one", "two"}


async def test_another_law_and_one_voice_alone_are_heard_in_the_first_ones_way(
    centre: Centre,
) -> None:
    made = await merged(centre, stretch("one", 0, 10), stretch("mono", 50, 60))

    heard = await sound(centre, made.body["id"])

    voice = MONO[400:480].translate(RECODED["PCMA", "PCMU"])
    assert heard == ONE[:160] + bytes(code for code in voice for _ in range(2))


async def test_what_it_is_of_is_changed_by_version_and_it_is_deleted_without_the_recordings(
    centre: Centre,
) -> None:
    made = (await merged(centre, stretch("one"))).body
    zhao, path = asking(centre, "zhao"), f"{PATH}/{made['id']}"
    wanted = {"name": "other", "parts": [stretch("two", 0, 5)], "version": made["version"]}

    changed = await zhao("PUT", path, wanted)

    assert (changed.status, changed.body["name"]) == (200, "other")
    assert await sound(centre, made["id"]) == TWO[:80]
    assert (await zhao("PUT", path, wanted)).kind == "EditConflict"
    both = await asyncio.gather(
        *(
            zhao("PUT", path, wanted | {"version": changed.body["version"], "name": name})
            for name in ("a", "b")
        )
    )
    assert sorted(each.status for each in both) == [200, 409]
    version = str(max(each.body.get("version", 0) for each in both))
    assert (await zhao("DELETE", path, version=version)).status == 204
    assert (await zhao("GET", path)).status == 404
    assert (await asking(centre, "qian")("GET", "recordings/two")).body["state"] == "stored"


async def test_it_is_there_for_who_may_list_all_and_heard_by_who_may_hear_all(
    centre: Centre,
) -> None:
    both = (await merged(centre, stretch("one"), stretch("two"))).body["id"]
    alone = (await merged(centre, stretch("one"))).body["id"]
    qian = asking(centre, "qian")
    listed = [each["id"] for each in (await qian("GET", PATH, limit="1")).body["items"]]
    assert listed == [alone]

    await rights(centre, list=["sales"])
    assert [each["id"] for each in (await qian("GET", PATH)).body["items"]] == [alone]
    for path in (f"{PATH}/{both}", f"{PATH}/{both}/audio"):
        assert (await qian("GET", path)).status == 404, path
    said = await asking(centre, "sun")("PUT", "recording-rights/user/zhao", {"play": []})
    assert said.status == 200
    zhao = asking(centre, "zhao")
    refused = await zhao("GET", f"{PATH}/{both}/audio")
    assert (refused.status, refused.kind) == (403, "QueueNotPermitted")
    assert (await merged(centre, stretch("one"))).kind == "QueueNotPermitted"
    for who in ("li", "sun", "qian"):
        assert (await merged(centre, stretch("one"), who=who)).status == 403


async def test_it_is_taken_away_as_one_file_after_the_password(centre: Centre) -> None:
    merge_id = (await merged(centre, stretch("two"), stretch("one"))).body["id"]
    path = f"/api/v1/{PATH}/{merge_id}/exports"
    assert (await fetched(centre, f"{merge_id}/exports", "zhao", "POST"))[0] == 403
    zhao = await confirmed(centre, "zhao")
    headers = {"Authorization": f"Bearer {zhao.token}"}

    answer = await centre.client.post(path, headers=headers)

    assert (answer.status, answer.content_type) == (200, "audio/wav")
    assert read_wav(await answer.read()).data == TWO + ONE
    trail = await told(centre, actor="zhao")
    exported = [each[3] for each in trail if each[1:3] == ("exported", "recording")]
    assert sorted(exported) == ["one", "two"]
    [export] = (await zhao("GET", "recording-exports")).body["items"]
    assert (export["format"], export["state"], export["recordings"]) == ("wav", "done", 2)


async def test_of_who_may_not_export_one_of_them_nothing_is_taken_away(centre: Centre) -> None:
    merge_id = (await merged(centre, stretch("one"))).body["id"]
    await rights(centre, export=[])
    qian = await confirmed(centre, "qian")

    refused = await qian("POST", f"{PATH}/{merge_id}/exports")

    assert (refused.status, refused.kind) == (403, "QueueNotPermitted")


@pytest.mark.parametrize("limit", [{"export_recordings": 1}, {"export_bytes": 58 + 24 * MS}])
async def test_it_is_no_way_round_the_limits_of_exports(
    tmp_path: Path, limit: dict[str, int]
) -> None:
    protection = ProtectionSettings.model_validate(limit)
    async with opened(tmp_path, recording=RecordingSettings(protection=protection)) as centre:
        for name, voice in (("one", ONE), ("two", TWO)):
            await keep(centre, name, wav_header("PCMU", 8 * MS) + voice, duration=MS / 1000)
        both = (await merged(centre, stretch("one"), stretch("two"))).body["id"]
        again = (await merged(centre, stretch("one"), stretch("one", 50))).body["id"]
        zhao = await confirmed(centre, "zhao")

        refused = await zhao("POST", f"{PATH}/{both}/exports")

        [name] = limit
        assert (refused.status, f"recording.protection.{name}" in refused.body["detail"]) == (
            *(422, True),
        )
        assert (await zhao("GET", "recording-exports")).body["items"] == []
        headers = {"Authorization": f"Bearer {zhao.token}"}
        path = f"/api/v1/{PATH}/{again}/exports"
        assert (await centre.client.post(path, headers=headers)).status == 200


async def erased(centre: Centre, recording_id: str) -> None:
    await centre.archive.archive.destroy(recording_id, f"{recording_id}.sealed")
    async with centre.parts.database.sessions.begin() as session:
        await forget(session, [await session.get_one(Recording, recording_id)], NINE)


async def test_a_recording_that_is_erased_is_out_of_it_and_it_says_so(centre: Centre) -> None:
    made = (await merged(centre, stretch("two"), stretch("one"), stretch("two", 5))).body
    path = f"{PATH}/{made['id']}"

    await erased(centre, "two")

    zhao = asking(centre, "zhao")
    shown = (await zhao("GET", path)).body
    assert [each["gone_at"] is not None for each in shown["parts"]] == [True, False, True]
    assert shown["name"] == ""  # it may have said whose they were
    assert shown["version"] > made["version"]
    assert await sound(centre, made["id"]) == ONE
    again = {"name": "x", "parts": [stretch("two")], "version": shown["version"]}
    refused = await zhao("PUT", path, again)
    assert (refused.status, "parts.0.recording_id" in refused.body["detail"]) == (422, True)
    await erased(centre, "one")
    assert (await zhao("GET", f"{path}/audio")).status == 404


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ([], "parts"),
        ([stretch("three")], "parts.0.recording_id"),
        ([stretch("one"), stretch("one", 0, MS + 1)], "parts.1.to_ms"),
        ([stretch("one", 50, 50)], "parts.0.from_ms"),
        ([stretch("one", MS)], "parts.0.from_ms"),
        ([stretch("one", -1)], "parts.0.from_ms"),
        ([stretch("one") | {"loud": True}], "parts.0.loud"),
        ([stretch("one")] * 101, "parts"),
    ],
)
async def test_nonsense_is_refused_by_its_field(
    centre: Centre, parts: list[dict[str, Any]], named: str
) -> None:
    refused = await merged(centre, *parts)

    assert (refused.status, named in refused.body["detail"]) == (422, True)
