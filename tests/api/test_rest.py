"""The REST routes: what they answer, and how they refuse."""

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import pytest

from acd.errors import AcdError
from cti_server.api.problems import STATUS, status_of
from cti_server.wire.events import (
    CallArrived,
    ContactAnnotated,
    ContactEnded,
    Event,
    InteractionEnded,
    InteractionStarted,
    LegStarted,
    NodeEntered,
    OfferAccepted,
    OfferMade,
    RecordingPlayed,
    RecordingStarted,
    RecordingStored,
)

from .conftest import Centre

NINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
WAV = b"RIFF" + bytes(range(200))

CALL: list[Event] = [
    CallArrived(
        call_id="c1",
        contact_id="k1",
        sip_call_id="abc@phone",
        caller_number="13800138000",
        dialled_number="1000",
        trunk="loopback",
    ),
    LegStarted(call_id="c1", leg_id="l1", role="caller", party="13800138000", address="sip:x"),
    NodeEntered(contact_id="k1", flow="main", node="welcome"),
    ContactAnnotated(contact_id="k1", attributes={"account": "12345678"}),
    OfferMade(
        contact_id="k1",
        interaction_id="i1",
        agent_id="li",
        queue="sales",
        expires_at=NINE,
        why={"rule": "longest_idle_agent"},
    ),
    OfferAccepted(contact_id="k1", interaction_id="i1", agent_id="li"),
    InteractionStarted(contact_id="k1", interaction_id="i1", agent_id="li", queue="sales"),
    RecordingStarted(
        recording_id="r1",
        call_id="c1",
        contact_id="k1",
        interaction_id="i1",
        agent_id="li",
        queue="sales",
    ),
    InteractionEnded(contact_id="k1", interaction_id="i1", agent_id="li", ended_by="caller"),
    ContactEnded(contact_id="k1", outcome="handled", reason="caller-hung-up"),
    RecordingStored(
        recording_id="r1",
        call_id="c1",
        contact_id="k1",
        interaction_id="i1",
        agent_id="li",
        queue="sales",
        caller_number="13800138000",
        dialled_number="1000",
        started_at=NINE,
        duration=12.5,
        file="2026/11/21/r1.wav",
        size=len(WAV),
        sha256="0" * 64,
        codec="PCMU",
    ),
]


async def log_all(centre: Centre, events: Sequence[Event]) -> None:
    for event in events:
        centre.parts.log.append(event)
    async with asyncio.timeout(30):
        await centre.parts.log.stored()


async def test_an_agent_makes_themselves_ready_and_not_ready(centre: Centre) -> None:
    headers = await centre.headers("li")

    ready = await centre.client.put(
        "/api/v1/agents/li/state", json={"state": "ready"}, headers=headers
    )
    away = await centre.client.put(
        "/api/v1/agents/li/state", json={"state": "not_ready", "reason": "lunch"}, headers=headers
    )

    assert (await ready.json())["state"] == "ready"
    body = await away.json()
    assert (body["state"], body["reason"]) == ("not_ready", "lunch")


async def test_only_a_supervisor_changes_somebody_elses_state(centre: Centre) -> None:
    await centre.headers("li")
    change = {"state": "ready"}

    statuses = [
        (
            await centre.client.put(
                "/api/v1/agents/li/state", headers=await centre.headers(who), json=change
            )
        ).status
        for who in ("wang", "zhao")
    ]

    assert statuses == [403, 200]


BAD_CHANGES: list[tuple[str, int, str]] = [
    ("{", 422, "not JSON"),
    ("[" * 100_000, 422, "larger than"),
    ("[" * 30_000, 422, "not JSON"),
    ("7", 422, "body"),
    ('{"state": "talking"}', 422, "state"),
    ('{"state": "ready", "colour": "red"}', 422, "colour"),
    ('{"state": "not_ready", "reason": "golf"}', 422, "golf"),
    ('{"state": "ready", "reason": "lunch"}', 422, "reason: goes with the state not_ready alone"),
]


