"""
Journeys of the shipped main flow as real calls, by phones that nobody here wrote.

What callers hear, press and come to is read from the journeys themselves (config/flows/journeys):
they and the calls cannot drift apart. Prompts are recognised by their sound.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.settings import SHIPPED
from ivr.flow import load
from ivr.journeys import Journey, Step, load_journeys
from tests.audio import RATE, Samples
from tests.e2e.book import Book
from tests.e2e.centre import CHIEF, define
from tests.interop.foreign_phones import PjsuaPhone, pjsua
from tests.interop.prompts_heard import TOLD_BY, Name, recognised, sounds_of
from tests.interop.rtp_tap import Tap
from tests.ports import free_port, port_range
from tests.running_server import PROMPT_CACHE, RunningServer, configuration

pytestmark = pytest.mark.interop

FLOWS = SHIPPED / "flows"
SCENARIO = Path(__file__).parent / "sipp" / "uac-walks-a-flow.xml"
MISSING = 20.0  # seconds until what is to be heard next counts as missing
SIPP_KEYS = (1.0, 0.4)  # seconds that pressing takes it: before the first key, and each key


BY_PJSUA = {"13800000001": "greeting: fault", "13800000002": "fault report (English)"}
BY_SIPP = {"13800000003": "greeting: operator"}


@dataclass(frozen=True)
class Way:
    """
    A journey as a call: what is heard step by step, and pressed then.

    Where keys are pressed, it is as soon as the first of the prompts is recognised.
    """

    journey: Journey

    @property
    def steps(self) -> list[tuple[list[Name], str]]:
        language, steps = self.journey.language, []
        for step in self.journey.walk:
            language = step.language or language
            names = [(one.name, one.language or language or "") for one in step.hears]
            if names:
                steps.append((names[:1] if step.presses else names, step.presses or ""))
        return steps

    @property
    def heard(self) -> list[Name]:
        return [name for names, _ in self.steps for name in names]

    @property
    def end(self) -> Step:
        return self.journey.walk[-1]


def way(name: str) -> Way:
    book = load_journeys(FLOWS / "journeys" / "main.yaml")
    (journey,) = [one for one in book.journeys if one.name == name]
    return Way(journey)


async def walked_by_pjsua(
    phone: PjsuaPhone, uri: str, way: Way, sounds: Mapping[Name, Samples]
) -> None:
    """It presses its keys as soon as it knows what it hears."""
    await phone.do("call", uri=uri)
    await phone.happened.next(event="audio")
    at = 0  # sample from which the next prompt is listened for
    for names, keys in way.steps:
        for name in names:
            at = await _hears(phone, at, name, sounds[name])
        if keys:
            await phone.do("press", keys=keys)


async def _hears(phone: PjsuaPhone, at: int, name: Name, sound: Samples) -> int:
    """When it does; where to listen for the next one."""
    try:
        async with asyncio.timeout(MISSING):
            while True:
                written = phone.heard_file.stat().st_size > 0  # not yet, at the very beginning
                if written and (found := recognised(phone.heard()[at:], {name: sound})):
                    return at + round((found[0].began + TOLD_BY) * RATE)
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"not heard in time: {name}") from None


def scenario(folder: Path, way: Way, sounds: Mapping[Name, Samples]) -> Path:
    """SIPp does not listen: it presses its keys when the prompt must have begun."""
    steps, taken = [], 0.0
    for names, keys in way.steps:
        told = sum(len(sounds[name]) / RATE for name in names if not keys)
        steps.append(f'<pause milliseconds="{round(1000 * (taken + told + TOLD_BY + 0.3))}"/>')
        before, each = SIPP_KEYS
        taken = before + each * len(keys) if keys else 0.0
        if keys:
            steps.append(f'<nop><action><exec play_dtmf="{keys}"/></action></nop>')
    text = SCENARIO.read_text(encoding="utf-8")
    file = folder / "walk.xml"
    file.write_text(text.replace("<!-- walk -->", "\n".join(steps)), encoding="utf-8")
    return file


async def walked_by_sipp(
    folder: Path, server: RunningServer, caller: str, way: Way, sounds: Mapping[Name, Samples]
) -> Samples:
    """What came to it."""
    media_port = port_range(4)[0]
    with Tap(media_port) as tap:
        process = await asyncio.create_subprocess_exec(
            *("sipp", "-sf", str(scenario(folder, way, sounds)), "-i", "127.0.0.1", "-m", "1"),
            *("-nostdin", "-timeout", "60", "-timeout_error", "-trace_err"),
            *("-p", str(free_port()), "-mp", str(media_port), "-s", "1000"),
            *("-key", "caller", caller, f"127.0.0.1:{server.sip_port}"),
            cwd=folder,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert await process.wait() == 0
        return tap.heard()


async def arrived(book: Book, caller: str, end: Step) -> None:
    """Where the journey says, with what it has learnt."""
    call = await book.when("call.arrived", caller_number=caller)
    contact = {"contact_id": call.data["contact_id"]}
    queued = await book.when("contact.queued", within=MISSING, **contact)
    assert queued.data["queue"] == end.queue
    learnt = book.find("contact.annotated", **contact)
    assert (learnt.data["attributes"] if learnt else {}) == (end.attributes or {})


def main_hotline(folder: Path) -> RunningServer:
    """With the shipped flow; nobody is at work."""
    queues: Sequence[dict[str, Any]] = [
        {"name": name, "skills": {}} for name in ("sales", "support", "operator")
    ]
    speech = {"languages": ["zh", "en"], "cache": str(PROMPT_CACHE)}
    numbers = {"1000": {"flow": "shipped:main.yaml"}}
    config, sip_port, api_port = configuration(
        folder, queues=queues, numbers=numbers, speech=speech
    )
    return RunningServer(folder, config, sip_port, f"http://127.0.0.1:{api_port}")


async def test_journeys_of_the_main_flow_are_walked_and_heard_by_pjsua2_and_sipp(
    tmp_path: Path,
) -> None:
    sounds = sounds_of(load(FLOWS / "main.yaml"))
    ways = {caller: way(name) for caller, name in {**BY_PJSUA, **BY_SIPP}.items()}
    server = main_hotline(tmp_path)
    await define(server, [CHIEF])
    heard: dict[str, Samples] = {}
    await server.start()
    try:
        supervisor = await server.log_in(CHIEF.id)
        book = Book(server.api, supervisor.token)
        await book.open()

        async def by_pjsua(caller: str, way: Way) -> None:
            async with pjsua(tmp_path, caller, tone=440) as phone:
                await walked_by_pjsua(phone, server.uri("1000"), way, sounds)
                await arrived(book, caller, way.end)
                await phone.do("hang_up")
                await phone.happened.next(event="ended")
            heard[caller] = phone.heard()

        async def by_sipp(caller: str, way: Way) -> None:
            heard[caller] = await walked_by_sipp(tmp_path, server, caller, way, sounds)
            await arrived(book, caller, way.end)

        async with asyncio.TaskGroup() as walks:
            for caller, one in ways.items():
                walk = by_pjsua if caller in BY_PJSUA else by_sipp
                walks.create_task(walk(caller, one))
        await book.close()
    finally:
        await server.close_desktops()
        assert await server.stop() == 0

    for caller, one in ways.items():
        told = [each.name for each in recognised(heard[caller], sounds)]
        assert told == one.heard, one.journey.name
