"""Recordings edited over REST: who hears what of them, and the recording stays as it is."""

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from cti_server.privacy.recordings import forget
from cti_server.store.recording_edits import RecordingEdits
from cti_server.store.recordings import Recording, Recordings
from recording.copies import look
from recording.laws import SILENCE
from recording.stereo import wav_header
from tests.fakes.databases import database_url, postgres, postgres_url
from tests.recording.captures import read_wav

from .conftest import NINE, Centre, opened
from .test_keys import made as key_made
from .test_recording_exports import confirmed, taken
from .test_rest import CALL, log_all

__all__ = ["database_url", "postgres", "postgres_url"]

RECORDING = "/api/v1/recordings/r1"
FILE = "2026/11/21/r1.wav.sealed"
MS = 100
SOUND = np.random.default_rng(7).bytes(2 * 8 * MS)
WAV = wav_header("PCMU", 8 * MS) + SOUND
HUSH = bytes([SILENCE["PCMU"]])
CARD = {"kind": "redact", "from_ms": 20, "to_ms": 30, "reason": "a card number"}
CHAT = {"kind": "cut", "from_ms": 50, "to_ms": 75, "reason": "small talk"}
HEARD = SOUND[:320] + HUSH * 160 + SOUND[480:800] + SOUND[1200:]


def ms(moment: int) -> int:
    """Where that is in the sound."""
    return 16 * moment


@pytest.fixture
async def centre(tmp_path: Path, database_url: str) -> AsyncIterator[Centre]:
    async with opened(tmp_path, database_url=database_url) as it:
        yield it


@pytest.fixture
async def recorded(centre: Centre) -> Centre:
    kept = await centre.archive.put("r1", FILE, WAV)
    row = {
        "file": FILE,
        "size": kept.size,
        "sha256": kept.sha256,
        "stores": ("local",),
        "duration": MS / 1000,
    }
    await log_all(centre, [*CALL[:-1], msgspec.structs.replace(CALL[-1], **row)])
    return centre


async def put(centre: Centre, version: int, *edits: dict[str, Any], by: str = "zhao") -> Any:
    return await centre.client.put(
        f"{RECORDING}/edits",
        json={"version": version, "edits": list(edits)},
        headers=await centre.headers(by),
    )


async def heard(centre: Centre, path: str = "audio", by: str = "qian", **headers: str) -> Any:
    answer = await centre.client.get(
        f"{RECORDING}/{path}", headers=await centre.headers(by) | headers
    )
    await answer.read()
    return answer


async def sound(centre: Centre, path: str = "audio", by: str = "qian") -> bytes:
    answer = await heard(centre, path, by)
    assert answer.status == 200, await answer.text()
    return read_wav(await answer.read()).data


async def test_what_is_cut_and_silent_is_heard_by_nobody_and_the_recording_stays(
    recorded: Centre,
) -> None:
    told: list[Any] = []
    recorded.parts.log.subscribe(lambda logged: told.append(logged.event))
    assert await sound(recorded) == SOUND

    made = await (await put(recorded, 0, CHAT, CARD)).json()

    assert (made["version"], made["made_by"], made["edits"]) == (1, "zhao", [CHAT, CARD])
    assert await sound(recorded) == HEARD
    assert await sound(recorded, "audio?original=false") == HEARD
    assert await sound(recorded, "audio?original=true") == SOUND
    auditor = await recorded.headers("qian")
    issued = await recorded.client.post(f"{RECORDING}/audio-tickets", headers=auditor)
    by_ticket = (await issued.json())["url"]
    for _ in range(2):
        for url in (by_ticket, f"{by_ticket}?original=true"):
            assert (await recorded.client.get(url)).status == 200
    key = (await recorded.archive.keys.of(["r1"]))["r1"]
    async with recorded.parts.database.readers() as session:
        row = await Recordings(session).get("r1")
    assert row is not None
    assert look(recorded.archive.stores[0], FILE, key, "r1").sha256 == row.sha256
    played = [one.edits for one in told if getattr(one, "played_by", None) == "qian"]
    assert played == [0, 1, 1, 0, *(1, 0)]  # by a ticket each version once
    changed = [one for one in told if getattr(one, "record", "") == "recording_edit"]
    assert [(one.record_id, one.changed_by) for one in changed] == [("r1", "zhao")]