@pytest.mark.parametrize(("body", "status", "word"), BAD_CHANGES)
async def test_a_bad_state_change_is_a_problem_that_names_the_field(
    centre: Centre, body: str, status: int, word: str
) -> None:
    answer = await centre.client.put(
        "/api/v1/agents/li/state", data=body, headers=await centre.headers("li")
    )

    assert answer.status == status
    assert answer.content_type == "application/problem+json"
    assert word in (await answer.json())["detail"]


def test_every_refusal_of_the_acd_has_a_status() -> None:
    statuses = {error.__name__: status_of_kind(error) for error in AcdError.__subclasses__()}

    assert statuses["UnknownAgent"] is HTTPStatus.NOT_FOUND
    assert statuses["UnknownReason"] is HTTPStatus.UNPROCESSABLE_ENTITY
    assert statuses["IllegalTransition"] is HTTPStatus.CONFLICT
    assert all(issubclass(kind, Exception) for kind in STATUS)


def status_of_kind(kind: type[AcdError]) -> HTTPStatus:
    return status_of(kind.__new__(kind))


async def test_a_contacts_history_has_everything_that_belongs_to_it(centre: Centre) -> None:
    await log_all(centre, CALL)

    answer = await centre.client.get("/api/v1/contacts/k1", headers=await centre.headers("zhao"))

    history = await answer.json()
    assert history["contact"]["outcome"] == "handled"
    assert history["contact"]["menu_path"] == ["welcome"]
    assert history["contact"]["attributes"] == {"account": "12345678"}
    assert [leg["role"] for leg in history["legs"]] == ["caller"]
    assert history["interactions"][0]["why"] == {"rule": "longest_idle_agent"}
    assert history["segments"][0]["agent_id"] == "li"
    assert history["recordings"][0]["audio"] == "/api/v1/recordings/r1/audio"


async def test_an_agent_sees_their_own_contacts_and_not_others(centre: Centre) -> None:
    await log_all(centre, CALL)

    statuses = [
        (await centre.client.get("/api/v1/contacts/k1", headers=await centre.headers(who))).status
        for who in ("li", "wang")
    ]

    assert statuses == [200, 403]


async def test_what_is_not_there_is_a_404_problem(centre: Centre) -> None:
    headers = await centre.headers("zhao")

    for path in ("contacts/none", "recordings/none", "recordings/none/audio", "agents/none"):
        answer = await centre.client.get(f"/api/v1/{path}", headers=headers)
        assert answer.status == 404, path
        assert "none" in (await answer.json())["detail"]
    outside = await centre.client.get("/api/v1/nothing", headers=headers)
    assert (outside.status, outside.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "query", ["limit=x", "limit=501", "limit=-1", "limit=1" + "0" * 30, "before=tuesday"]
)
async def test_a_bad_query_is_a_problem(centre: Centre, query: str) -> None:
    answer = await centre.client.get(
        f"/api/v1/contacts?{query}", headers=await centre.headers("zhao")
    )

    assert answer.status == 422
    assert query.split("=", maxsplit=1)[0] in (await answer.json())["detail"]


async def heard(
    centre: Centre, who: dict[str, str], **headers: str
) -> tuple[int, bytes, str | None]:
    """Status, body and which part it is, of the one recording that there is."""
    answer = await centre.client.get("/api/v1/recordings/r1/audio", headers=who | headers)
    return answer.status, await answer.read(), answer.headers.get("Content-Range")


async def test_a_recording_of_a_release_that_did_not_seal_is_played(
    centre: Centre, tmp_path: Path
) -> None:
    await log_all(centre, CALL)
    file = tmp_path / "archive/2026/11/21/r1.wav"
    file.parent.mkdir(parents=True)
    file.write_bytes(WAV)
    headers = await centre.headers("qian")

    assert (await heard(centre, headers))[:2] == (200, WAV)
    assert (await heard(centre, headers, Range="bytes=4-7"))[:2] == (206, WAV[4:8])


