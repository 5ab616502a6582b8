"""Recordings are found by all that is known of them, and edited without being touched."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from recording.laws import SILENCE
from tests.audio import seconds_of, stereo
from tests.running_server import Desktop

from .centre import FLOW_FILES, Centre, centre
from .conversations import (
    HEAD,
    NUMBERS,
    QUEUES,
    SECOND,
    Recorded,
    ask,
    asked_briefly,
    complained,
    found,
)
from .talking import CUSTOMER_HZ, LI, WANG

pytestmark = pytest.mark.asyncio(loop_scope="module")

SURVEY = "survey.yaml"
HUSH = bytes([SILENCE["PCMU"]])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    folder: Path = tmp_path_factory.mktemp("editor")
    surveys = {"after_call": str(folder / "flows" / SURVEY)}
    files = [*FLOW_FILES, SURVEY]
    async with centre(
        folder, LI, WANG, queues=QUEUES, numbers=NUMBERS, flows=files, surveys=surveys
    ) as it:
        yield it


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(hotline: Centre) -> tuple[Recorded, Recorded]:
    """The long one, of which much is known, and the short one that came after it."""
    async with hotline.on_duty("li", "wang"):
        long, short = await complained(hotline), await asked_briefly(hotline)
    for one in (long, short):
        await hotline.history(one.contact_id)
    ids = [short.id, long.id]
    await hotline.chief.when("/api/v1/recordings", lambda rows: [row["id"] for row in rows] == ids)
    await hotline.chief.when(
        f"/api/v1/contacts/{long.contact_id}", lambda told: told["ratings"] and told["dispositions"]
    )
    return long, short


def ms(moment: int) -> int:
    """Where that is in the sound."""
    return moment * SECOND // 1000


async def heard(desk: Desktop, path: str) -> bytes:
    """The sound of a WAV file."""
    status, body = await ask(desk, "GET", path)
    assert status == 200, body
    assert body[:4] == b"RIFF"
    return body[HEAD:]


async def merged(desk: Desktop, *parts: dict[str, Any]) -> str:
    """The path of the merge."""
    status, made = await desk.post("/api/v1/recording-merges", name="All of it", parts=list(parts))
    assert status == 201, made
    return f"/api/v1/recording-merges/{made['id']}"


@pytest.mark.req("RC-05")
async def test_a_recording_is_found_and_edited_and_stays_as_it_was_recorded(
    hotline: Centre, both: tuple[Recorded, Recorded]
) -> None:
    chief, (long, short) = hotline.chief, both

    # found by number, agent, time, duration, rating, disposition and ticket, and nothing else is
    between = datetime.fromisoformat(short.started_at) - timedelta(milliseconds=1)
    moment = between.isoformat().replace("+", "%2B")
    seconds = (long.duration + short.duration) / 2
    for search in (
        {"number": long.number}, {"number": f"*{long.number[-6:]}"}, {"agent_id": "li"},
        {"before": moment}, {"shortest": seconds}, {"rating_from": 5, "rating_to": 5},
        {"disposition": "answered"}, {"disposition": "solved"}, {"ticket": long.ticket},
        {"flow": "hotline"}, {"path": "menu%3Eservice"}, {"notes": "invoice"},
        {"agent_id": "li", "notes": "invoice", "rating_from": 4, "shortest": seconds},
    ):  # fmt: skip
        assert await found(chief, **search) == [long.id], search
    for search in (
        {"number": short.number}, {"agent_id": "wang"}, {"since": moment}, {"longest": seconds},
        {"queue": "second"},
    ):  # fmt: skip
        assert await found(chief, **search) == [short.id], search
    for search in ({"rating_to": 4}, {"ticket": "T-0"}, {"notes": "refund"}, {"number": "10086"}):
        assert await found(chief, **search) == [], search

    # cut, redacted: the samples of what is heard are those of the original, and no others
    original = await heard(chief, f"{long.path}/audio")
    assert len(original) == pytest.approx(long.duration * SECOND, abs=SECOND / 50)
    edits = [
        {"kind": "redact", "from_ms": 300, "to_ms": 700, "reason": "a card number"},
        {"kind": "cut", "from_ms": 900, "to_ms": 1500, "reason": "waited for the system"},
    ]
    await chief.put(f"{long.path}/edits", version=0, edits=edits)
    edited = await heard(chief, f"{long.path}/audio")
    assert edited == (
        original[: ms(300)] + HUSH * ms(400) + original[ms(700) : ms(900)] + original[ms(1500) :]
    )

    # bookmarked, beside the edits
    status, mark = await chief.post(
        f"{long.path}/bookmarks",
        from_ms=1600,
        to_ms=1800,
        text={"zh": "这里他要发票", "en": "the invoice"},
    )
    assert (status, mark["heard_from_ms"], mark["heard_to_ms"]) == (201, 1000, 1200), mark
    assert await chief.get(f"{long.path}/bookmarks") == [mark]
    place = await heard(chief, f"{long.path}/clip?from_ms=1000&to_ms=1200")
    assert place == original[ms(1600) : ms(1800)]

    # a clip of what is heard, and both recordings as one
    clip = await heard(chief, f"{long.path}/clip?from_ms=200&to_ms=1000")
    assert clip == edited[ms(200) : ms(1000)]
    other = await heard(chief, f"{short.path}/audio")
    merge = await merged(
        chief,
        {"recording_id": short.id, "from_ms": 100, "to_ms": 300},
        {"recording_id": long.id},
    )
    assert await heard(chief, f"{merge}/audio") == other[ms(100) : ms(300)] + edited
    status, part = await ask(chief, "GET", f"{merge}/audio", Range=f"bytes={HEAD + 10}-{HEAD + 19}")
    assert (status, part) == (206, other[ms(100) + 10 : ms(100) + 20])

    # and the recording is as it was stored, sample by sample and bit by bit
    status, untouched = await ask(chief, "GET", f"{long.path}/audio?original=true")
    assert hashlib.sha256(untouched).hexdigest() == long.sha256
    assert untouched[HEAD:] == original
    assert (await chief.get(f"{merge}"))["parts"][1]["recording_id"] == long.id
    told = await hotline.server.command("archive", "verify", "--files", "all")
    assert "the files of 2 opened" in told


async def test_all_that_is_heard_of_a_merge_is_what_the_people_said(
    hotline: Centre, both: tuple[Recorded, Recorded]
) -> None:
    """By its tones: the customer is on the left of each."""
    long, short = both
    merge = await merged(
        hotline.chief, {"recording_id": short.id}, {"recording_id": long.id, "from_ms": 1500}
    )

    _, content = await ask(hotline.chief, "GET", f"{merge}/audio")

    customer, _ = stereo(content)
    spoken = seconds_of(customer, CUSTOMER_HZ)
    assert spoken > long.duration - 1.5  # and what the other one said before it
    length = (len(content) - HEAD) / SECOND
    assert length == pytest.approx(short.duration + long.duration - 1.5, abs=0.05)


async def test_bad_edits_marks_and_merges_are_refused_by_field(
    hotline: Centre, both: tuple[Recorded, Recorded]
) -> None:
    long, _ = both
    late = 10_000_000
    for path, body, named in (
        (f"{long.path}/bookmarks", {"from_ms": late, "text": {"en": "x"}}, "from_ms"),
        (f"{long.path}/bookmarks", {"from_ms": 0, "text": {}}, "text"),
        (
            "/api/v1/recording-merges",
            {"name": "x", "parts": [{"recording_id": "nobody"}]},
            "parts.0.recording_id",
        ),
    ):
        status, answered = await ask(hotline.chief, "POST", path, body)
        assert (status, named in json.loads(answered)["detail"]) == (422, True), answered
    status, _ = await ask(hotline.agents["li"].desk, "POST", f"{long.path}/bookmarks", {})
    assert status == 403
