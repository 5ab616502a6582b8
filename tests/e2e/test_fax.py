"""Two of our servers fax each other, over SIP, by T.38 and by audio, as they agree on it."""

import io
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from tests.fax_sms_email.fax.pages import document, pages_of

from .carrier import LOOPBACK
from .centre import LI, Centre, centre, queue
from .next_life import risen
from .people import Caller, Hire
from .test_fax_line import asked

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

NINA = "+8613800138000"
OFFICE, DEAF, BANK = "+862155550001", "+862155550002", "+8675512345678"
SHORT = {"rows": 500, "lines": 98}


@dataclass
class World:
    """A bank that faxes what callers ask for, and an office with a fax machine."""

    bank: Centre
    office: Centre
    sent: Path

    async def requested(self, number: str, keys: str = "101") -> Caller:
        """A caller has a document faxed to that number."""
        caller = self.bank.caller(number=NINA)
        await caller.dial("1018")
        await asked(caller, "welcome", "9")
        await asked(caller, "which", "2")
        await asked(caller, "number", number.replace("+86", "0") + "#")
        await asked(caller, "confirm", "1")
        await asked(caller, "code", f"{keys}#")
        return caller


def office_changes(**fax: Any) -> dict[str, Any]:
    return {
        "flows": (),
        "queues": [queue("faxes")],
        "numbers": {OFFICE: {"queue": "faxes", "fax": True}},
        "customers": f"external_id,name,phone\nB1,示范银行,{BANK}\n".encode(),
        "fax": {"number": "+86 21 55550001", **fax},
    }


def bank_changes(office_at: int, file: Path, **fax: Any) -> dict[str, Any]:
    trunk = {
        "name": "carrier",
        "outbound": {"to": f"sip:127.0.0.1:{office_at}", "caller_id": BANK},
    }
    return {
        "flows": (),
        "queues": [queue("operator")],
        "numbers": {"1018": {"flow": "shipped:fax.yaml"}},
        "customers": f"external_id,name,phone\nC1,李娜,{NINA}\n".encode(),
        "sip": {"trunks": [LOOPBACK, trunk]},
        "routes": [{"prefix": "+86", "trunks": ["carrier"]}],
        "fax": {
            "number": "+86 755 12345678",
            "header": "Example Bank",
            "retry_after": 1,
            "documents": {"101": {"titles": {"en": "Price list"}, "file": str(file)}},
            **fax,
        },
    }


@asynccontextmanager
async def world(
    folder: Path, *, office: dict[str, Any], bank: dict[str, Any], clerks: Sequence[Hire] = (LI,)
) -> AsyncIterator[World]:
    """``clerks``: the agents of the office."""
    sent = document(folder / "sent.tif", 2, **SHORT)
    async with centre(folder / "office", *clerks, **office_changes(**office)) as there:
        port = there.server.sip_port
        async with centre(folder / "bank", LI, **bank_changes(port, sent, **bank)) as here:
            yield World(here, there, sent)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("fax")
    async with world(folder, office={}, bank={}) as it:
        yield it


async def sent(world: World, caller: Caller, within: float = 90) -> dict[str, Any]:
    """The attempt that brought it there."""
    done = await world.bank.book.when(
        "message.sent", within=within, contact_id=caller.contact_id, channel="fax"
    )
    return (await attempts_of(world.bank, done.data["job_id"]))[-1]


async def attempts_of(bank: Centre, job_id: str) -> list[dict[str, Any]]:
    """When the last one is over."""
    found: list[dict[str, Any]] = await bank.chief.when(
        f"/api/v1/outbox/{job_id}/fax-attempts", lambda rows: rows and rows[-1]["ended_at"]
    )
    return found


async def test_a_document_that_a_caller_asked_for_is_faxed_and_reaches_an_agent(
    both: World,
) -> None:
    """By T.38, page by page, and the customer who sent it is known by the fax number."""
    li = both.office.agents["li"]
    await li.desk.set_state("ready")
    caller = await both.requested(OFFICE)
    came = await both.office.book.when("contact.received", within=90, channel="fax")
    attempt = await sent(both, caller)
    assert (attempt["way"], attempt["sent"], attempt["trunk"]) == ("t38", True, "carrier")
    assert (attempt["pages"], attempt["document_pages"]) == (2, 2)
    assert attempt["remote_ident"] == "+86 21 55550001"
    contact_id = came.data["contact_id"]
    await both.office.book.when("contact.offered", contact_id=contact_id, agent_id="li")
    await li.desk.post(f"/api/v1/work/{contact_id}/accept")
    view = await li.desk.get(f"/api/v1/contacts/{contact_id}/fax")
    assert (view["pages"], view["whole"], view["way"]) == (2, True, "t38")
    assert view["ident"] == "+86 755 12345678"
    contact = await li.desk.get(f"/api/v1/contacts/{contact_id}")
    assert contact["contact"]["channel"] == "fax"
    assert len(contact["contact"]["customer_ids"]) == 1


async def test_what_came_is_shown_as_it_was_sent(both: World) -> None:
    """As a PDF and page by page, to who had it in hand; each look is in the audit."""
    li = both.office.agents["li"]
    contact_id = (await both.office.book.when("contact.received", channel="fax")).data["contact_id"]
    headers = {"Authorization": f"Bearer {li.desk.token}"}
    async with aiohttp.ClientSession(both.office.server.api, headers=headers) as session:
        async with session.get(f"/api/v1/contacts/{contact_id}/fax.pdf") as answered:
            assert answered.status == 200
            pdf = await answered.read()
        async with session.get(f"/api/v1/contacts/{contact_id}/fax/2.png") as answered:
            page = await answered.read()
        async with session.get(f"/api/v1/contacts/{contact_id}/fax/3.png") as answered:
            assert answered.status == 404
    assert pdf.startswith(b"%PDF-")
    with Image.open(io.BytesIO(page)) as shown:
        drawn = np.array(shown.convert("L"))
    wanted = pages_of(both.sent)[1]
    # Half as wide, its lines as far apart as its columns; the sender's header on top.
    assert drawn.shape[1] == wanted.shape[1] // 2
    black = 1 - wanted.mean()
    assert abs((1 - drawn.mean() / 255) - black) < 0.05
    await both.office.book.when("record.read", record="fax_document", record_id=contact_id)


