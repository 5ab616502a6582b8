"""Fax on demand by a caller's keys: which document, to which number, and that it is kept."""

import json
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from config.settings import SHIPPED
from cti_server.speech.library import PromptLibrary
from cti_server.speech.value_clips import ValueClips
from ivr.texts import SayAs
from tests.running_server import PROMPT_CACHE

from . import possessions
from .centre import LI, Centre, centre, queue
from .next_life import bury, risen
from .people import Caller, passed
from .sounds import joined_in, said_in

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

LINE, NINA = "1018", "+8613800138000"
PREMIUM = "13300001234"
NO_SUCH_DOCUMENT = "Sorry, there is no such document."
BAD_NUMBER = "Sorry, we cannot send a fax to that number."
DOCUMENTS = {
    "101": {"titles": {"zh": "价目表", "en": "Price list"}},
    "102": {"titles": {"en": "Terms of service"}},
}
CHANGES: dict[str, Any] = {
    "flows": (),
    "numbers": {LINE: {"flow": "shipped:fax.yaml"}},
    "queues": [queue("operator")],
    "customers": f"external_id,name,phone\nC1,李娜,{NINA}\n".encode(),
    "routes": [{"prefix": "+86133", "trunks": []}],
    "fax": {
        "documents": {
            code: {**one, "file": str(SHIPPED / "demo" / "price-list.pdf")}
            for code, one in DOCUMENTS.items()
        }
    },
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    async with centre(tmp_path_factory.mktemp("fax"), LI, **CHANGES) as it:
        yield it


async def asked(caller: Caller, node: str, keys: str = "") -> None:
    """At that node, once more than before, the caller presses these keys."""
    entered = await caller.happens("contact.node_entered", node=node)
    caller.after = entered.sequence
    if keys:
        await caller.call.press(keys, duration_ms=60, gap_ms=40)


async def has_dialled(hotline: Centre, number: str | None = None) -> Caller:
    caller = hotline.caller(number=number)
    await caller.dial(LINE)
    await asked(caller, "welcome", "9")
    return caller


async def read_back(caller: Caller, number: str) -> None:
    """Wait until the number was heard, figure by figure."""
    with ThreadPoolExecutor(1) as jobs:  # for nothing: the server has rendered them
        clips = ValueClips(PromptLibrary(PROMPT_CACHE, jobs=jobs), "CN")
        await clips.prepare(["en"])
    while not joined_in(caller.call.heard.everything(), clips.said(number, SayAs.PHONE, "en")):
        await passed(caller.call, 0.3)


async def heard(caller: Caller, text: str) -> None:
    while not said_in(caller.call.heard.everything(), text):
        await passed(caller.call, 0.2)


async def leaves(caller: Caller) -> None:
    caller.call.hang_up()
    await caller.over()


async def faxes_of(hotline: Centre, caller: Caller) -> list[dict[str, Any]]:
    """What the outbox shows of this caller's call."""
    page = await hotline.chief.get("/api/v1/outbox?channel=fax&limit=200")
    return [one for one in page["items"] if one["contact_id"] == caller.contact_id]


def kept_of(hotline: Centre, caller: Caller) -> set[tuple[str, str]]:
    """Which documents are to go to which numbers, as whoever sends them reads it."""
    query = "SELECT content, recipient FROM outbox_job WHERE channel = 'fax' AND contact_id = ?"
    with closing(sqlite3.connect(hotline.server.data / "hotline.db")) as database:
        found = database.execute(query, [caller.contact_id]).fetchall()
    return {(json.loads(content)["document"], number) for content, number in found}


async def test_a_document_is_picked_by_its_code_for_the_number_that_was_read_back(
    hotline: Centre,
) -> None:
    """A wrong code is asked for again; the same once more is one fax, another one is another."""
    nina = await has_dialled(hotline, NINA)
    await asked(nina, "which", "1")
    await asked(nina, "confirm")
    await read_back(nina, NINA)
    assert await faxes_of(hotline, nina) == []
    await nina.call.press("1")
    await asked(nina, "code", "999#")
    await asked(nina, "no_such_document")
    await heard(nina, NO_SUCH_DOCUMENT)
    await asked(nina, "code", "101#")
    await asked(nina, "requested", "1")
    await asked(nina, "code", "101#")
    await asked(nina, "requested", "1")
    await asked(nina, "code", "102#")
    await asked(nina, "requested")
    await leaves(nina)

    assert kept_of(hotline, nina) == {("101", NINA), ("102", NINA)}
    faxes = await faxes_of(hotline, nina)
    assert [(one["state"], one["held"], one["attempts"]) for one in faxes] == [
        ("waiting", "no_sender", 0)
    ] * 2
    assert not any(NINA in one["recipient"] for one in faxes)  # whoever lists them sees a mask
    li = hotline.agents["li"].desk
    [known] = (await li.get("/api/v1/customer-search?q=C1"))["items"]
    assert {one["customer_id"] for one in faxes} == {known["id"]}
    timeline = (await li.get(f"/api/v1/customers/{known['id']}/timeline"))["items"]
    there = [one["data"] for one in timeline if one["kind"] == "fax_requested"]
    assert {(one["document"], one["title"]) for one in there} == {
        ("101", "Price list"),
        ("102", "Terms of service"),
    }
    assert {one["job_id"] for one in there} == {one["id"] for one in faxes}
    assert (await hotline.chief.get("/api/v1/outbox?state=dead"))["items"] == []


async def test_who_withholds_the_number_enters_one_and_no_barred_one_is_taken(
    hotline: Centre,
) -> None:
    stranger = await has_dialled(hotline, "anonymous")
    await asked(stranger, "which", "1")
    await asked(stranger, "withheld")
    await asked(stranger, "number", f"{PREMIUM}#")
    await asked(stranger, "confirm")
    await read_back(stranger, PREMIUM)
    await stranger.call.press("1")
    await asked(stranger, "code", "101#")
    await asked(stranger, "bad_number")
    await heard(stranger, BAD_NUMBER)
    assert await faxes_of(hotline, stranger) == []
    await asked(stranger, "number", "075526123456#")
    await asked(stranger, "confirm", "1")
    await asked(stranger, "code", "101#")
    await asked(stranger, "requested", "0")
    await stranger.queued()
    await leaves(stranger)

    [fax] = await faxes_of(hotline, stranger)
    assert (fax["customer_id"], fax["state"]) == (None, "waiting")
    assert kept_of(hotline, stranger) == {("101", "+8675526123456")}


async def test_a_fax_that_the_caller_was_told_of_outlives_the_server(tmp_path: Path) -> None:
    async with centre(tmp_path, LI, **CHANGES) as it:
        caller = await has_dialled(it)
        await asked(caller, "which", "2")
        await asked(caller, "number", "075526123456#")
        await asked(caller, "confirm", "1")
        await asked(caller, "code", "101#")
        await asked(caller, "requested")
        before = await faxes_of(it, caller)
        left = it.worker_pids
        possessions.kill(it.control_pid)
        await bury(it.server, *left)
        async with risen(it) as again:
            after = await faxes_of(again, caller)

    assert len(before) == 1
    assert after == before
