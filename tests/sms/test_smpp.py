"""Texts over a real SMS centre: what it is sent and delivers, and what it does wrong."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.sms import SmppSettings, SmsSettings
from cti_server.outbox.outbox import Outbox
from cti_server.outbox.sms import SMS, SmsSender, Text
from cti_server.outbox.sms_delivery import SmsEnds
from cti_server.sms.arrivals import Arrivals
from cti_server.sms.inbox import Inbox
from cti_server.sms.link import LONGEST_THROTTLE, THROTTLED_FOR, SmppLink, Turnstile
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.store.outbox import OutboxJob, OutboxJobs
from cti_server.store.sms_fragments import WAITED_FOR, SmsFragment
from cti_server.store.sms_messages import SmsMessage
from cti_server.store.sms_parts import SmsParts, delivery_of
from cti_server.wire.events import MessageDelivered, MessageSent, MessageUndelivered
from fax_sms_email.smpp.session import Times
from fax_sms_email.texts import septets
from tests.outbox.post_office import HandClock
from tests.smsc import PASSWORD, SYSTEM_ID, THROTTLED, WRONG_RECIPIENT, Smsc, smsc

OURS, LI = "10690000", "+8613800138000"
TIMES = Times(connect=5.0, answer=3.0, silence=0.5)
_ids = itertools.count()


class Office:
    """Outbox, inbox and one link, as the server has them."""

    def __init__(self, database: Database, log: EventLog, settings: SmsSettings) -> None:
        self.database, self.log, self.clock = database, log, HandClock()
        self.changes = Changes(database, log.append, now=self.clock.now, new_id=self.new_id)
        gateway = settings.gateways["carrier"]
        assert isinstance(gateway, SmppSettings)
        loop = asyncio.get_running_loop()
        self.link = SmppLink(
            "carrier", gateway, gateway.send_password(), None, loop.time, lambda: 0.0, TIMES
        )
        sender = SmsSender(settings, {"carrier": self.link}, database, self.clock, b"key")
        self.woken = asyncio.Event()
        self.outbox = Outbox(
            {SMS: sender},
            database,
            self.changes,
            self.clock,
            self.woken.set,
            aftermaths={SMS: SmsEnds()},
        )
        inbox = Inbox({}, {}, settings.numbers, self.changes, self.clock, self.new_id, "CN")
        self.arrivals = Arrivals(
            inbox,
            {"carrier": self.link.alphabet},
            database,
            self.changes,
            self.clock,
            self.new_id,
            lambda: None,
        )
        self.link.open(self.arrivals.take)

    def new_id(self) -> str:
        return f"id-{next(_ids)}"

    async def send(self, text: str, recipient: str = LI) -> str:
        """As the outbox does, to the end of this attempt; the job's id."""
        job_id = self.new_id()
        content = Text(text=text, gateway="carrier", our_number=OURS).as_content()
        async with self.database.sessions.begin() as session:
            jobs = OutboxJobs(session)
            await jobs.put(job_id, job_id, SMS, recipient, content, self.clock.now())
        await self.turn()
        return job_id

    async def turn(self) -> None:
        await self.outbox.do(self.clock.now())
        async with asyncio.timeout(20):
            while self.outbox.running:
                self.woken.clear()
                await self.woken.wait()

    async def job(self, job_id: str) -> OutboxJob:
        async with self.database.readers() as session:
            return await OutboxJobs(session).need(job_id, [])

    async def delivery(self, job_id: str) -> str | None:
        async with self.database.readers() as session:
            return delivery_of(await SmsParts(session).of_job(job_id))

    async def until_delivery(self, job_id: str) -> str:
        for _ in range(500):
            if (found := await self.delivery(job_id)) is not None:
                return found
            await asyncio.sleep(0.02)
        raise TimeoutError(job_id)

    async def texts(self) -> list[tuple[str, str]]:
        async with self.database.readers() as session:
            query = select(SmsMessage).order_by(SmsMessage.received_at, SmsMessage.id)
            return [(one.number, one.text) for one in await session.scalars(query)]

    async def told(self) -> list[Any]:
        await self.log.stored()
        kinds = MessageSent | MessageDelivered | MessageUndelivered
        events = [one.event for one in await self.log.since(0)]
        return [event for event in events if isinstance(event, kinds)]