async def test_whom_nobody_knows_is_not_shown_a_fax(both: World) -> None:
    came = await both.office.book.when("contact.received", channel="fax")
    where = f"/api/v1/contacts/{came.data['contact_id']}/fax"
    async with (
        aiohttp.ClientSession(both.office.server.api) as session,
        session.get(f"{where}.pdf") as answered,
    ):
        assert answered.status == 401
    assert await both.office.chief.get(where)  # a supervisor reads others' contacts
    headers = {"Authorization": f"Bearer {both.office.chief.token}"}
    async with (
        aiohttp.ClientSession(both.office.server.api, headers=headers) as session,
        session.get("/api/v1/contacts/nobody/fax.pdf") as answered,
    ):
        assert answered.status == 404


async def test_a_number_that_is_none_of_theirs_is_a_dead_letter_at_once(both: World) -> None:
    caller = await both.requested("+862155550099")
    failed = await both.bank.book.when(
        "message.failed", within=60, contact_id=caller.contact_id, channel="fax"
    )
    assert failed.data["permanent"] is True
    (attempt,) = await attempts_of(both.bank, failed.data["job_id"])
    assert (attempt["answered"], attempt["cause"]) == (False, "unknown-number")


async def test_where_the_other_side_does_no_t38_it_goes_by_audio(tmp_path: Path) -> None:
    async with world(tmp_path, office={"t38": False}, bank={}) as it:
        caller = await it.requested(OFFICE)
        came = await it.office.book.when("contact.received", within=90, channel="fax")
        attempt = await sent(it, caller)
        assert (attempt["way"], attempt["sent"], attempt["pages"]) == ("audio", True, 2)
        view = await fax_of(it.office, came.data["contact_id"])
        assert (view["whole"], view["way"]) == (True, "audio")


async def test_where_we_take_no_t38_the_call_goes_on_by_audio(tmp_path: Path) -> None:
    """The office proposes it, we answer 488, and not a page is lost for that."""
    async with world(tmp_path, office={}, bank={"t38": False}) as it:
        caller = await it.requested(OFFICE)
        assert (await sent(it, caller))["way"] == "audio"
        refused = await it.office.server.logged("fax.t38_refused")
        assert "488" in refused["reason"]


async def test_killed_in_the_midst_of_a_page_both_ends_go_on_after_it(tmp_path: Path) -> None:
    """The sender sends the whole again; the receiver keeps the pages that it had confirmed."""
    async with world(tmp_path, office={}, bank={}) as it:
        await it.requested(OFFICE)
        await it.bank.book.when("fax.page_confirmed", within=90, page=1)
        await it.bank.server.kill()
        half = await it.office.book.when("contact.received", within=60, channel="fax")
        view = await fax_of(it.office, half.data["contact_id"])
        assert (view["pages"], view["whole"]) == (1, False)
        assert view["reason"]
        async with risen(it.bank) as bank:
            whole = await it.office.book.when(
                "contact.received", after=half.sequence, within=90, channel="fax"
            )
            view = await fax_of(it.office, whole.data["contact_id"])
            assert (view["pages"], view["whole"]) == (2, True)
            page = await bank.chief.when(
                "/api/v1/outbox?channel=fax", lambda page: page["items"][0]["state"] == "sent"
            )
            assert page["items"][0]["attempts"] == 2


async def test_a_receiver_that_is_killed_has_the_pages_that_it_confirmed(tmp_path: Path) -> None:
    async with world(tmp_path, office={"queue": "faxes"}, bank={"attempts": 1}) as it:
        await it.requested(OFFICE)
        await it.bank.book.when("fax.page_confirmed", within=90, page=1)
        await it.office.server.kill()
        async with risen(it.office) as office:
            found = await office.chief.when(
                "/api/v1/contacts?limit=50",
                lambda rows: any(row["channel"] == "fax" for row in rows),
                within=60,
            )
            (one,) = [row for row in found if row["channel"] == "fax"]
            view = await fax_of(office, one["id"])
            assert (view["pages"], view["whole"]) == (1, False)
            assert view["reason"] == "the server died"


async def test_what_was_confirmed_outlives_the_process_that_received_it(tmp_path: Path) -> None:
    async with world(tmp_path, office={}, bank={"attempts": 1}) as it:
        await it.requested(OFFICE)
        machines = await it.office.server.logged("fax.process_started")
        await it.bank.book.when("fax.page_confirmed", within=90, page=1)
        os.kill(int(machines["pid"]), signal.SIGKILL)
        came = await it.office.book.when("contact.received", within=60, channel="fax")
        view = await fax_of(it.office, came.data["contact_id"])
        attempt = await it.bank.book.when("fax.attempted", within=60)
    assert (view["pages"], view["whole"], view["way"]) == (1, False, "t38")
    assert "died" in view["reason"]
    assert (attempt.data["pages"], attempt.data["sent"]) == (1, False)


async def fax_of(office: Centre, contact_id: str) -> dict[str, Any]:
    view: dict[str, Any] = await office.chief.when(
        f"/api/v1/contacts/{contact_id}/fax", lambda view: "pages" in view
    )
    return view
