"""A text is read to the customer over the conversation: both hear it, and one another."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import aiohttp
import numpy as np
import pytest
import pytest_asyncio

from cti_server.speech.library import PromptLibrary
from simulator.audio import tone
from tests.audio import RATE, stereo
from tests.running_server import PROMPT_CACHE

from .centre import Centre, centre
from .people import Caller, Hire, passed
from .talking import (
    CUSTOMER_HZ,
    KEPT,
    LI,
    LI_HZ,
    NUMBERS,
    QUEUES,
    WANG,
    does,
    hears,
    hears_music,
    hears_only,
    hears_over,
    queue,
    tries,
    voice_over,
    with_li,
)
from .web_desk import web_desk

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

SHORT = "Your order number is 4712."
LONG = "Your balance is nine hundred dollars and twelve cents. " * 8
SECRET = "nine hundred dollars"
MEI = Hire("mei", "8029", skills=("web:5",), phone="browser")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    async with centre(
        tmp_path_factory.mktemp("read"),
        LI,
        WANG,
        MEI,
        queues=[*QUEUES, queue("web", "web"), queue("service", "desk")],
        numbers=NUMBERS
        | {"2002": {"queue": "web", "language": "en"}, "1000": {"flow": "hotline.yaml"}},
    ) as it:
        yield it


async def stops(hotline: Centre, caller: Caller) -> tuple[int, Any]:
    """What li says to what is being read."""
    desk = hotline.agents["li"].desk
    async with (
        aiohttp.ClientSession(
            desk.api, headers={"Authorization": f"Bearer {desk.token}"}
        ) as session,
        session.delete(f"/api/v1/contacts/{caller.contact_id}/read-out") as answered,
    ):
        return answered.status, await answered.json()


async def test_customer_and_agent_hear_it_and_go_on_hearing_one_another(hotline: Centre) -> None:
    async with hotline.on_duty("li"):
        caller, li, at_li = await with_li(hotline)
        await does(li.desk, caller, "read-out", text=SHORT)
        started = await caller.happens("read_out.started", agent_id="li")
        await asyncio.gather(hears_over(caller.call, LI_HZ), hears_over(at_li, CUSTOMER_HZ))
        ended = await caller.happens("read_out.ended")
        await asyncio.gather(hears_only(caller.call, LI_HZ), hears_only(at_li, CUSTOMER_HZ))

    assert (started.data["characters"], started.data["language"]) == (len(SHORT), "en")
    assert ended.data["outcome"] == "finished"
    with ThreadPoolExecutor() as jobs:
        assert PromptLibrary(PROMPT_CACHE, jobs=jobs).cached(SHORT, "en") is None
    assert ended.data["read_out_id"] == started.data["read_out_id"]


async def test_one_text_at_a_time_until_it_is_stopped_and_no_line_has_it(hotline: Centre) -> None:
    async with hotline.on_duty("li"):
        caller, li, at_li = await with_li(hotline)
        await does(li.desk, caller, "read-out", text=LONG, language="en")
        again, problem = await tries(li.desk, caller, "read-out", text=SHORT)
        await hears_over(caller.call, LI_HZ)
        stopped, _ = await stops(hotline, caller)
        ended = await caller.happens("read_out.ended")
        await asyncio.gather(hears_only(caller.call, LI_HZ), hears_only(at_li, CUSTOMER_HZ))
        twice, nothing = await stops(hotline, caller)

    assert (again, problem["type"]) == (409, "AlreadyReading")
    assert (stopped, ended.data["outcome"]) == (200, "stopped")
    assert (twice, nothing["type"]) == (409, "NothingRead")
    assert not [line for line in hotline.server.log_lines if SECRET in str(line)]
    assert not [seen for seen in hotline.book.seen if SECRET in str(seen.data)]


async def test_what_cannot_be_read_is_refused(hotline: Centre) -> None:
    async with hotline.on_duty("li"):
        caller, li, _ = await with_li(hotline)
        for body, status, kind in (
            ({"text": ""}, 422, "BadRequest"),
            ({"text": "x" * 1001}, 422, "BadRequest"),
            ({"text": SHORT, "rows": [0]}, 422, "BadRequest"),
            ({"result_id": "r"}, 422, "BadRequest"),
            ({"result_id": "r", "rows": [0]}, 404, "UnknownRecord"),
            ({"text": SHORT, "afterwards": "nowhere"}, 404, "UnknownRecord"),
            ({"text": SHORT, "language": "tlh"}, 422, "VoiceMissing"),
        ):
            answered, problem = await tries(li.desk, caller, "read-out", **body)
            assert (answered, problem["type"]) == (status, kind), body
        wang = hotline.agents["wang"]
        stranger, _ = await tries(wang.desk, caller, "read-out", text=SHORT)
        await does(li.desk, caller, "hold")
        held, problem = await tries(li.desk, caller, "read-out", text=SHORT)

    assert stranger == 409
    assert (held, problem["type"]) == (409, "NotNow")
    assert hotline.book.find("read_out.started", after=caller.after) is None


@pytest.mark.parametrize("how", ["hold", "caller hangs up"])
async def test_it_ends_with_the_conversation(hotline: Centre, how: str) -> None:
    async with hotline.on_duty("li"):
        caller, li, _ = await with_li(hotline)
        await does(li.desk, caller, "read-out", text=LONG)
        await hears_over(caller.call, LI_HZ)
        if how == "hold":
            await does(li.desk, caller, "hold")
            await hears_music(caller.call)
        else:
            caller.call.hang_up()
        ended = await caller.happens("read_out.ended")

    assert ended.data["outcome"] == ("stopped" if how == "hold" else "call_ended")


async def found(hotline: Centre, name: str, caller: Caller) -> dict[str, Any]:
    """What this agent's query finds for the customer at hand."""
    desk = hotline.agents[name].desk
    result: dict[str, Any]
    path = "/api/v1/queries/calls_from_number/run"
    status, result = await desk.post(path, contact_id=caller.contact_id)
    assert status == 200, result
    return result


