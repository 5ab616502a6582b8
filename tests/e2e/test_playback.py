"""Calls are recorded and played at once, also while they go on, and heard as they were edited."""

import asyncio
import hashlib
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import numpy as np
import pytest
import pytest_asyncio

from cti_server.media.g711 import decode
from recording.laws import SILENCE
from simulator.audio import tone
from tests.audio import seconds_of, stereo

from .centre import Centre, centre, queue
from .people import Agent, Caller, Hire, passed
from .talking import CUSTOMER_HZ, LI_HZ, hears, speak

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

RECORDED, PLAYED = 10, 20
MOVES = 5  # of the end of a recording while it is played
HEAD = 58  # bytes of a WAV file before its sound
SECOND = 16_000  # bytes of sound
BOSS = Hire("boss", "8003", skills=(), roles=("admin",), registers=False)
SEATS = [Hire(f"li{number}", f"81{number:02}", skills=("desk:5",)) for number in range(RECORDED)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    changes: dict[str, Any] = {
        "queues": [queue("kept", skills={"desk": 1}, record=True)],
        "numbers": {"2000": {"queue": "kept", "language": "en"}},
    }
    async with centre(tmp_path_factory.mktemp("playback"), *SEATS, BOSS, **changes) as it:
        yield it


class Player:
    """Somebody who plays recordings over HTTP, in parts and as they come."""

    def __init__(self, api: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        connector = aiohttp.TCPConnector(limit=0)
        self.session = aiohttp.ClientSession(api, headers=headers, connector=connector)

    async def part(self, path: str, **headers: str) -> tuple[int, bytes, str]:
        """Status, bytes and ETag."""
        async with self.session.get(path, headers=headers) as answer:
            return answer.status, await answer.read(), answer.headers.get("ETag", "")

    @asynccontextmanager
    async def follow(self, path: str, from_ms: int = 0) -> AsyncIterator[aiohttp.StreamReader]:
        """Behind the file's head."""
        wanted = {"follow": "true", "from_ms": str(from_ms)}
        async with self.session.get(path, params=wanted) as answer:
            assert answer.status == 200, await answer.text()
            assert answer.content_length is None
            await answer.content.readexactly(HEAD)
            yield answer.content

    async def all_of(self, path: str) -> bytes:
        """The sound of one that is followed to its end."""
        async with self.follow(path) as sound:
            return await sound.read()


@asynccontextmanager
async def player(hotline: Centre, token: str = "") -> AsyncIterator[Player]:
    """By default the supervisor."""
    it = Player(hotline.server.api, token or hotline.chief.token)
    try:
        yield it
    finally:
        await it.session.close()


async def talk(hotline: Centre, agent: Agent) -> Caller:
    """A recorded conversation, each party with a tone of their own."""
    agent.on_ring(speak(LI_HZ))
    caller = hotline.caller()
    await caller.dial("2000")
    at_agent = await agent.rung()
    caller.call.say(tone(CUSTOMER_HZ))
    await hears(caller.call, LI_HZ)
    await hears(at_agent, CUSTOMER_HZ)
    await caller.arrived()
    return caller


async def running(hotline: Centre, *callers: Caller) -> list[str]:
    """The paths of the sounds of their recordings, when there is something of each."""
    of = {caller.contact_id: "" for caller in callers}
    rows = await hotline.chief.when(
        "/api/v1/recordings?state=running&limit=500",
        lambda rows: set(of) <= {row["contact_id"] for row in rows},
    )
    of |= {row["contact_id"]: row["audio"] for row in rows}
    async with asyncio.timeout(30), player(hotline) as ears:
        for path in of.values():
            while len((await ears.part(path))[1]) < HEAD + SECOND:  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.1)
    return list(of.values())


def tones_of(sound: bytes) -> tuple[float, float]:
    """Seconds of the customer's tone on the left and of the agent's on the right."""
    return _tone(sound[0::2], CUSTOMER_HZ), _tone(sound[1::2], LI_HZ)


def _tone(codes: bytes, hz: int) -> float:
    return seconds_of(decode(codes, "PCMU").astype(np.float64), hz)


async def test_a_call_is_listened_to_while_it_goes_on_back_at_its_end_and_after_it(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li0") as (li,), player(hotline) as ears:
        caller = await talk(hotline, li)
        [path] = await running(hotline, caller)
        follower = asyncio.create_task(ears.all_of(path))

        status, early, tag = await ears.part(path)
        assert (status, early[:4]) == (200, b"RIFF")
        await passed(caller.call, 1.5)
        status, later, later_tag = await ears.part(path)
        assert len(later) >= len(early) + SECOND // 2  # it is written every 0.8 s
        assert later[HEAD:].startswith(early[HEAD:])
        assert tag != later_tag
        # Back to its beginning, in the file as it was begun and in what it is now.
        half = f"bytes={HEAD}-{HEAD + SECOND // 2 - 1}"
        assert (await ears.part(path, Range=half))[:2] == (206, early[HEAD:][: SECOND // 2])
        going_on = await ears.part(path, Range="bytes=100-", **{"If-Range": tag})
        assert going_on == (206, early[100:], tag)
        async with ears.follow(path, -1000) as present:  # a second back, then as it is said
            heard = await present.readexactly(2 * SECOND)
        assert tones_of(heard) == pytest.approx((2, 2), abs=0.5)

        caller.call.hang_up()
        await caller.over()
        stored = (await caller.happens("recording.stored")).data
        async with asyncio.timeout(30):
            followed = await follower

    [row] = (await hotline.history(caller.contact_id))["recordings"]
    async with player(hotline) as ears:
        status, archived, archived_tag = await ears.part(path)
        assert (status, archived_tag) == (200, f'"{stored["sha256"]}"')
        # Who goes on after the end with what was begun before it gets the file anew.
        assert (await ears.part(path, Range="bytes=100-", **{"If-Range": tag}))[0] == 200
    assert row["audio"] == path
    assert hashlib.sha256(archived).hexdigest() == stored["sha256"]
    assert followed == archived[HEAD:]
    assert archived[HEAD:].startswith(later[HEAD:])
    for side, hz in zip(stereo(archived), (CUSTOMER_HZ, LI_HZ), strict=True):
        assert seconds_of(side, hz) == pytest.approx(stored["duration"], abs=0.6)
    trail = await hotline.book.when("recording.played", recording_id=stored["recording_id"])
    assert trail.data["played_by"] == hotline.chief.agent_id


@pytest.mark.req("RC-10")
async def test_many_are_played_while_many_are_recorded_and_nothing_of_them_is_lost(
    hotline: Centre,
) -> None:
    """Ten recorded calls, each followed by one player, and ten more who jump about in them."""
    async with hotline.on_duty(*(seat.id for seat in SEATS)) as agents, player(hotline) as ears:
        callers = [await talk(hotline, agent) for agent in agents]
        paths = await running(hotline, *callers)
        over = asyncio.Event()
        followers = [asyncio.create_task(ears.all_of(path)) for path in paths]
        jumpers = [asyncio.create_task(jumps(ears, path, over)) for path in paths]
        assert len(followers) + len(jumpers) == PLAYED
        await passed(callers[0].call, 5)
        over.set()
        async with asyncio.timeout(60):  # in which the end moves on
            parts = await asyncio.gather(*jumpers)
        for caller in callers:
            caller.call.hang_up()
        stored = [(await caller.happens("recording.stored")).data for caller in callers]
        async with asyncio.timeout(30):
            followed = await asyncio.gather(*followers)
        for caller in callers:
            assert (await caller.over())[0] == "handled"

        for path, sound, found, record in zip(paths, followed, parts, stored, strict=True):
            archived = (await ears.part(path))[1]
            assert hashlib.sha256(archived).hexdigest() == record["sha256"]
            assert sound == archived[HEAD:]
            assert all(archived[at : at + len(part)] == part for at, part in found)
            for seconds in tones_of(sound):  # but for what twenty players left their speakers
                assert seconds == pytest.approx(record["duration"], rel=0.2, abs=1.0)


async def test_what_is_made_silent_is_heard_by_nobody_and_all_the_rest_as_it_was_said(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li0") as (li,):
        caller = await talk(hotline, li)
        await passed(caller.call, 2)
        caller.call.hang_up()
        await caller.over()
        stored = (await caller.happens("recording.stored")).data
    [row] = (await hotline.history(caller.contact_id))["recordings"]
    recording = f"/api/v1/recordings/{stored['recording_id']}"
    assert row["audio"] == f"{recording}/audio"
    status, made = await hotline.agents["boss"].desk.post(
        "/api/v1/api-keys",
        name="player",
        scopes=["recordings.read", "recordings.play"],
        expires_at=(datetime.now(UTC) + timedelta(days=1)).isoformat(),
    )
    assert status == 201, made

    card = {"kind": "redact", "from_ms": 500, "to_ms": 900, "reason": "a card number"}
    await hotline.chief.put(f"{recording}/edits", version=0, edits=[card])

    start, end = HEAD + 500 * SECOND // 1000, HEAD + 900 * SECOND // 1000
    async with player(hotline, made["key"]) as ears:
        status, heard, tag = await ears.part(f"{recording}/audio")
        assert status == 200
        across = await ears.part(f"{recording}/audio", Range=f"bytes={start - 9}-{end + 8}")
        assert across == (206, heard[start - 9 : end + 9], tag)
        clip = (await ears.part(f"{recording}/clip?from_ms=250&to_ms=1250"))[1]
        assert clip[HEAD:] == heard[HEAD + SECOND // 4 : HEAD + SECOND * 5 // 4]
        drawn = json.loads((await ears.part(f"{recording}/peaks?points=20000"))[1])
        for path in ("audio", "clip", "peaks"):
            assert (await ears.part(f"{recording}/{path}?original=true"))[0] == 403
    original = await hotline.chief.get_bytes(f"{recording}/audio?original=true")

    assert hashlib.sha256(original).hexdigest() == stored["sha256"]
    assert tones_of(original[start:end]) == pytest.approx((0.4, 0.4), abs=0.1)
    assert set(heard[start:end]) == {SILENCE["PCMU"]}
    assert (heard[:start], heard[end:]) == (original[:start], original[end:])
    each = drawn["samples_per_pixel"]  # of which there are four levels
    silent = slice(4 * -(-500 * 8 // each), 4 * (900 * 8 // each))
    assert set(drawn["data"][silent]) == {0}
    assert set(drawn["data"][: 4 * (500 * 8 // each)]) != {0}
    trail = await hotline.book.when("recording.played", recording_id=row["id"], edits=1)
    assert trail.data["played_by"] != hotline.chief.agent_id


async def jumps(ears: Player, path: str, over: asyncio.Event) -> list[tuple[int, bytes]]:
    """
    Parts of it, from its beginning and its end of the moment in turn, and where they are.

    At least until the end has moved on a few times: who plays is late on a busy machine.
    """
    found: list[tuple[int, bytes]] = []
    for wanted in itertools.cycle((f"bytes={HEAD}-{HEAD + SECOND - 1}", f"bytes=-{SECOND}")):
        async with ears.session.get(path, headers={"Range": wanted}) as answer:
            part = await answer.read()
        assert (answer.status, len(part)) == (206, SECOND)
        found.append((int(answer.headers["Content-Range"].split()[1].split("-")[0]), part))
        if over.is_set() and len({at for at, _ in found}) > MOVES:
            break
        await asyncio.sleep(0.2)
    return found