async def test_a_recording_is_listed_and_played_whole_and_in_parts_and_each_is_audited(
    centre: Centre, tmp_path: Path
) -> None:
    sound = bytes(range(256)) * 2000
    size = len(sound)
    kept = await centre.archive.put("r1", "r1.wav.sealed", sound)
    stored = {"file": "r1.wav.sealed", "size": size, "sha256": kept.sha256, "stores": ("local",)}
    await log_all(centre, [*CALL[:-1], msgspec.structs.replace(CALL[-1], **stored)])
    headers = await centre.headers("qian")
    told: list[Any] = []
    centre.parts.log.subscribe(lambda logged: told.append(logged.event))

    rows = await (await centre.client.get("/api/v1/recordings", headers=headers)).json()
    whole = await centre.client.get(rows[0]["audio"], headers=headers)
    assert [row["id"] for row in rows] == ["r1"]
    assert await whole.read() == sound
    assert (whole.content_type, whole.content_length) == ("audio/wav", size)
    tag = whole.headers["ETag"]
    for asked, first, after in (
        ("bytes=0-0", 0, 1),
        ("bytes=65530-131080", 65530, 131081),
        ("bytes=500000-", 500_000, size),
        ("bytes=-7", size - 7, size),
        ("bytes=511999-9999999", size - 1, size),
    ):
        part = (206, sound[first:after], f"bytes {first}-{after - 1}/{size}")
        assert await heard(centre, headers, Range=asked) == part
    assert await heard(centre, headers, Range="bytes=4-7", **{"If-Range": tag}) == (
        *(206, sound[4:8]),
        f"bytes 4-7/{size}",
    )
    for other in ({"If-Range": '"other"'}, {"Range": "bytes=7-4"}, {"Range": "bytes=0-1,4-5"}):
        assert await heard(centre, headers, **{"Range": "bytes=4-7", **other}) == (200, sound, None)
    played = [RecordingPlayed(recording_id="r1", played_by="qian")] * 10
    assert told == played
    for nothing in (f"bytes={size}-", "bytes=-0", "Bytes=-00"):
        assert await heard(centre, headers, Range=nothing) == (416, b"", f"bytes */{size}")

    [file] = (tmp_path / "archive").rglob("*.sealed")
    damaged = bytearray(file.read_bytes())
    damaged[100] ^= 1
    file.write_bytes(damaged)
    status, told_of, _ = await heard(centre, headers)
    assert (status, b"cannot be opened now" in told_of) == (503, True)
    file.unlink()
    assert (await heard(centre, headers))[0] == 503
    assert told == played  # nobody heard anything
    await centre.archive.keys.destroy("r1")
    assert (await heard(centre, headers))[0] == 404


async def test_an_administrator_lists_recordings_but_may_not_listen(centre: Centre) -> None:
    await log_all(centre, CALL)
    headers = await centre.headers("sun")

    assert (await centre.client.get("/api/v1/recordings", headers=headers)).status == 200
    assert (await centre.client.get("/api/v1/recordings/r1/audio", headers=headers)).status == 403


async def test_readiness_says_why_not(centre: Centre) -> None:
    assert (await centre.client.get("/readyz")).status == 200
    centre.not_ready.append("draining")

    answer = await centre.client.get("/readyz")

    assert (answer.status, await answer.text()) == (503, "draining\n")
    assert (await centre.client.get("/healthz")).status == 200
    assert b"hotline_calls_running" in await (await centre.client.get("/metrics")).read()


async def test_the_openapi_page_describes_every_route(centre: Centre) -> None:
    page = json.loads(await (await centre.client.get("/api/v1/openapi.json")).text())

    assert page["openapi"] == "3.1.0"
    state = page["paths"]["/api/v1/agents/{agent_id}/state"]["put"]
    assert state["x-permissions"] == ["state.own", "state.any"]
    referred = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(page)))
    assert len(referred) > 100
    assert referred <= page["components"]["schemas"].keys()
    operations = [one["operationId"] for path in page["paths"].values() for one in path.values()]
    assert len(set(operations)) == len(operations)
    for name in ("AgentStateChange", "ContactHistory", "Problem", "RecordingView"):
        assert name in page["components"]["schemas"]