def settings(centre: Smsc, **changes: Any) -> SmsSettings:
    keywords = {"FAULT": {"service": "fault", "language": "en"}}
    return SmsSettings.model_validate(
        {
            "gateways": {"carrier": centre.settings(**changes)},
            "numbers": {OURS: {"gateway": "carrier", "keywords": keywords}},
            "timeout": 5,
            "retry_after": 1,
        }
    )


@asynccontextmanager
async def office(
    database: Database, folder: Path, centre: Smsc, *, bound: bool = True, **changes: Any
) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        log = EventLog(database, folder / "journal", HandClock())
        await log.start()
        stack.push_async_callback(log.close)
        here = Office(database, log, settings(centre, **changes))
        stack.push_async_callback(here.outbox.close)
        here.link.start()
        stack.push_async_callback(here.link.close)
        if bound:
            await centre.bound(len(centre.all("bound")) + 1)
            await until(lambda: here.link.is_up)
        yield here


async def until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


@pytest.mark.parametrize(
    ("text", "coding", "parts"),
    [
        ("Your balance is €12.50 [net]", 0, 1),
        ("您的余额是12.50元。", 8, 1),
        ("您的工单已受理。" * 12, 8, 2),
        ("a{b}€" * 60, 0, 4),
        ("Thank you 😀", 8, 1),
    ],
)
async def test_the_phone_gets_what_was_written_and_the_receipt_is_known(
    database: Database, tmp_path: Path, text: str, coding: int, parts: int
) -> None:
    async with smsc() as centre, office(database, tmp_path, centre) as here:
        job_id = await here.send(text)
        delivery = await here.until_delivery(job_id)
        told = await here.told()

    assert (addresses(centre), delivery) == ((LI[1:], OURS), "delivered")
    assert "".join(one["text"] for one in centre.submitted) == text
    assert {one["coding"] for one in centre.submitted} == {coding}
    assert len(centre.submitted) == parts
    assert [type(event) for event in told] == [MessageSent, MessageDelivered]


def addresses(centre: Smsc) -> tuple[str, str]:
    [to] = {one["to"] for one in centre.submitted}
    [source] = {one["source"] for one in centre.submitted}
    return to, source


async def test_what_was_not_delivered_says_why(database: Database, tmp_path: Path) -> None:
    async with smsc() as centre, office(database, tmp_path, centre) as here:
        await centre.mood(receipts="text", stat="UNDELIV")
        job_id = await here.send("hello")
        delivery = await here.until_delivery(job_id)
        [_, told] = await here.told()

    assert delivery == "undelivered"
    assert isinstance(told, MessageUndelivered)
    assert told.reason == "UNDELIV 000"


async def test_too_much_at_a_time_is_sent_later_and_a_wrong_number_never(
    database: Database, tmp_path: Path
) -> None:
    async with smsc() as centre, office(database, tmp_path, centre) as here:
        await centre.mood(status=THROTTLED)
        throttled = await here.send("later")
        after_throttling = await here.job(throttled)
        await centre.mood(status=0)
        here.clock.passes(seconds=2)
        await here.turn()
        later = await here.job(throttled)
        await centre.mood(status=WRONG_RECIPIENT)
        wrong = await here.job(await here.send("never"))

    assert after_throttling.state == "waiting"
    assert "too much" in (after_throttling.failure or "")
    assert (later.state, wrong.state) == ("sent", "dead")


async def test_of_a_long_text_what_the_centre_has_is_not_sent_again(
    database: Database, tmp_path: Path
) -> None:
    text = "abcdefghij" * 40  # three parts
    async with smsc() as centre, office(database, tmp_path, centre, parts_a_second=2) as here:
        sending = asyncio.create_task(here.send(text))
        await centre.when(lambda: len(centre.submitted) >= 1)
        await centre.mood(silent=True)
        job_id = await sending
        first = await here.job(job_id)
        async with here.database.sessions.begin() as session:  # somebody has it sent again
            (await OutboxJobs(session).need(job_id, [], to_change=True)).attempts = 0
        before = len(centre.submitted)
        answered = [one for one in centre.submitted if one["id"] in answered_ids(centre)]
        await centre.mood(silent=False)
        here.clock.passes(seconds=5)
        await here.turn()
        second = await here.job(job_id)
        udhs = [one["udh"][0] for one in centre.submitted]

    assert (first.state, second.state) == ("waiting", "sent")
    assert answered
    assert len({udh[:-2] for udh in udhs}) == 1  # one reference: a phone joins them
    assert sorted({udh[-2:] for udh in udhs}) == ["01", "02", "03"]
    assert len(udhs) == before + 3 - len(answered)


