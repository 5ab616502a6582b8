"""Callers' messages become mails: once for each address, whatever dies in between."""

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from config.floor import QueueSettings
from config.mail import MailboxSettings
from cti_server.outbox.voicemails import VoicemailMails
from cti_server.store.database import Database
from cti_server.store.outbox import OutboxJob
from cti_server.wire.events import Logged, RecordingStored
from fax_sms_email.letters import Attachment, Letter
from tests.store.logs import CountingClock, open_log
from tests.store.stories import NINE

ADDRESSES = ("desk@bank.example", "head@bank.example")
BOXES = {
    "mail": MailboxSettings(
        mail=ADDRESSES, language="zh", link="https://desk.example/#/{contact_id}"
    ),
    "secret": MailboxSettings(mail=ADDRESSES[:1], language="en"),
    "silent": MailboxSettings(),
}
QUEUES = {
    "mail": QueueSettings(name="mail", title={"zh": "客户服务", "en": "Service"}),
    "secret": QueueSettings(name="secret", mask_numbers=True),
    "silent": QueueSettings(name="silent"),
}
_ids = count(1)


def mails_of(database: Database, woken: list[str]) -> VoicemailMails:
    return VoicemailMails(
        BOXES,
        QUEUES,
        database,
        CountingClock(),
        lambda: f"mail-{next(_ids)}",
        language="zh",
        time_zone="Asia/Shanghai",
        due_changed=lambda: woken.append("woken"),
    )


def stored(recording_id: str, queue: str = "mail", **changes: Any) -> RecordingStored:
    usual: dict[str, Any] = {
        "recording_id": recording_id,
        "call_id": "call",
        "contact_id": f"contact-{recording_id}",
        "interaction_id": "",
        "agent_id": "",
        "queue": queue,
        "caller_number": "13800138000",
        "dialled_number": "1000",
        "started_at": datetime(2026, 11, 22, 1, 30, tzinfo=UTC),
        "duration": 75.4,
        "file": f"2026/11/22/{recording_id}.wav",
        "size": 1,
        "sha256": "",
        "codec": "PCMU",
        "kind": "message",
    }
    return RecordingStored(**(usual | changes))


async def jobs_in(database: Database) -> list[OutboxJob]:
    async with database.readers() as session:
        query = select(OutboxJob).order_by(OutboxJob.key)
        return list(await session.scalars(query))


async def test_each_address_of_a_mailbox_gets_a_mail_and_nobody_else_does(
    database: Database,
) -> None:
    woken: list[str] = []
    mails = mails_of(database, woken)
    said = [
        stored("m-1"),
        stored("m-2", "silent"),
        stored("m-3", ""),  # a complaint of a call
        stored("m-4", kind="conversation"),
        stored("m-5", "secret"),
        stored("m-6", "secret", caller_number="anonymous"),
    ]
    for number, event in enumerate(said):
        mails.hear(Logged(number, NINE, event))
    assert len(woken) == 3
    first = NINE + timedelta(seconds=1)  # the clock goes on, and it stays due since then
    assert [await mails.earliest() for _ in range(2)] == [first, first]
    await mails.do(NINE)

    jobs = await jobs_in(database)
    assert [(job.recipient, job.contact_id, job.channel) for job in jobs] == [
        ("desk@bank.example", "contact-m-1", "email"),
        ("head@bank.example", "contact-m-1", "email"),
        ("desk@bank.example", "contact-m-5", "email"),
        ("desk@bank.example", "contact-m-6", "email"),
    ]
    chinese, _, masked, withheld = [msgspec.convert(job.content, Letter) for job in jobs]
    assert chinese.subject == "语音留言：13800138000（客户服务）"
    assert "时间：2026-11-22 09:30\n时长：1分15秒\n" in chinese.text
    assert chinese.text.endswith("\nhttps://desk.example/#/contact-m-1\n")
    name = "语音留言 2026-11-22 09.30.wav"
    assert chinese.attachments == (Attachment(name, "2026/11/22/m-1.wav"),)
    assert chinese.automatic
    assert "13800138000" not in masked.subject + masked.text
    assert 'mailbox "secret"' in masked.text
    assert withheld.subject == "Message from a withheld number (secret)"
    assert await mails.earliest() is None


async def test_what_a_crash_kept_from_the_outbox_is_put_there_once(
    database: Database, tmp_path: Path
) -> None:
    before = mails_of(database, [])
    async with open_log(database, tmp_path / "journal") as log:
        for event in (stored("m-1"), stored("m-2"), stored("m-3", "silent")):
            log.append(event)
        log.append(stored("m-0", started_at=NINE - timedelta(days=4)))
        await log.stored()
        [first] = [one for one in await log.since(0) if one.event == stored("m-1")]
        before.hear(first)
        await before.do(NINE)

    after = mails_of(database, [])
    await after.take_up()
    after.hear(first)  # its capture was still there: the next start stored it again
    await after.do(NINE)

    assert [job.key for job in await jobs_in(database)] == [
        f"voicemail {message} {address}" for message in ("m-1", "m-2") for address in ADDRESSES
    ]
