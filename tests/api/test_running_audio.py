"""The audio of a call that goes on: as of now, as of before, and as it comes."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from recording.capture import AGENT, CALLER, CaptureInfo
from tests.recording.captures import capture, info, read_wav

from .conftest import Centre
from .test_rest import CALL, log_all

AUDIO = "/api/v1/recordings/r1/audio"
HEAD = 58  # bytes of a WAV file before its sound


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A capture under way, of eight samples a side."""
    return capture(tmp_path / "spool", b"abcdefgh", b"ABCDEFGH", name="r1")


async def running(centre: Centre) -> dict[str, str]:
    """A call that goes on; the headers of somebody who may listen."""
    await log_all(centre, CALL[:-1])
    return await centre.headers("qian")


def grow(folder: Path, caller: bytes, agent: bytes) -> None:
    for name, piece in ((CALLER, caller), (AGENT, agent)):
        with (folder / name).open("ab") as file:
            file.write(piece)


async def asked(centre: Centre, headers: dict[str, str], query: str = "") -> Any:
    answer = await centre.client.get(AUDIO + query, headers=headers)
    await answer.read()
    return answer


async def test_it_is_what_there_is_by_now_and_each_playing_is_told(
    centre: Centre, folder: Path
) -> None:
    who = await running(centre)
    told: list[Any] = []
    centre.parts.log.subscribe(lambda logged: told.append(logged.event))

    first = await asked(centre, who)
    grow(folder, b"ij", b"IJKL")
    later = await asked(centre, who)

    assert (first.status, first.content_type) == (200, "audio/wav")
    assert read_wav(await first.read()).data == b"aAbBcCdDeEfFgGhH"
    assert read_wav(await later.read()).data == b"aAbBcCdDeEfFgGhHiIjJ"
    assert first.headers["ETag"] != later.headers["ETag"]
    assert [(one.recording_id, one.played_by) for one in told] == [("r1", "qian")] * 2


async def test_ranges_are_of_what_there_is_or_of_what_there_was_when_it_was_begun(
    centre: Centre, folder: Path
) -> None:
    who = await running(centre)
    whole = await asked(centre, who)
    before, tag = await whole.read(), whole.headers["ETag"]
    grow(folder, b"ij", b"IJ")

    part = await asked(centre, who | {"Range": f"bytes={HEAD}-{HEAD + 3}"})
    end = await asked(centre, who | {"Range": "bytes=-2"})
    going_on = await asked(centre, who | {"Range": "bytes=10-", "If-Range": tag})
    other = await asked(centre, who | {"Range": "bytes=10-", "If-Range": '"running-99"'})
    beyond = await asked(centre, who | {"Range": "bytes=500-"})

    size = HEAD + 20
    assert (part.status, await part.read()) == (206, b"aAbB")
    assert part.headers["Content-Range"] == f"bytes {HEAD}-{HEAD + 3}/{size}"
    assert await end.read() == b"jJ"
    assert (going_on.status, await going_on.read()) == (206, before[10:])
    assert going_on.headers["Content-Range"] == f"bytes 10-{len(before) - 1}/{len(before)}"
    assert going_on.headers["ETag"] == tag
    assert (other.status, len(await other.read())) == (200, size)
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")


@pytest.mark.parametrize(
    ("begins", "heard"),
    [
        ("", b"aAbBcCdDeEfFgGhHiIjJkK\xffL"),
        ("&from_ms=0", b"aAbBcCdDeEfFgGhHiIjJkK\xffL"),
        ("&from_ms=-86400000", b"aAbBcCdDeEfFgGhHiIjJkK\xffL"),
        ("&from_ms=5000", b"iIjJkK\xffL"),
    ],
)
async def test_it_is_followed_until_the_recording_is_over(
    centre: Centre, folder: Path, begins: str, heard: bytes
) -> None:
    """Then it ends as the archive has it: the shorter side is silent to the end."""
    who = await running(centre)
    answer = await centre.client.get(f"{AUDIO}?follow=true{begins}", headers=who)
    head = await answer.content.readexactly(HEAD)
    grow(folder, b"ij", b"IJ")
    if heard.startswith(b"i"):
        await answer.content.readexactly(4)
        assert not answer.content.at_eof()
        rest = b"iIjJ"
    else:
        rest = await answer.content.readexactly(20)
    grow(folder, b"k", b"KL")
    (folder / "over").touch()
    async with asyncio.timeout(30):
        rest += await answer.content.read()

    assert (answer.status, head[:4], head[-4:]) == (200, b"RIFF", b"\xff\xff\xff\xff")
    assert "Content-Length" not in answer.headers
    assert rest == heard


async def test_what_nobody_has_said_a_word_in_is_not_there_yet(
    centre: Centre, tmp_path: Path
) -> None:
    who = await running(centre)
    folder = tmp_path / "spool/r1"
    assert (await asked(centre, who)).status == 404
    info("r1").save(folder)
    assert CaptureInfo.load(folder).recording_id == "r1"
    assert (await asked(centre, who)).status == 404
    (folder / CALLER).write_bytes(b"")
    (folder / AGENT).write_bytes(b"")
    assert (await asked(centre, who)).status == 404
    (folder / CALLER).write_bytes(b"no capture's header")
    assert (await asked(centre, who)).status == 404
    assert (await asked(centre, who, "?follow=true")).status == 404


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("?follow=maybe", "follow"),
        ("?from_ms=1.5", "from_ms"),
        ("?from_ms=", "from_ms"),
        ("?from_ms=86400001", "from_ms"),
        ("?from_ms=-9999999999999999", "from_ms"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_by_its_name(
    centre: Centre, folder: Path, query: str, named: str
) -> None:
    refused = await asked(centre, await running(centre), query)

    assert refused.status == 422
    assert (await refused.json())["detail"].startswith(f"{named}: ")


async def test_running_ones_are_listed_when_they_are_asked_for(
    centre: Centre, folder: Path
) -> None:
    who = await running(centre)

    async def listed(query: str) -> Any:
        answer = await centre.client.get(f"/api/v1/recordings{query}", headers=who)
        return answer.status, await answer.json()

    assert await listed("") == (200, [])
    status, [row] = await listed("?state=running")
    assert (status, row["id"], row["state"]) == (200, "r1", "running")
    refused, problem = await listed("?state=erased")
    assert (refused, problem["detail"]) == (422, "state: Input should be 'stored' or 'running'")


async def test_who_may_not_listen_hears_nothing_of_it_either(centre: Centre, folder: Path) -> None:
    await running(centre)

    for name in ("sun", "li"):
        refused = await asked(centre, await centre.headers(name), "?follow=true")
        assert refused.status == 403
