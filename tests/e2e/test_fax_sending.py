"""A fax that is hard to get through: other trunks, again later, and by mail in the end."""

import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from simulator.phone import decline
from tests.fakes.mail_server import PASSWORD, USERNAME, MailServer
from tests.fax_sms_email.fax.pages import document

from .carrier import LOOPBACK, carrier, trunk
from .centre import LI, Centre, centre, queue
from .people import Caller
from .test_fax import BANK, NINA, OFFICE, SHORT, attempts_of, office_changes
from .test_fax_line import asked

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

BUSY_EVERYWHERE = "+862155550009"


@dataclass
class World:
    bank: Centre
    office: Centre
    post: MailServer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A bank with two trunks, of which one finds every machine busy; an office; a mail server."""
    folder = tmp_path_factory.mktemp("sending")
    async with AsyncExitStack() as stack:
        post = MailServer()
        stack.push_async_callback(post.close)
        await post.start()
        office = await stack.enter_async_context(centre(folder / "office", LI, **office_changes()))
        poor = await stack.enter_async_context(carrier())
        for number in (OFFICE, BUSY_EVERYWHERE):
            poor.add(number).on_ring = decline(486)
        file = document(folder / "prices.tif", 2, **SHORT)
        good = {
            "name": "good",
            "outbound": {"to": f"sip:127.0.0.1:{office.server.sip_port}", "caller_id": BANK},
        }
        bank = await stack.enter_async_context(
            centre(
                folder / "bank",
                LI,
                flows=(),
                queues=[queue("operator")],
                numbers={"1018": {"flow": "shipped:fax.yaml"}},
                customers=f"external_id,name,phone,email\nC1,李娜,{NINA},nina@home.example\n".encode(),
                sip={"trunks": [LOOPBACK, trunk("poor", poor), good]},
                routes=[
                    {"prefix": BUSY_EVERYWHERE, "trunks": ["poor"]},
                    {"prefix": "+86", "trunks": ["poor", "good"]},
                ],
                fax={
                    "number": "+86 755 12345678",
                    "retry_after": 1,
                    "attempts": 3,
                    "documents": {"101": {"titles": {"en": "Price list"}, "file": str(file)}},
                },
                mail={
                    "host": "127.0.0.1",
                    "port": post.port,
                    "ca_file": str(post.trust),
                    "username": USERNAME,
                    "password": PASSWORD,
                    "sender": "hotline@bank.example",
                    "retry_after": 1,
                },
            )
        )
        yield World(bank, office, post)


async def requested(world: World, number: str) -> Caller:
    """A caller has the price list faxed there; nobody of the centre has a hand in it."""
    caller = world.bank.caller(number=NINA)
    await caller.dial("1018")
    await asked(caller, "welcome", "9")
    await asked(caller, "which", "2")
    await asked(caller, "number", number.replace("+86", "0") + "#")
    await asked(caller, "confirm", "1")
    await asked(caller, "code", "101#")
    await asked(caller, "requested")
    return caller


async def timeline(world: World) -> list[dict[str, Any]]:
    li = world.bank.agents["li"].desk
    [known] = (await li.get("/api/v1/customer-search?q=C1"))["items"]
    found: list[dict[str, Any]] = (await li.get(f"/api/v1/customers/{known['id']}/timeline"))[
        "items"
    ]
    return found


def of_fax(entries: list[dict[str, Any]], contact_id: str) -> list[tuple[str, Any]]:
    """The kinds of a fax's entries, the oldest first, and whether it went by mail."""
    return [
        (one["kind"], one["data"].get("by_mail"))
        for one in reversed(entries)
        if one["kind"].startswith("fax_") and one["data"]["contact_id"] == contact_id
    ]


@pytest.mark.req("FX-03")
async def test_it_goes_over_another_trunk_page_by_page_and_where_none_leads_there_by_mail(
    world: World,
) -> None:
    caller = await requested(world, OFFICE)
    sent = await world.bank.book.when(
        "message.sent", within=120, contact_id=caller.contact_id, channel="fax"
    )
    job_id = sent.data["job_id"]
    tries = await attempts_of(world.bank, job_id)
    assert [(one["trunk"], one["sent"], one["pages"]) for one in tries] == [
        ("poor", False, 0),
        ("good", True, 2),
    ]
    pages = [
        seen.data["page"]
        for seen in world.bank.book.seen
        if seen.event == "fax.page_confirmed" and seen.data["job_id"] == job_id
    ]
    assert pages == [1, 2]
    assert of_fax(await timeline(world), caller.contact_id) == [
        ("fax_requested", None),
        ("fax_sent", False),
    ]
    assert world.post.received() == []

    caller = await requested(world, BUSY_EVERYWHERE)
    failed = await world.bank.book.when(
        "message.failed", within=120, contact_id=caller.contact_id, channel="fax"
    )
    tries = await world.bank.chief.when(
        f"/api/v1/outbox/{failed.data['job_id']}/fax-attempts",
        lambda rows: len(rows) == 3 and rows[-1]["ended_at"],
    )
    assert [(one["trunk"], one["cause"]) for one in tries] == [("poor", "busy")] * 3
    assert all(one["at"] < other["at"] for one, other in itertools.pairwise(tries))
    [mail] = await world.post.mails(1)
    assert mail["To"] == "nina@home.example"
    assert mail["Subject"] == "The document that you asked for: Price list"
    [part] = mail.iter_attachments()
    assert (part.get_content_type(), part.get_filename()) == ("application/pdf", "Price list.pdf")
    assert part.get_content().startswith(b"%PDF-")
    assert of_fax(await timeline(world), caller.contact_id) == [
        ("fax_requested", None),
        ("fax_failed", True),
    ]