async def test_ranges_are_of_what_is_heard_and_another_version_is_another_file(
    recorded: Centre,
) -> None:
    original = (await heard(recorded)).headers["ETag"]
    await put(recorded, 0, CARD, CHAT)
    whole = await heard(recorded)
    body, tag = await whole.read(), whole.headers["ETag"]

    for asked, start, end in (
        ("bytes=0-0", 0, 1),
        (f"bytes={58 + ms(19)}-{58 + ms(31) - 1}", 58 + ms(19), 58 + ms(31)),
        (f"bytes={58 + ms(49)}-", 58 + ms(49), len(body)),
        ("bytes=-7", len(body) - 7, len(body)),
    ):
        part = await heard(recorded, Range=asked)
        assert (part.status, await part.read()) == (206, body[start:end])
        assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(body)}"
    beyond = await heard(recorded, Range="bytes=99999-")
    assert beyond.status == 416
    assert tag != original
    assert (await heard(recorded, **{"Range": "bytes=9-", "If-Range": original})).status == 200
    await put(recorded, 1, CARD)
    assert (await heard(recorded)).headers["ETag"] not in {tag, original}


async def test_every_version_stays_and_the_last_one_is_heard(recorded: Centre) -> None:
    assert (await (await heard(recorded, "edits")).json()) == {
        "version": 0, "edits": [], "made_by": None, "made_at": None,
    }  # fmt: skip
    await put(recorded, 0, CARD)
    await put(recorded, 1, CARD, CHAT)
    stale = await put(recorded, 1, CHAT)
    undone = await put(recorded, 2)

    assert (stale.status, (await stale.json())["type"]) == (409, "EditConflict")
    assert (undone.status, (await undone.json())["version"]) == (200, 3)
    assert await sound(recorded) == SOUND
    versions = await (await heard(recorded, "edits/versions")).json()
    assert [(one["version"], one["edits"]) for one in versions] == [
        (1, [CARD]), (2, [CARD, CHAT]), (3, []),
    ]  # fmt: skip


async def test_a_clip_is_a_part_of_what_is_heard(recorded: Centre) -> None:
    await put(recorded, 0, CARD, CHAT)

    assert await sound(recorded, "clip?from_ms=10&to_ms=60") == HEARD[ms(10) : ms(60)]
    assert await sound(recorded, "clip?from_ms=70") == HEARD[ms(70) :]
    assert await sound(recorded, "clip?original=true&to_ms=40") == SOUND[: ms(40)]
    part = await heard(recorded, "clip?from_ms=10&to_ms=60", Range="bytes=-4")
    assert (part.status, await part.read()) == (206, HEARD[ms(60) - 4 : ms(60)])
    for query, named in (("from_ms=5&to_ms=5", "to_ms"), ("from_ms=75", "to_ms"),
                         ("from_ms=80&to_ms=90", "from_ms"), ("to_ms=x", "to_ms")):  # fmt: skip
        refused = await heard(recorded, f"clip?{query}")
        assert (refused.status, (await refused.json())["detail"].split(":")[0]) == (422, named)


async def test_who_may_not_hear_the_original_gets_it_by_no_way(recorded: Centre) -> None:
    """Neither heard, nor clipped, nor drawn, nor sent."""
    await put(recorded, 0, {**CARD, "to_ms": MS, "from_ms": 0})
    made = await key_made(recorded, "recordings.read", "recordings.play")
    assert made.status == 201, made.body
    key = {"Authorization": f"Bearer {made.body['key']}"}

    async def with_key(path: str) -> Any:
        found = await recorded.client.get(f"{RECORDING}/{path}", headers=key)
        await found.read()
        return found

    for path in ("audio", "clip", "audio?original=false"):
        assert set(read_wav(await (await with_key(path)).read()).data) == {HUSH[0]}, path
    drawn = await (await with_key("peaks?points=4")).json()
    assert set(drawn["data"]) == {0}
    for path in ("audio", "clip", "peaks"):
        refused = await with_key(f"{path}?original=true")
        assert refused.status == 403
        assert "recordings.play_original" in (await refused.json())["detail"]
    edits = await key_made(recorded, "recordings.read", "recordings.play", "recordings.edit")
    back = await recorded.client.put(
        f"{RECORDING}/edits",
        json={"version": 1, "edits": []},
        headers={"Authorization": f"Bearer {edits.body['key']}"},
    )
    assert back.status == 403
    assert "recordings.play_original" in (await back.json())["detail"]
    sent = await recorded.parts.edited_sounds.of_file(FILE)
    assert set(read_wav(sent).data) == {HUSH[0]}
    original = await (await heard(recorded, "peaks?original=true")).json()
    assert set(original["data"]) != {0}


