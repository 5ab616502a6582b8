"""
What a node of a flow costs the server beside its media: CPU time of the whole process, a node.

A hundred callers walk through the shipped main flow at once, pressing wrong keys on the way, each
with the menu, the log (journal with fdatasync, SQLite) and the records as a running server has
them; prompts take no time, so nothing is waited for.

    python -m benchmarks.bench_flow_walks
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Final, cast

import uvloop

from config.settings import SHIPPED
from cti_server.calls import termination
from cti_server.calls.flow_prompts import Sounds
from cti_server.calls.leg import Leg
from cti_server.calls.menu import Menu
from cti_server.calls.prompts import Prompts
from cti_server.clock import SystemClock
from cti_server.media.plane import MediaPlane
from cti_server.speech_recognition.recogniser import Heard, Utterance
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.wire.events import CallArrived, ContactEnded
from ivr.actions import Prompt
from ivr.flow import Flow, load
from ivr.inquiries import CalendarSays, Inquiry, LookAtCalendar, Reply
from ivr.vocabulary import Vocabulary
from ivr.walk import Walk
from tests.fakes.media import FakeMedia, FakePlane

CALLERS: Final = 100
ROUNDS: Final = 20
KEYS: Final = "73738212345678"
"""Wrong, hours, wrong, hours, wrong, a fault, an account number."""


class NoSounds:
    def of_flow(self, flow: Flow, prompts: Sequence[Prompt]) -> AbstractAsyncContextManager[Sounds]:
        return nullcontext(Sounds([]))


class OpenCentre:
    """The flow asks beside the caller only whether the centre is open."""

    async def reply(self, inquiry: Inquiry) -> Reply:
        if isinstance(inquiry, LookAtCalendar):
            return CalendarSays(is_open=True)
        raise AssertionError(inquiry)

    async def understood(self, utterance: Utterance, vocabulary: Vocabulary) -> Heard | None:
        raise AssertionError(vocabulary)


async def call(log: EventLog, flow: Flow, number: int) -> int:
    """One caller; the nodes that were entered."""
    contact_id = f"contact{number}"
    log.append(
        CallArrived(
            call_id=f"call{number}",
            contact_id=contact_id,
            sip_call_id=f"{number}@trunk",
            caller_number="13800138000",
            dialled_number="4001",
            trunk="carrier",
        )
    )
    leg = Leg(
        leg_id=f"leg{number}",
        call_id=f"call{number}",
        hung_up=termination.CALLER_HUNG_UP,
        append=log.append,
    )
    await leg.open_media(cast("MediaPlane", FakePlane(FakeMedia(0.0))))
    walk = Walk(flow)
    menu = Menu(
        walk,
        leg,
        cast("Prompts", NoSounds()),
        OpenCentre(),
        contact_id=contact_id,
        append=log.append,
    )

    async def press() -> None:
        for key in KEYS:
            leg.digit(key, 100)
            await asyncio.sleep(0.02)

    pressing = asyncio.create_task(press())
    await menu.run()
    pressing.cancel()
    log.append(ContactEnded(contact_id=contact_id, outcome="abandoned", reason="caller-hung-up"))
    return len(walk.visits)


async def measure() -> None:
    flow = load(SHIPPED / "flows" / "main.yaml")
    flow.published_as(1)
    with tempfile.TemporaryDirectory() as name:
        database = Database(f"sqlite+aiosqlite:///{name}/hotline.db")
        await database.upgrade()
        log = EventLog(database, Path(name) / "journal", SystemClock())
        await log.start()
        began, nodes = time.process_time(), 0
        for start in range(0, CALLERS * ROUNDS, CALLERS):
            walks = (call(log, flow, start + number) for number in range(CALLERS))
            nodes += sum(await asyncio.gather(*walks))
        walked = time.process_time() - began
        await log.stored()
        stored = time.process_time() - began
        await log.close()
        await database.close()
    print(
        f"{nodes} nodes, {CALLERS} callers at once: {1e3 * stored / nodes:.3f} ms CPU a node with "
        f"keys, log and records, all stored ({1e3 * walked / nodes:.3f} when the last caller left)"
    )


if __name__ == "__main__":
    uvloop.run(measure())
