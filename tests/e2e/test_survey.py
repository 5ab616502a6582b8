"""Customers say how it was, once whoever served them is gone (SV-01): by real phones."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from simulator.audio import tone
from simulator.phone import ring_on
from tests.audio import mono, seconds_of

from .centre import FLOW_FILES, Centre, centre
from .people import Caller, passed
from .raw_sip import RawPhone, offer
from .talking import (
    CUSTOMER_HZ,
    EXPERT_HZ,
    KEPT,
    LI,
    NUMBERS,
    WANG,
    WANG_HZ,
    does,
    expert,
    hears,
    hears_music,
    queue,
    speak,
    with_li,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

SURVEY = "survey.yaml"
LONG = {"ring_for": 20}
QUESTION_HZ, THANKS_HZ = 700, 800
QUEUES = [
    queue("desk", "desk", survey="after_call"),
    queue("second", "second") | LONG,
    queue("service", "desk", survey="after_call") | LONG,
    queue("kept", "desk", survey="after_call", record=True),
]
MENU = {"3000": {"flow": "hotline.yaml"}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    folder: Path = tmp_path_factory.mktemp("survey")
    files = [*FLOW_FILES, SURVEY]
    surveys = {"after_call": str(folder / "flows" / SURVEY)}
    async with centre(
        folder, LI, WANG, queues=QUEUES, numbers=NUMBERS | MENU, flows=files, surveys=surveys
    ) as it:
        yield it


async def asked(caller: Caller, of: str) -> None:
    """The customer hears the question, and the agent that it is about is free."""
    await caller.happens("survey.started", about_agent=of, flow="survey")
    await caller.call.hears(QUESTION_HZ)


async def ratings(hotline: Centre, caller: Caller) -> list[tuple[Any, ...]]:
    history = await hotline.history(caller.contact_id)
    return [
        (one["question"], one["rating"], one["best"], one["agent_id"], one["queue"])
        for one in history["ratings"]
    ]


async def test_who_was_served_rates_the_agent_who_hung_up_and_who_is_free_meanwhile(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li"):
        caller, li, at_li = await with_li(hotline)
        await caller.call.press("1")  # in the conversation: no answer to anything
        await does(li.desk, caller, "read-out", text="Your order number is 4712.")
        at_li.hang_up()  # the customer hears it first
        assert (await caller.happens("read_out.ended")).data["outcome"] == "finished"
        await asked(caller, of="li")
        await li.is_in("ready")
        await in_phase(hotline, caller.contact_id, "survey")
        await caller.call.press("5")
        await caller.call.hears(THANKS_HZ)
        assert await caller.over() == ("handled", "agent-hung-up")

    assert await ratings(hotline, caller) == [("service", 5, 5, "li", "desk")]
    own = await li.desk.get(f"/api/v1/contacts/{caller.contact_id}")
    assert own["ratings"] == []


@pytest.mark.req("SV-01")
async def test_nobody_evades_the_rating_by_handing_the_customer_on(hotline: Centre) -> None:
    outside = expert(hotline)
    async with hotline.on_duty("wang", on_ring=speak(WANG_HZ)) as (wang,), hotline.on_duty("li"):
        caller, li, _ = await with_li(hotline)
        await does(li.desk, caller, "transfer", queue="second")  # where nobody is asked
        at_wang = await wang.rung()
        await hears(caller.call, WANG_HZ)
        at_wang.hang_up()
        await asked(caller, of="li")
        await caller.call.press("1")
        assert await caller.over() == ("handled", "agent-hung-up")

        other, li, _ = await with_li(hotline)
        await does(li.desk, other, "transfer", number=outside.uri)
        await hears(other.call, EXPERT_HZ)
        outside.calls[-1].hang_up()
        await asked(other, of="li")
        await other.call.press("2")
        await other.over()

    assert await ratings(hotline, caller) == [("service", 1, 5, "li", "desk")]
    assert await ratings(hotline, other) == [("service", 2, 5, "li", "desk")]


async def test_whoever_hangs_up_first_or_says_nothing_has_rated_nothing(hotline: Centre) -> None:
    async with hotline.on_duty("li"):
        first, li, _ = await with_li(hotline)
        first.call.hang_up()
        assert await first.over() == ("handled", "caller-hung-up")
        silent, li, at_li = await with_li(hotline)
        await does(li.desk, silent, "hold")
        await hears_music(silent.call)
        at_li.hang_up()
        await asked(silent, of="li")
        assert await silent.over(within=15) == ("handled", "agent-hung-up")
        gone, li, at_li = await with_li(hotline)
        at_li.hang_up()
        await asked(gone, of="li")
        gone.call.hang_up()
        assert await gone.over() == ("handled", "caller-hung-up")

    assert "survey.started" not in first.story()
    assert [await ratings(hotline, one) for one in (first, silent, gone)] == [[], [], []]
    for one in (first, silent, gone):
        assert (await hotline.history(one.contact_id))["contact"]["outcome"] == "handled"


async def complains(hotline: Centre) -> Caller:
    """The customer, who has pressed 9 and speaks."""
    caller, _, at_li = await with_li(hotline)
    caller.call.say(None)
    at_li.hang_up()
    await asked(caller, of="li")
    await caller.call.press("9")
    await caller.happens("contact.node_entered", node="complaint")
    await passed(caller.call, 0.5)
    caller.call.say(tone(CUSTOMER_HZ))
    await passed(caller.call, 2.0)
    return caller


@pytest.mark.req("SV-02")
@pytest.mark.parametrize("ends_by", ["key", "hanging up"])
async def test_a_spoken_complaint_is_a_ticket_and_on_the_supervisors_screens_at_once(
    hotline: Centre, ends_by: str
) -> None:
    async with hotline.on_duty("li"):
        caller = await complains(hotline)
        if ends_by == "key":
            await caller.call.press("#")
        else:
            caller.call.hang_up()
        ended_at = asyncio.get_running_loop().time()
        raised = await caller.happens("alert.raised", kind="complaint", about_agent="li")
        await caller.over()
    alert, number, recording = (
        raised.data[one] for one in ("alert_id", "ticket_number", "recording_id")
    )
    assert raised.heard_at - ended_at < 2
    found = await hotline.chief.get(f"/api/v1/tickets?number={number}")
    (ticket,) = found["items"]
    assert (ticket["type"], ticket["contact_id"]) == ("complaint", caller.contact_id)
    await hotline.chief.when(
        f"/api/v1/contacts/{caller.contact_id}",
        lambda history: recording in {one["id"] for one in history["recordings"] if one["size"]},
    )
    said = mono(await hotline.chief.get_bytes(f"/api/v1/recordings/{recording}/audio"))
    assert seconds_of(said, CUSTOMER_HZ) > 1

    def lists(alerts: dict[str, Any]) -> bool:
        return alert in {one["id"] for one in alerts["items"]}

    await hotline.chief.when("/api/v1/alerts?open=true", lists)
    assert (await hotline.agents["li"].desk.post(f"/api/v1/alerts/{alert}/acknowledge"))[0] == 403
    for _ in range(2):
        assert (await hotline.chief.post(f"/api/v1/alerts/{alert}/acknowledge"))[0] == 204
    await hotline.chief.when("/api/v1/alerts?open=true", lambda alerts: not lists(alerts))
    everything = (await hotline.chief.get("/api/v1/alerts"))["items"]
    (seen,) = [one for one in everything if one["id"] == alert]
    assert (seen["acknowledged_by"], seen["contact_id"]) == ("chief", caller.contact_id)


async def today(hotline: Centre, report: str, **wanted: Any) -> list[dict[str, Any]]:
    """The report's rows, when the records say ``wanted`` in all."""

    def ready(answered: dict[str, Any]) -> bool:
        rows = answered["rows"]
        return wanted == {name: sum(row[name] for row in rows) for name in wanted}

    found = await hotline.chief.when(f"/api/v1/reports/{report}", ready)
    return list(found["rows"])