async def test_exports_have_what_is_heard_too(recorded: Centre) -> None:
    await put(recorded, 0, CARD, CHAT)

    status, body = await taken(recorded, await confirmed(recorded, "zhao"))

    assert status == 200
    with zipfile.ZipFile(io.BytesIO(body)) as exported:
        [told] = json.loads(exported.read("manifest.json"))
        content = exported.read(told["file"])
    assert read_wav(content).data == HEARD
    assert told["edits"] == 1
    assert told["sha256"] == hashlib.sha256(content).hexdigest() != told["stored_sha256"]


async def test_peaks_are_of_what_is_heard(recorded: Centre) -> None:
    await put(recorded, 0, {**CHAT, "from_ms": 32, "to_ms": MS})

    drawn = await (await heard(recorded, "peaks")).json()

    assert (drawn["length"], drawn["samples_per_pixel"]) == (1, 256)
    original = await (await heard(recorded, "peaks?original=true")).json()
    assert original["length"] == 4
    assert original["data"][:4] == drawn["data"]


async def test_of_a_release_that_did_not_seal_too(centre: Centre, tmp_path: Path) -> None:
    row = {"size": len(WAV), "duration": MS / 1000}
    await log_all(centre, [*CALL[:-1], msgspec.structs.replace(CALL[-1], **row)])
    file = tmp_path / "archive/2026/11/21/r1.wav"
    file.parent.mkdir(parents=True)
    file.write_bytes(WAV)
    await put(centre, 0, CARD, CHAT)

    assert await sound(centre) == HEARD
    assert (await (await heard(centre, "peaks")).json())["length"] == 3
    assert (await (await heard(centre, "peaks?original=true")).json())["length"] == 4


async def test_edits_that_make_no_sense_are_refused_by_field(recorded: Centre) -> None:
    for edit, named in (
        (CARD | {"to_ms": 20}, "edits.0.to_ms"),
        (CARD | {"to_ms": MS + 1}, "edits.0.to_ms"),
        (CHAT | {"from_ms": 0, "to_ms": MS}, "edits"),
        (CARD | {"from_ms": -1}, "edits.0.from_ms"),
        (CARD | {"from_ms": 1.5}, "edits.0.from_ms"),
        (CARD | {"kind": "louder"}, "edits.0.kind"),
        (CARD | {"reason": " "}, "edits.0.reason"),
        (CARD | {"by": "li"}, "edits.0.by"),
    ):
        refused = await put(recorded, 0, edit)
        assert (refused.status, named in await refused.text()) == (422, True), edit
    assert await sound(recorded) == SOUND


async def test_agents_and_auditors_edit_nothing(recorded: Centre) -> None:
    for name in ("li", "qian", "sun"):
        assert (await put(recorded, 0, CARD, by=name)).status == 403


async def test_of_two_who_edit_at_once_one_is_told_of_the_other(recorded: Centre) -> None:
    answers = await asyncio.gather(put(recorded, 0, CARD), put(recorded, 0, CHAT))

    assert sorted(answer.status for answer in answers) == [200, 409]
    [refused] = [answer for answer in answers if answer.status == 409]
    assert (await refused.json())["type"] == "EditConflict"
    assert (await (await heard(recorded, "edits")).json())["version"] == 1


async def test_edits_go_with_the_recording_that_is_erased(recorded: Centre) -> None:
    await put(recorded, 0, CARD)
    await put(recorded, 1, CARD, CHAT)
    database = recorded.parts.database
    await recorded.archive.archive.destroy("r1", FILE)
    async with database.sessions.begin() as session:
        await forget(session, [await session.get_one(Recording, "r1")], NINE)

    async with database.readers() as session:
        assert await RecordingEdits(session).versions("r1") == []
    for answer in (
        await put(recorded, 0, CARD),
        await heard(recorded, "edits"),
        await heard(recorded, "clip"),
        await heard(recorded, "audio?original=true"),
    ):
        assert answer.status == 404


async def test_of_a_running_recording_nothing_is_edited_yet(centre: Centre) -> None:
    await log_all(centre, CALL[:-1])

    assert (await put(centre, 0, CARD)).status == 404
    assert (await heard(centre, "clip")).status == 404