def answered_ids(centre: Smsc) -> set[str]:
    """Of what was answered: the centre asks for a receipt of nothing else."""
    return {one["id"] for one in centre.all("receipted")}


async def test_a_link_that_breaks_is_bound_again_and_what_was_on_it_goes_out(
    database: Database, tmp_path: Path
) -> None:
    async with smsc() as centre, office(database, tmp_path, centre) as here:
        await centre.mood(silent=True)
        sending = asyncio.create_task(here.send("hello"))
        await centre.when(lambda: len(centre.submitted) == 1)
        await centre.drop()
        broken = await here.job(await sending)
        await centre.mood(silent=False)
        down = await here.job(await here.send("while it is down", "+8613900139000"))
        await centre.bound(2)
        await until(lambda: here.link.is_up)
        here.clock.passes(seconds=60)
        await here.turn()
        jobs = [await here.job(job.id) for job in (broken, down)]

    assert (broken.state, down.state) == ("waiting", "waiting")
    assert "no connection" in (down.failure or "")
    assert [(job.state, job.failure) for job in jobs] == [("sent", None)] * 2


async def test_a_wrong_password_is_told_and_asked_again_no_text_is_lost(
    database: Database, tmp_path: Path
) -> None:
    async with (
        smsc() as centre,
        office(database, tmp_path, centre, bound=False, password="wrong") as here,
    ):
        job = await here.job(await here.send("hello"))
        await asyncio.sleep(0.3)

    assert centre.all("bound") == []
    assert job.state == "waiting"


async def test_who_ends_says_goodbye(database: Database, tmp_path: Path) -> None:
    async with smsc() as centre:
        async with office(database, tmp_path, centre):
            pass
        await centre.when(lambda: bool(centre.all("unbound")))


@pytest.mark.parametrize(
    ("text", "coding"), [("Hello €", 0), ("余额 😀", 8)], ids=["in the alphabet", "Chinese"]
)
async def test_a_text_is_kept_before_the_centre_is_told_so(
    database: Database, tmp_path: Path, text: str, coding: int
) -> None:
    octets = septets(text) if coding == 0 else text.encode("utf-16-be")
    async with smsc() as centre, office(database, tmp_path, centre) as here:
        await centre.deliver(LI[1:], OURS, octets, coding)
        await centre.when(lambda: bool(centre.all("answered")))
        texts = await here.texts()

    assert [one["status"] for one in centre.all("answered")] == [0]
    assert texts == [(LI, text)]


async def test_as_long_as_it_cannot_be_kept_the_centre_is_to_come_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with smsc() as centre, office(database, tmp_path, centre) as here:
        with monkeypatch.context() as away:
            away.setattr(here.changes, "begin", _refused)
            await centre.deliver(LI[1:], OURS, b"hello")
            await centre.when(lambda: len(centre.all("answered")) == 1)
        await centre.deliver(LI[1:], OURS, b"hello")
        await centre.when(lambda: len(centre.all("answered")) == 2)
        texts = await here.texts()

    assert [one["status"] for one in centre.all("answered")] == [0x64, 0]
    assert texts == [(LI, "hello")]


def _refused(_: str) -> Any:
    raise ConnectionRefusedError


