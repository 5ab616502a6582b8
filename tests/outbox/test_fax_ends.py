"""How a fax ended: told on the timeline, and sent by mail where that is wanted."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crm.contact_points import Address
from cti_server.outbox.ends import Concluded
from cti_server.outbox.fax_documents import NotMade
from cti_server.outbox.fax_ends import FaxEnds
from cti_server.store.consents import Consent
from cti_server.store.customers import ContactPoint, Customer
from cti_server.store.database import Database
from cti_server.store.outbox import DEAD, SENT, OutboxJob
from cti_server.store.timeline import TimelineEvent
from fax_sms_email.errors import NotSent
from tests.store.stories import NINE

from .post_office import PostOffice, open_post_office

BUSY = NotSent("busy", permanent=False)


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[PostOffice]:
    async with open_post_office(database, tmp_path) as office:
        yield office


async def known(
    office: PostOffice, mail: str | None = "nina@home.example", **preferences: Any
) -> None:
    one = Customer(
        id="c1",
        kind="person",
        name="李娜",
        preferences=preferences,
        created_at=NINE,
        updated_at=NINE,
    )
    if mail is not None:
        one.contact_points = [ContactPoint.of(Address("mail", mail, mail))]
    async with office.database.sessions.begin() as session:
        session.add(one)


async def ended(
    office: PostOffice,
    failure: NotSent | None,
    *,
    by_mail: bool = True,
    customer_id: str | None = "c1",
    prefix: str = "a",
) -> None:
    numbers = count(1)
    ends = FaxEnds(lambda: f"{prefix}{next(numbers)}", "Asia/Shanghai", by_mail=by_mail)
    job = OutboxJob(
        id="fax",
        key="fax",
        channel="fax",
        recipient="+862155550001",
        content={
            "document": "201",
            "title": "对账单",
            "language": "zh",
            "values": {"account": "6222"},
        },
        created_at=NINE,
        wanted_at=NINE,
        due_at=NINE,
        state=SENT if failure is None else DEAD,
        attempts=3,
        customer_id=customer_id,
        contact_id="k1",
    )
    async with office.changes.begin("system") as change:
        await ends.concluded(change, [Concluded(job=job, failure=failure)], office.clock.now())


async def told(office: PostOffice) -> list[tuple[str, str, bool]]:
    async with office.database.readers() as session:
        found = await session.scalars(select(TimelineEvent).order_by(TimelineEvent.at))
        return [(one.kind, one.title, one.data["by_mail"]) for one in found]


async def mails(office: PostOffice) -> list[OutboxJob]:
    async with office.database.readers() as session:
        return list(await session.scalars(select(OutboxJob).where(OutboxJob.channel == "email")))


async def test_what_arrived_is_on_the_timeline_and_nothing_is_mailed(office: PostOffice) -> None:
    await known(office)
    await ended(office, None)
    assert await told(office) == [("fax_sent", "对账单", False)]
    assert await mails(office) == []


async def test_what_was_given_up_goes_by_mail_once_and_the_timeline_says_so(
    office: PostOffice,
) -> None:
    await known(office)
    await ended(office, BUSY)
    office.clock.passes(hours=1)
    await ended(office, BUSY, prefix="b")  # somebody had it tried again
    assert await told(office) == [("fax_failed", "对账单", True), ("fax_failed", "对账单", False)]
    [mail] = await mails(office)
    assert mail.recipient == "nina@home.example"
    [attached] = mail.content["attachments"]
    assert attached["name"] == "对账单.pdf"
    assert attached["document"]["values"] == {"account": "6222"}


@pytest.mark.parametrize(
    ("failure", "mail", "by_mail", "preferences"),
    [
        (BUSY, None, True, {}),
        (BUSY, "nina@home.example", False, {}),
        (BUSY, "nina@home.example", True, {"never": ["mail"]}),
        (NotMade("no template", permanent=True), "nina@home.example", True, {}),
    ],
)
async def test_who_has_no_address_wants_no_mail_or_whose_document_is_none_gets_none(
    office: PostOffice,
    failure: NotSent,
    mail: str | None,
    by_mail: bool,
    preferences: dict[str, Any],
) -> None:
    await known(office, mail, **preferences)
    await ended(office, failure, by_mail=by_mail)
    assert await told(office) == [("fax_failed", "对账单", False)]
    assert await mails(office) == []


async def test_who_refused_mail_about_services_gets_none(office: PostOffice) -> None:
    await known(office)
    async with office.database.sessions.begin() as session:
        session.add(
            Consent(
                id="s",
                customer_id="c1",
                channel="mail",
                purpose="service",
                given=False,
                source="call",
                at=NINE,
                recorded_by="li",
            )
        )
    await ended(office, BUSY)
    assert await mails(office) == []


async def test_in_quiet_hours_the_mail_waits_for_their_end(office: PostOffice) -> None:
    quiet = [{"start": "16:00", "end": "19:30"}]  # it is 17:00 there
    await known(office, quiet_hours=quiet)
    await ended(office, BUSY)
    [mail] = await mails(office)
    assert (mail.wanted_at - NINE).total_seconds() == 2.5 * 3600


async def test_a_fax_for_nobody_whom_we_know_leaves_nothing(office: PostOffice) -> None:
    await ended(office, BUSY, customer_id=None)
    await ended(office, BUSY, customer_id="gone", prefix="b")
    assert (await told(office), await mails(office)) == ([], [])
