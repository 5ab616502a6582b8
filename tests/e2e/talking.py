"""Calls in which everybody has a tone of their own, so that it can be heard who hears whom."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from cti_server.media.g711 import Linear, decode
from cti_server.media.rtp import CLOCK_RATE
from cti_server.speech import music
from cti_server.speech.cache import Cache, key
from simulator.audio import FAINT, frequency, loudness, tone
from simulator.heard import Heard
from simulator.phone import OnRing, Softphone, answer
from simulator.phone_call import PhoneCall
from tests.running_server import PROMPT_CACHE, Desktop

from .centre import Centre, centre
from .centre import queue as usual_queue
from .people import Agent, Caller, Hire, Lasting, passed

LI = Hire("li", "8026", skills=("desk:5",))
WANG = Hire("wang", "8027", skills=("second:5",))
ZHANG = Hire("zhang", "8028", skills=("third:5",))

CUSTOMER_HZ, LI_HZ, WANG_HZ, EXPERT_HZ, ZHANG_HZ = 520, 720, 940, 1180, 1460
TONES = (CUSTOMER_HZ, LI_HZ, WANG_HZ, EXPERT_HZ, ZHANG_HZ)
SPAN = 0.2  # seconds that are listened to
AS_LOUD_AS = 0.05  # of full scale; a phone's tone has 0.25

ON_THE_WAY = 0.06  # seconds that a packet may be late
MOMENTS_AGO = (0.0, 0.1, 0.2, 0.3)  # seconds
RINGING_HZ = 450  # GF 002-9002

HEARD_WITHIN = 30.0  # seconds until a sound that must come counts as missing


def queue(name: str, skill: str, **changes: Any) -> dict[str, Any]:
    return usual_queue(name, skills={skill: 1}, ring_for=2, **changes)


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


async def with_li(
    hotline: Centre, number: str = "2000", *, caller: Caller | None = None
) -> tuple[Caller, Agent, PhoneCall]:
    """A customer talks with li; the customer, li, and the call at li's phone."""
    li = hotline.agents["li"]
    li.on_ring(speak(LI_HZ))
    caller = caller or hotline.caller()
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
    on_behalf = "" if of is None else f"?agent_id={of}"
    return await desk.post(f"/api/v1/contacts/{caller.contact_id}/{verb}{on_behalf}", **body)


class Hearing(Protocol):
    """A phone of whatever kind."""

    @property
    def heard(self) -> Heard: ...


class Ear(Hearing, Lasting, Protocol):
    """A phone in a call."""


def heard_in(call: Hearing) -> set[int]:
    """The tones of the last moment."""
    samples = _last(call) / 32768.0
    window = np.hanning(len(samples))
    phases = 2j * np.pi * np.arange(len(samples)) / CLOCK_RATE
    return {
        hz
        for hz in TONES
        if 2 * abs(np.sum(samples * window * np.exp(-hz * phases))) / np.sum(window) > AS_LOUD_AS
    }


async def hears(call: Ear, *tones: int, within: float = HEARD_WITHIN) -> None:
    """These people are heard, and no others."""
    await _until(call, lambda: heard_in(call) == set(tones), f"{tones}", within)


async def hears_music(call: Ear, within: float = HEARD_WITHIN) -> None:
    """The centre's music on hold, sample by sample, and nothing else."""
    await _until(call, lambda: is_music(call), "music", within)


async def hears_ringing(call: Ear, within: float = HEARD_WITHIN) -> None:
    await _until(call, lambda: is_ringing(call), "ringing", within)


async def hears_nothing(call: Ear, within: float = HEARD_WITHIN) -> None:
    await _until(call, lambda: is_silent(call), "nothing", within)


def voice_over(call: Hearing, hz: int) -> float:
    """How much of what was heard in the last moment is no tone of this pitch, of all of it."""
    now = asyncio.get_running_loop().time()
    samples = call.heard.samples(now - 0.35, now - 0.05) / 32768.0
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    at = np.fft.rfftfreq(len(samples), 1 / 8000)
    return float(power[np.abs(at - hz) > 25].sum() / max(power.sum(), 1e-9))


async def hears_over(call: PhoneCall, hz: int) -> None:
    """The other party's tone and a voice, at the same time."""
    async with asyncio.timeout(30):
        while not (heard_in(call) >= {hz} and voice_over(call, hz) > 0.05):
            await passed(call, 0.05)


async def hears_only(call: PhoneCall, hz: int) -> None:
    async with asyncio.timeout(30):
        while not (heard_in(call) == {hz} and voice_over(call, hz) < 0.01):
            await passed(call, 0.05)


async def _until(call: Ear, is_so: Callable[[], bool], wanted: str, within: float) -> None:
    try:
        async with asyncio.timeout(within):
            while not is_so():
                await passed(call, 0.05)
    except TimeoutError:
        what = "silence" if is_silent(call) else "music" if is_music(call) else "sound"
        raise AssertionError(f"{what} of {heard_in(call)}, not {wanted}") from None


def is_silent(call: Ear) -> bool:
    return loudness(_last(call)) < FAINT


def is_ringing(call: Ear) -> bool:
    hz = frequency(_last(call))
    return hz is not None and abs(hz - RINGING_HZ) < 8


def is_music(call: Ear) -> bool:
    """
    Whether a moment of the last is a piece of the loop as it is on disk: only a relay has that.

    Of some moments, for packets of a busy machine are late.
    """
    moments = (_last(call, ago) for ago in MOMENTS_AGO)
    return any(loudness(one) >= FAINT and one.tobytes() in _loop() for one in moments)


@cache
def _loop() -> bytes:
    """The music on hold, with its beginning once more behind its end."""
    path = Cache(PROMPT_CACHE).find(key("music", music.VERSION))
    assert path is not None
    return decode(2 * path.read_bytes(), "PCMU").tobytes()


def _last(call: Hearing, ago: float = 0.0) -> Linear:
    """What was heard in the last moment, but for packets that may still be on their way."""
    end = asyncio.get_running_loop().time() - ON_THE_WAY - ago
    return call.heard.samples(end - SPAN, end)


def length(segment: dict[str, Any]) -> float:
    """Of the talk with one agent, in seconds."""
    begin, end = (datetime.fromisoformat(segment[name]) for name in ("started_at", "ended_at"))
    return (end - begin).total_seconds()