async def test_rows_of_a_query_are_read_by_their_template_without_the_agent_hearing_them(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li"):
        caller, li, at_li = await with_li(hotline)
        result = await found(hotline, "li", caller)
        this_call = len(result["rows"]) - 1
        rows = {"result_id": result["result_id"], "rows": [this_call]}
        wrong, _ = await tries(li.desk, caller, "read-out", **rows | {"rows": [this_call + 1]})
        stolen, _ = await tries(
            hotline.chief, caller, "read-out", of="li", **rows
        )  # another's result, if only the number is known
        await does(li.desk, caller, "read-out", **rows, side_tone=False)
        started = await caller.happens("read_out.started", query="calls_from_number")
        await hears_over(caller.call, LI_HZ)
        at_agent = []
        while hotline.book.find("read_out.ended", after=caller.after) is None:
            at_agent.append(voice_over(at_li, CUSTOMER_HZ))
            await passed(at_li, 0.05)
        ended = await caller.happens("read_out.ended")
        await hears_only(at_li, CUSTOMER_HZ)

    assert (wrong, stolen) == (422, 404)
    assert float(np.median(at_agent)) < 0.01  # a packet that comes late is heard as a click
    assert (started.data["rows"], started.data["side_tone"]) == (1, False)
    assert ended.data["outcome"] == "finished"
    read = await hotline.book.when("record.read", after=caller.after, record="saved_query")
    assert (read.data["record_id"], read.data["read_by"]) == ("calls_from_number", "li")
    assert read.data["what"] == "1 rows read to the customer, masked"


async def test_the_agent_leaves_and_the_customer_hears_it_to_the_end_as_the_recording_does(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li"):
        caller, li, at_li = await with_li(hotline, KEPT)
        await does(li.desk, caller, "read-out", text=LONG[:220], language="en")
        await hears_over(caller.call, LI_HZ)
        at_li.hang_up()
        left = await caller.happens("interaction.ended", agent_id="li")
        await li.is_in("ready")
        ended = await caller.happens("read_out.ended", within=20)
        assert await caller.over() == ("handled", "agent-hung-up")
        stored = await caller.happens("recording.stored")

    assert ended.data["outcome"] == "finished"
    assert ended.sequence > left.sequence
    history = await hotline.history(caller.contact_id)
    [recording] = history["recordings"]
    [segment] = history["segments"]
    _, agents_side = stereo(await hotline.chief.get_bytes(recording["audio"]))
    with_agent = (
        datetime.fromisoformat(segment["ended_at"]) - datetime.fromisoformat(segment["started_at"])
    ).total_seconds()
    alone = agents_side[round((with_agent + 0.5) * RATE) :]
    assert stored.data["recording_id"] == recording["id"]
    assert len(alone) > 3 * RATE
    assert np.abs(alone).max() > 1000  # the voice


async def test_who_has_left_may_stop_it_and_the_customer_goes_where_the_agent_said(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li"):
        caller, li, _ = await with_li(hotline)
        await does(li.desk, caller, "read-out", text=LONG, afterwards="hotline")
        await hears_over(caller.call, LI_HZ)
        await does(li.desk, caller, "release")
        await caller.happens("interaction.ended", agent_id="li")
        assert (await stops(hotline, caller))[0] == 200
        ended = await caller.happens("read_out.ended")
        await caller.happens("contact.node_entered", flow="hotline", node="menu")
        caller.call.hang_up()
        assert await caller.over() == ("handled", "caller-hung-up")

    assert ended.data["outcome"] == "stopped"


async def test_an_agent_has_it_read_from_the_browser_and_hears_it_there(hotline: Centre) -> None:
    mei = hotline.agents["mei"]
    async with web_desk(mei.desk) as page:
        await page.says("health", microphone="live", path="connected")
        await mei.desk.set_state("ready")
        caller = hotline.caller()
        await caller.dial("2002")
        await page.picks_up()
        page.phone.say(tone(LI_HZ))
        caller.call.say(tone(CUSTOMER_HZ))
        await hears(caller.call, LI_HZ)
        await caller.arrived()
        await page.says("read_out", contact_id=caller.contact_id, text=LONG)
        await hears_over(caller.call, LI_HZ)
        await page.phone.until(lambda: voice_over(page.phone, CUSTOMER_HZ) > 0.05)
        await page.says("stop_read_out", contact_id=caller.contact_id)
        ended = await caller.happens("read_out.ended", agent_id="mei")
        caller.call.hang_up()
        await caller.over()
        await mei.desk.set_state("not_ready")

    assert ended.data["outcome"] == "stopped"