async def test_a_fault_of_ours_takes_no_connection_down(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with smsc() as centre, office(database, tmp_path, centre) as here:
        with monkeypatch.context() as faulty:
            faulty.setattr(here.changes, "begin", None)
            await centre.deliver(LI[1:], OURS, b"hello")
            await centre.deliver(LI[1:], OURS, b"id:1 stat:DELIVRD", receipt=True)
            await centre.when(lambda: len(centre.all("answered")) == 2)
        sent = await here.job(await here.send("still there"))

    assert [one["status"] for one in centre.all("answered")] == [0x64, 0x64]
    assert (sent.state, len(centre.all("bound"))) == ("sent", 1)


async def test_a_receipt_in_hexadecimal_of_an_id_in_decimal_is_found_by_the_number(
    database: Database, tmp_path: Path
) -> None:
    async with smsc() as centre, office(database, tmp_path, centre) as here:
        await centre.mood(receipts="none")
        job_id = await here.send("hello")
        [submitted] = centre.submitted
        said = f"id:{int(submitted['id']):X} stat:DELIVRD err:000"
        await centre.deliver("8613900139000", OURS, said.encode(), receipt=True)
        await centre.deliver(LI[1:], OURS, b"not a receipt")
        await centre.when(lambda: len(centre.all("answered")) == 2)
        of_another = await here.delivery(job_id)
        await centre.deliver(LI[1:], OURS, said.lower().encode(), receipt=True)
        delivery = await here.until_delivery(job_id)
        other = await here.send("hello again")
        told = f"id:{centre.submitted[-1]['id']} stat:DELIVRD err:000"
        await centre.deliver("Network", OURS, told.encode(), receipt=True)
        of_nobody = await here.until_delivery(other)

    assert (of_another, delivery, of_nobody) == (None, "delivered", "delivered")


async def test_the_parts_of_a_text_come_in_any_order_and_twice(
    database: Database, tmp_path: Path
) -> None:
    first, second = ("您好" * 30).encode("utf-16-be"), "再见".encode("utf-16-be")
    async with smsc() as centre, office(database, tmp_path, centre) as here:
        for octets, part in ((second, 2), (second, 2), (first, 1)):
            await centre.deliver(LI[1:], OURS, octets, 8, f"05000309020{part}")
        await centre.when(lambda: len(centre.all("answered")) == 3)
        texts = await here.texts()
        async with database.readers() as session:
            left = (await session.scalars(select(SmsFragment))).all()

    assert texts == [(LI, "您好" * 30 + "再见")]
    assert left == []


async def test_a_text_whose_part_never_comes_is_taken_with_what_there_is(
    database: Database, tmp_path: Path
) -> None:
    async with smsc() as centre, office(database, tmp_path, centre) as here:
        await centre.deliver(LI[1:], OURS, b"first ", 0, "050003090301")
        await centre.deliver(LI[1:], OURS, b"third", 0, "050003090303")
        await centre.when(lambda: len(centre.all("answered")) == 2)
        before = await here.texts()
        at = await here.arrivals.earliest()
        here.clock.at += WAITED_FOR
        await here.arrivals.do(here.clock.now())
        texts = await here.texts()
        over = await here.arrivals.earliest()

    assert (before, over) == ([], None)
    assert at is not None
    assert at <= here.clock.now() <= at + timedelta(seconds=1)
    assert texts == [(LI, "first  […] third")]


async def test_what_is_for_no_number_of_ours_is_refused_and_what_is_no_text_is_gone(
    database: Database, tmp_path: Path
) -> None:
    async with smsc() as centre, office(database, tmp_path, centre) as here:
        await centre.deliver(LI[1:], "10699999", b"hello", name="elsewhere")
        await centre.deliver(LI[1:], OURS, b"\1\2\3", 4, name="binary")
        await centre.deliver(LI[1:], OURS, b"hello", name="good")
        await centre.when(lambda: len(centre.all("answered")) == 3)
        texts = await here.texts()

    assert {one["name"]: one["status"] for one in centre.all("answered")} == {
        "elsewhere": 0x66,
        "binary": 0,
        "good": 0,
    }
    assert texts == [(LI, "hello")]


async def test_a_centre_that_speaks_nonsense_is_left_and_bound_again() -> None:
    """Not a real one: no real one would."""
    connections = list[asyncio.StreamWriter]()

    async def nonsense(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        with suppress(OSError):
            await writer.drain()

    server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    gateway = SmppSettings.model_validate(
        {
            "kind": "smpp",
            "host": "127.0.0.1",
            "port": port,
            "system_id": SYSTEM_ID,
            "password": PASSWORD,
        }
    )
    loop = asyncio.get_running_loop()
    link = SmppLink("carrier", gateway, PASSWORD, None, loop.time, lambda: 0.0, TIMES)

    async def taken(*_: Any) -> list[int]:
        return []

    link.open(taken)
    link.start()
    await until(lambda: len(connections) == 2)
    assert not link.is_up
    await link.close()
    for writer in connections:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    server.close()


def test_a_turnstile_keeps_the_pace_and_waits_longer_each_time_that_it_is_too_much() -> None:
    now = [100.0]
    turnstile = Turnstile(10, lambda: now[0])

    paces = [turnstile.wait() for _ in range(3)]
    pauses = []
    for _ in range(8):
        now[0] += 1000.0
        turnstile.throttled()
        pauses.append(turnstile.wait())
    turnstile.flowing()
    now[0] += 1000.0
    turnstile.throttled()

    assert paces == pytest.approx([0.0, 0.1, 0.2])
    assert pauses[:3] == [THROTTLED_FOR, 2 * THROTTLED_FOR, 4 * THROTTLED_FOR]
    assert max(pauses) == LONGEST_THROTTLE
    assert turnstile.wait() == THROTTLED_FOR
