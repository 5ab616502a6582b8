"""
Texts through the whole outbox to a real SMS centre (npm smpp on loopback): how many a second.

On SQLite, as a server has it: each text is claimed, looked up among those who want none, submitted,
noted with the centre's id and told to the log; its receipt is taken, kept and acknowledged.

    python -m benchmarks.bench_sms [--texts 3000]

CPU time is this process', the database's writing in its threads included; not the centre's.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from config.sms import SmppSettings, SmsSettings
from cti_server.clock import SystemClock
from cti_server.due import DueTimer
from cti_server.outbox.outbox import Outbox
from cti_server.outbox.sms import SMS, SmsSender, Text
from cti_server.outbox.sms_delivery import SmsEnds
from cti_server.sms.arrivals import Arrivals
from cti_server.sms.inbox import Inbox
from cti_server.sms.link import SmppLink
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.store.outbox import OutboxJobs
from cti_server.store.sms_parts import DELIVERED, SmsPart
from tests.smsc import smsc

OURS = "10690000"
WORDS = "您的工单已受理,工号8030的同事将与您联系。"
"""A part of 16-bit units: 22 signs."""


class Ids:
    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> str:
        self._last += 1
        return f"id-{self._last:08d}"


async def measure(texts: int, at_once: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, clock, new_id = Path(name), SystemClock(), Ids()
        database = Database(f"sqlite+aiosqlite:///{folder / 'hotline.db'}")
        await database.upgrade()
        log = EventLog(database, folder / "journal", clock)
        await log.start()
        changes = Changes(database, log.append, now=clock.now, new_id=new_id)
        async with smsc() as centre:
            settings = SmsSettings.model_validate(
                {
                    "gateways": {"carrier": centre.settings(parts_a_second=5000, window=100)},
                    "numbers": {
                        OURS: {
                            "gateway": "carrier",
                            "keywords": {"HELP": {"service": "x", "language": "en"}},
                        }
                    },
                    "sent_at_once": at_once,
                }
            )
            gateway = settings.gateways["carrier"]
            if not isinstance(gateway, SmppSettings):
                raise TypeError(type(gateway).__name__)
            link = SmppLink(
                "carrier", gateway, gateway.send_password(), None, time.monotonic, lambda: 0.0
            )
            due = DueTimer(clock)
            sender = SmsSender(settings, {"carrier": link}, database, clock, b"key")
            outbox = Outbox(
                {SMS: sender}, database, changes, clock, due.wake, aftermaths={SMS: SmsEnds()}
            )
            inbox = Inbox({}, {}, settings.numbers, changes, clock, new_id, "CN")
            arrivals = Arrivals(
                inbox, {"carrier": "gsm"}, database, changes, clock, new_id, lambda: None
            )
            link.open(arrivals.take)
            link.start()
            await centre.bound()
            await put(database, clock, texts)
            due.add(outbox)
            began, cpu = time.monotonic(), time.process_time()
            due.start()
            await centre.when(lambda: len(centre.submitted) >= texts, within=600)
            submitted = time.monotonic() - began
            await all_delivered(database, texts)
            lasted, used = time.monotonic() - began, time.process_time() - cpu
            await due.close()
            await outbox.close()
            await link.close()
        await log.close()
        await database.close()
    print(f"{texts} texts, {at_once} at once, each with its receipt, on SQLite")
    print(f"  submitted   {texts / submitted:.0f} a second")
    print(f"  delivered   {texts / lasted:.0f} a second")
    print(f"  CPU a text  {used / texts * 1000:.2f} ms")


async def put(database: Database, clock: SystemClock, texts: int) -> None:
    async with database.sessions.begin() as session:
        jobs = OutboxJobs(session)
        for number in range(texts):
            content = Text(text=WORDS, gateway="carrier", our_number=OURS).as_content()
            job_id, to = f"job-{number:06d}", f"+86138{number:08d}"
            await jobs.put(job_id, job_id, SMS, to, content, clock.now())


async def all_delivered(database: Database, texts: int) -> None:
    count = select(func.count()).select_from(SmsPart).where(SmsPart.state == DELIVERED)
    for _ in range(12_000):
        async with database.readers() as session:
            if (await session.scalar(count) or 0) >= texts:
                return
        await asyncio.sleep(0.05)
    raise TimeoutError("not all were delivered")


def main() -> None:
    parser = argparse.ArgumentParser(description="What texts cost.")
    parser.add_argument("--texts", type=int, default=3000)
    parser.add_argument("--at-once", type=int, default=32)
    told = parser.parse_args()
    asyncio.run(measure(told.texts, told.at_once))


if __name__ == "__main__":
    main()