@pytest.mark.req("KP-06")
async def test_reports_say_how_content_customers_were_and_how_many_complained(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li"):
        for key in ("4", "3", "9"):
            caller, _, at_li = await with_li(hotline, KEPT)
            at_li.hang_up()
            await asked(caller, of="li")
            await caller.call.press(key)
            if key == "9":
                await caller.happens("contact.node_entered", node="complaint")
                await passed(caller.call, 1.0)  # they speak all the time
                await caller.call.press("#")
                await caller.happens("alert.raised", kind="complaint")
            else:
                await caller.happens("contact.rated", rating=int(key))
            caller.call.hang_up()
            await caller.over()

    said = {"surveys": 3, "rated": 2, "marks": 2, "complaints": 1, "handled": 3}
    [kept] = await today(hotline, "queues?queue=kept", **said)
    shares = ("response_rate", "mean_mark", "csat", "complaint_rate")
    assert tuple(kept[name] for name in shares) == (0.6667, 0.7, 0.5, 0.3333)

    everywhere = (await hotline.chief.get("/api/v1/reports/queues"))["rows"]
    whole = {name: sum(row[name] for row in everywhere) for name in said}
    assert "li" in {row["agent"] for row in await today(hotline, "agents", **whole)}
    [everybody] = await today(hotline, "teams", **whole)
    given = await hotline.chief.get("/api/v1/reports/ratings?question=service&best=5")
    marks = {row["mark"]: row["ratings"] for row in given["rows"]}
    assert sum(marks.values()) == everybody["marks"]
    content = (marks["4"] + marks.get("5", 0)) / everybody["marks"]
    assert everybody["csat"] == round(content, 4)


async def in_phase(hotline: Centre, contact_id: str, phase: str) -> None:
    """The contact's record says so, which derives from its log."""
    await hotline.chief.when(
        "/api/v1/contacts?limit=5",
        lambda rows: (contact_id, phase) in {(it["id"], it["phase"]) for it in rows},
    )


@pytest.mark.req("AC-13")
async def test_a_contact_goes_through_its_phases_and_its_log_has_all_of_it(
    hotline: Centre,
) -> None:
    li, wang = hotline.agents["li"], hotline.agents["wang"]
    async with RawPhone(hotline.server.sip_port) as phone:  # it says late what it can hear
        phone.send(invite := phone.invite("13911110000", "3000", sdp=""))
        answered = await phone.response("INVITE")
        came = await hotline.book.when("call.arrived", caller_number="13911110000")
        await in_phase(hotline, came.data["contact_id"], "ringing")
        phone.acknowledge(invite, answered, body=offer("127.0.0.1", phone.port))
        await in_phase(hotline, came.data["contact_id"], "ivr")
        phone.send(phone.bye(invite, answered))
        await in_phase(hotline, came.data["contact_id"], "ended")

    caller = hotline.caller()
    await caller.dial("3000")
    await caller.arrived()
    await in_phase(hotline, caller.contact_id, "ivr")
    await caller.call.press("2")
    await in_phase(hotline, caller.contact_id, "queued")
    li.on_ring(ring_on)
    await li.desk.set_state("ready")
    at_li = await li.rung()
    await in_phase(hotline, caller.contact_id, "offered")
    at_li.answer()
    await in_phase(hotline, caller.contact_id, "connected")
    await does(li.desk, caller, "hold")
    await in_phase(hotline, caller.contact_id, "held")
    await does(li.desk, caller, "resume")
    wang.on_ring(ring_on)
    await wang.desk.set_state("ready")
    await does(li.desk, caller, "transfer", agent="wang")
    at_wang = await wang.rung()
    await in_phase(hotline, caller.contact_id, "transferred")
    at_wang.answer()
    await in_phase(hotline, caller.contact_id, "connected")
    at_wang.hang_up()
    await in_phase(hotline, caller.contact_id, "survey")
    await caller.call.press("4")
    await caller.over()
    await in_phase(hotline, caller.contact_id, "ended")
    for agent in (li, wang):
        await agent.desk.set_state("not_ready")

    log = await hotline.chief.get(f"/api/v1/contacts/{caller.contact_id}/events")
    names = [one["name"] for one in log]
    milestones = [
        *("call.arrived", "contact.node_entered", "contact.queued", "contact.offered"),
        *("interaction.started", "interaction.held", "interaction.resumed", "transfer.started"),
        *("contact.transferred", "survey.started", "contact.rated", "contact.ended", "call.ended"),
    ]
    assert [names.index(one) for one in milestones] == sorted(map(names.index, milestones))
    assert [one["sequence"] for one in log] == sorted({one["sequence"] for one in log})
