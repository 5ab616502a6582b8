"""Phones that speak G.722 and Opus only: decoded for one another, and for whoever has G.711."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from tests.audio import RATE, Samples, seconds_of, stereo
from tests.interop.foreign_phones import BaresipPhone, PjsuaPhone, baresip, pjsua
from tests.running_server import PASSWORD, Desktop, RunningServer, serving
from tests.sizes import this_weeks

pytestmark = pytest.mark.interop

TALK = 3.0  # seconds
CUSTOMER, LI, WANG, BOSS = 440, 1000, 1480, 700  # Hz, what each of them says
QUEUES: list[dict[str, Any]] = [
    {"name": name, "skills": {"sales": 1}, "announce_agent": False}
    for name in ("recorded", "unrecorded")
]

Make = Literal["pjsua", "baresip"]


class Person:
    """Somebody with a phone of one of the two makes."""

    def __init__(self, phone: PjsuaPhone | BaresipPhone) -> None:
        self._phone = phone

    async def call(self, uri: str) -> None:
        """Dial, and go on when somebody has answered."""
        if isinstance(self._phone, PjsuaPhone):
            await self._phone.do("call", uri=uri)
        else:
            await self._phone.command("dial", uri)
        await self.talks()

    async def talks(self) -> None:
        if isinstance(self._phone, PjsuaPhone):
            await self._phone.happened.next(event="audio")
        else:
            await self._phone.happened.next(type="CALL_ESTABLISHED")

    async def press(self, key: str) -> None:
        if isinstance(self._phone, PjsuaPhone):
            await self._phone.do("press", keys=key)
        else:
            await self._phone.command("sndcode", key)

    async def hang_up(self) -> None:
        if isinstance(self._phone, PjsuaPhone):
            await self._phone.do("hang_up")
        else:
            await self._phone.command("hangup")

    async def is_left(self) -> None:
        if isinstance(self._phone, PjsuaPhone):
            await self._phone.happened.next(event="ended")
        else:
            await self._phone.happened.next(type="CALL_CLOSED")

    def heard(self) -> Samples:
        return self._phone.heard()


@contextlib.asynccontextmanager
async def person(
    folder: Path, server: RunningServer, make: Make, name: str, tone: float, codec: str
) -> AsyncIterator[Person]:
    """``name`` registers and answers by itself; "caller" does neither."""
    registers, place = name != "caller", f"127.0.0.1:{server.sip_port}"
    if make == "pjsua":
        config: dict[str, Any] = {"codec": codec}
        if registers:
            config |= {"registrar": f"sip:{place}", "username": name, "auto_answer": True}
        async with pjsua(folder, name, tone=tone, **config) as softphone:
            yield Person(softphone)
        return
    account = (
        f"<sip:{name}@{place}>;auth_user={name};auth_pass={PASSWORD};regint=60;answermode=auto"
        if registers
        else "<sip:13800138000@127.0.0.1>;regint=0"
    )
    account += f";audio_codecs={codec}"
    async with baresip(folder, name, tone=tone, account=account) as telephone:
        yield Person(telephone)


@contextlib.asynccontextmanager
async def menu_passed(
    folder: Path, server: RunningServer, make: Make, codec: str
) -> AsyncIterator[Person]:
    """A customer who has dialled and pressed the key for the recorded queue."""
    async with person(folder, server, make, "caller", CUSTOMER, codec) as caller:
        await caller.call(server.uri("1000"))
        await asyncio.sleep(1.0)  # into the prompt: barge-in
        await caller.press("1")
        yield caller


@dataclass(frozen=True)
class Pair:
    """Who calls and who answers, with which codecs, and what they agree on."""

    caller: Make
    codec: str
    agent: Make
    agents_codecs: str
    agreed: list[str]


OPUS, G722 = "opus/48000/2", "G722/16000/1"
PAIRS = {
    # Nothing of this can be relayed: two codecs, neither of them that of the recording.
    "G.722 and Opus": Pair("pjsua", "G722", "baresip", OPUS, ["G722", "OPUS"]),
    # baresip's events are of the 8 kHz clock, beside Opus too.
    "Opus and G.711": Pair("baresip", OPUS, "pjsua", "PCMU", ["OPUS", "PCMU"]),
    # The caller's codec is the first of the offer, so that nothing has to be decoded.
    "an agent who would rather have G.711": Pair(
        "baresip", G722, "pjsua", "PCMU G722", ["G722", "G722"]
    ),
    "Opus, relayed": Pair("baresip", OPUS, "baresip", OPUS, ["OPUS", "OPUS"]),
}


@pytest.mark.parametrize("pair", [*PAIRS.values()][this_weeks(2)], ids=[*PAIRS][this_weeks(2)])
async def test_they_hear_one_another_and_are_recorded(tmp_path: Path, pair: Pair) -> None:
    async with serving(tmp_path, queues=QUEUES) as server:
        await server.add_agent("li", "8026", "--skill", "sales:5")
        await server.add_agent("zhao", "8001", "--role", "supervisor")
        desk, supervisor = await server.log_in("li"), await server.log_in("zhao")
        async with person(tmp_path, server, pair.agent, "li", LI, pair.agents_codecs) as agent:
            await server.when_metric("sip_bindings", 1.0)
            await desk.set_state("ready")
            async with menu_passed(tmp_path, server, pair.caller, pair.codec) as caller:
                await agent.talks()
                await asyncio.sleep(TALK)
                await caller.hang_up()
                await agent.is_left()
        ((left, right),), contact_id = await recordings(supervisor, 1)
        history = await supervisor.get(f"/api/v1/contacts/{contact_id}")
        await desk.close()
        await supervisor.close()

    assert [leg["codec"] for leg in history["legs"]] == pair.agreed
    for heard, hertz in ((caller.heard(), LI), (agent.heard(), CUSTOMER)):
        assert seconds_of(heard, hertz) > TALK - 1.5
    assert seconds_of(left, CUSTOMER) > TALK - 1.5
    assert seconds_of(right, LI) > TALK - 1.5
    assert seconds_of(left, LI) == seconds_of(right, CUSTOMER) == 0


@pytest.mark.parametrize(
    ("make", "codec", "agreed"),
    [("pjsua", "G722", "G722"), ("baresip", OPUS, "OPUS")][this_weeks(2)],
)
async def test_in_a_conference_they_are_heard_by_all_and_are_in_each_agents_recording(
    tmp_path: Path, make: Make, codec: str, agreed: str
) -> None:
    """And a supervisor hears all three; the two agents and the supervisor have G.711."""
    async with serving(tmp_path, queues=QUEUES) as server, contextlib.AsyncExitStack() as there:
        await server.add_agent("li", "8026", "--skill", "sales:5")
        await server.add_agent("wang", "8027", "--skill", "other:5")
        await server.add_agent("boss", "8001", "--role", "supervisor")
        desks = {name: await server.log_in(name) for name in ("li", "wang", "boss")}
        people = {
            name: await there.enter_async_context(
                person(tmp_path, server, "pjsua", name, hertz, "PCMU")
            )
            for name, hertz in (("li", LI), ("wang", WANG), ("boss", BOSS))
        }
        await server.when_metric("sip_bindings", 3.0)
        async with desks["li"].stream() as feed:
            await desks["li"].set_state("ready")
            await desks["wang"].set_state("ready")
            async with menu_passed(tmp_path, server, make, codec) as caller:
                started = await feed.until("interaction.started")
                contact = f"/api/v1/contacts/{started['data']['contact_id']}"
                await does(desks["li"], f"{contact}/consult", agent="wang")
                await people["wang"].talks()
                await feed.until("interaction.state_changed", agent_id="li", state="consulting")
                await does(desks["li"], f"{contact}/conference")
                await does(desks["boss"], f"{contact}/listen", mode="monitor")
                await people["boss"].talks()
                await asyncio.sleep(TALK)
                await caller.hang_up()
                for name in people:
                    await people[name].is_left()
        found, contact_id = await recordings(desks["boss"], 2)
        history = await desks["boss"].get(f"/api/v1/contacts/{contact_id}")
        for desk in desks.values():
            await desk.close()
        await there.aclose()

    assert history["legs"][0]["codec"] == agreed
    heard = {"caller": caller.heard()} | {name: one.heard() for name, one in people.items()}
    by_whom = {hertz: {name for name in heard if hears(heard[name], hertz)} for hertz in VOICES}
    assert by_whom == {
        CUSTOMER: {"li", "wang", "boss"},
        LI: {"caller", "wang", "boss"},
        WANG: {"caller", "li", "boss"},
        BOSS: set(),
    }
    for left, right in found:
        assert [hertz for hertz in VOICES if hears(left, hertz)] == [CUSTOMER]
        assert len([hertz for hertz in (LI, WANG) if hears(right, hertz)]) == 1


VOICES = (CUSTOMER, LI, WANG, BOSS)


async def does(desk: Desktop, path: str, **body: Any) -> None:
    status, answered = await desk.post(path, **body)
    assert status in (200, 204), answered


async def recordings(desk: Desktop, count: int) -> tuple[list[tuple[Samples, Samples]], str]:
    """What is in the only recordings there are, and the contact that they are of."""
    rows = await desk.when("/api/v1/recordings", lambda rows: len(rows) == count)
    assert len({row["contact_id"] for row in rows}) == 1
    found = [stereo(await desk.get_bytes(row["audio"])) for row in rows]
    return found, rows[0]["contact_id"]


def hears(heard: Samples, hertz: float) -> bool:
    """Whether that voice is there for most of the talk, whoever else speaks."""
    piece = RATE // 5
    pieces = heard[: len(heard) // piece * piece].reshape(-1, piece)
    wave = np.exp(-2j * np.pi * hertz * np.arange(piece) / RATE) * np.hanning(piece) * 4 / piece
    return float(np.sum(np.abs(pieces @ wave) > 1000) * 0.2) > TALK - 1.5
