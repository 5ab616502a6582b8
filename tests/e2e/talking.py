"""Calls in which everybody has a tone of their own, so that it can be heard who hears whom."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import numpy as np

from cti_server.media.rtp import CLOCK_RATE
from simulator.audio import FAINT, loudness, tone
from simulator.heard import Heard
from simulator.phone import OnRing, Softphone, answer
from simulator.phone_call import PhoneCall
from tests.running_server import Desktop

from .centre import Centre, centre
from .people import Agent, Caller, Hire, passed

LI = Hire("li", "8026", skills=("desk:5",))
WANG = Hire("wang", "8027", skills=("second:5",))
ZHANG = Hire("zhang", "8028", skills=("third:5",))

CUSTOMER_HZ, LI_HZ, WANG_HZ, EXPERT_HZ, ZHANG_HZ = 520, 720, 940, 1180, 1460
TONES = (CUSTOMER_HZ, LI_HZ, WANG_HZ, EXPERT_HZ, ZHANG_HZ)
SPAN = 0.3  # seconds that are listened to
AS_LOUD_AS = 0.05  # of full scale; a phone's tone has 0.25

HEARD_WITHIN = 5.0


def queue(name: str, skill: str, *, wrap_up: float = 0.0, record: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "skills": {skill: 1},
        "ring_for": 2,
        "wrap_up": wrap_up,
        "announce_agent": False,
        "announce_position_every": None,
        "record": record,
    }


QUEUES = [
    queue("desk", "desk"),
    queue("second", "second"),
    queue("kept", "desk", wrap_up=0.2, record=True),
    queue("kept-second", "second", wrap_up=0.2, record=True),
]
NUMBERS: dict[str, Any] = {
    "2000": {"queue": "desk", "language": "en"},
    "2001": {"queue": "kept", "language": "en"},
}
KEPT = "2001"
"""Recorded and with a wrap-up: what is not recorded is over sooner."""


@contextlib.asynccontextmanager
async def talking_centre(folder: Path, **changes: Any) -> AsyncIterator[Centre]:
    """li at the desk; wang and zhang are called by nobody but the others."""
    changes = {"queues": QUEUES, "numbers": NUMBERS} | changes
    async with centre(folder, LI, WANG, ZHANG, **changes) as it:
        yield it


def speak(hz: int, *, after: float = 0.0) -> OnRing:
    """Pick up and say this tone."""

    def act(call: PhoneCall) -> None:
        answer(after)(call)
        call.say(tone(hz))

    return act


def expert(hotline: Centre, name: str = "expert", act: OnRing | None = None) -> Softphone:
    """A phone outside that is nobody's seat."""
    phone = hotline.phones.add(name)
    phone.on_ring = act or speak(EXPERT_HZ)
    return phone


async def with_li(hotline: Centre, number: str = "2000") -> tuple[Caller, Agent, PhoneCall]:
    """A customer talks with li; the customer, li, and the call at li's phone."""
    li = hotline.agents["li"]
    li.on_ring(speak(LI_HZ))
    caller = hotline.caller()
    await caller.dial(number)
    at_li = await li.rung()
    caller.call.say(tone(CUSTOMER_HZ))
    await hears(caller.call, LI_HZ)
    await hears(at_li, CUSTOMER_HZ)
    await caller.arrived()
    return caller, li, at_li


async def does(desk: Desktop, caller: Caller, verb: str, **body: Any) -> dict[str, Any]:
    """Have an agent do something to the call; the call as it is then."""
    status, answered = await tries(desk, caller, verb, **body)
    assert status == 200, answered
    return answered


async def tries(
    desk: Desktop, caller: Caller, verb: str, *, of: str | None = None, **body: Any
) -> tuple[int, dict[str, Any]]:
    """The status and the answer; ``of``: for another agent."""
    async with (
        aiohttp.ClientSession(
            desk.api, headers={"Authorization": f"Bearer {desk.token}"}
        ) as session,
        session.post(
            f"/api/v1/contacts/{caller.contact_id}/{verb}",
            json=body or None,
            params={} if of is None else {"agent_id": of},
        ) as answered,
    ):
        return answered.status, await answered.json()


class Ear(Protocol):
    """A phone in a call, of whatever kind."""

    @property
    def heard(self) -> Heard: ...


def heard_in(call: Ear) -> set[int]:
    """The tones of the last moment."""
    now = asyncio.get_running_loop().time()
    samples = call.heard.samples(now - SPAN, now) / 32768.0
    window = np.hanning(len(samples))
    phases = 2j * np.pi * np.arange(len(samples)) / CLOCK_RATE
    return {
        hz
        for hz in TONES
        if 2 * abs(np.sum(samples * window * np.exp(-hz * phases))) / np.sum(window) > AS_LOUD_AS
    }


async def hears(call: PhoneCall, *tones: int, within: float = HEARD_WITHIN) -> None:
    """These people are heard, and no others."""
    await _until(call, set(tones), within)


async def hears_music(call: PhoneCall, within: float = HEARD_WITHIN) -> None:
    """Something is heard, and it is nobody."""
    await _until(call, set(), within, silent=False)


async def hears_nothing(call: PhoneCall, within: float = HEARD_WITHIN) -> None:
    await _until(call, set(), within, silent=True)


async def _until(
    call: PhoneCall, wanted: Collection[int], within: float, *, silent: bool = False
) -> None:
    def is_so() -> bool:
        return heard_in(call) == wanted and is_silent(call) == silent

    try:
        async with asyncio.timeout(within):
            while not is_so():
                await passed(call, 0.05)
    except TimeoutError:
        what = "silence" if is_silent(call) else "sound"
        raise AssertionError(f"{what} of {heard_in(call)}, not {wanted or silent}") from None


def is_silent(call: PhoneCall) -> bool:
    now = asyncio.get_running_loop().time()
    return loudness(call.heard.samples(now - SPAN, now)) < FAINT


def length(segment: dict[str, Any]) -> float:
    """Of the talk with one agent, in seconds."""
    begin, end = (datetime.fromisoformat(segment[name]) for name in ("started_at", "ended_at"))
    return (end - begin).total_seconds()
