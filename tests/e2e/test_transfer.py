"""Blind transfer: to a queue, an agent, a number; what comes with it, and what if nobody comes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from simulator.audio import tone
from simulator.phone import decline, ring_on
from tests.audio import write_tone

from .centre import Centre
from .people import Caller
from .talking import (
    CUSTOMER_HZ,
    KEPT,
    LI_HZ,
    NUMBERS,
    WANG_HZ,
    does,
    expert,
    hears,
    hears_music,
    speak,
    talking_centre,
    tries,
    with_li,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

CUSTOMERS = "name,phone,tier\n李娜,13800138000,vip\n".encode()
FLOW = """
languages: [en]
start: menu
prompts:
  menu: {en: {wav: tones/700.wav}}
nodes:
  menu:
    type: menu
    prompt: menu
    timeout: 5
    choices: {"1": order}
    otherwise: bye
  order:
    type: collect
    prompt: menu
    attribute: order
    min_digits: 4
    max_digits: 4
    then: desk
    otherwise: bye
  desk: {type: queue, queue: desk}
  bye: {type: hang_up, reason: no-choice}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("transfer")
    own = folder / "own"
    (own / "tones").mkdir(parents=True)
    (own / "desk.yaml").write_text(FLOW, encoding="utf-8")
    write_tone(own / "tones" / "700.wav", 700, 0.3)
    numbers = NUMBERS | {"3000": {"flow": str(own / "desk.yaml")}}
    async with talking_centre(folder, customers=CUSTOMERS, numbers=numbers) as it:
        yield it


def talks(history: dict[str, Any]) -> list[tuple[str, bool]]:
    """Who talked with the customer, in order, and whether it has ended."""
    return [(one["agent_id"], one["ended_at"] is not None) for one in history["segments"]]


async def test_to_a_queue_the_agent_is_free_and_the_customer_keeps_the_first_moment(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li"):
        caller, li, at_li = await with_li(hotline, KEPT)
        queued = await caller.queued()

        await does(li.desk, caller, "transfer", queue="kept-second")
        assert (await at_li.ended()).by == "them"
        ended = await caller.happens("interaction.ended", agent_id="li")
        assert ended.data["ended_by"] == "transfer"
        await li.is_in("ready")
        await hears_music(caller.call)
        again = await caller.happens("contact.queued", queue="kept-second")
        assert again.data["queued_at"] == queued.data["queued_at"]

        async with hotline.on_duty("wang", on_ring=speak(WANG_HZ)) as (wang,):
            at_wang = await wang.rung()
            await asyncio.gather(hears(caller.call, WANG_HZ), hears(at_wang, CUSTOMER_HZ))
            at_wang.hang_up()
            assert await caller.over() == ("handled", "agent-hung-up")

    history = await hotline.chief.when(
        f"/api/v1/contacts/{caller.contact_id}",
        lambda found: (
            [bool(one["wrap_up_ended_at"]) for one in found["interactions"]] == [True] * 2
        ),
    )
    assert talks(history) == [("li", True), ("wang", True)]
    assert [one["outcome"] for one in history["interactions"]] == ["handled", "handled"]
    assert [one["queue"] for one in history["interactions"]] == ["kept", "kept-second"]
    assert {one["agent_id"] for one in history["recordings"]} == {"li", "wang"}
    first, second = history["segments"]
    assert first["ended_at"] <= second["started_at"]


async def test_to_an_agent_by_name_who_has_it_when_they_pick_up(hotline: Centre) -> None:
    async with hotline.on_duty("li", "wang") as (_, wang):
        wang.on_ring(ring_on)
        caller, li, at_li = await with_li(hotline)

        view = await does(li.desk, caller, "transfer", agent="wang")
        assert [party["state"] for party in view["parties"]] == [None, "transfer_ringing"]
        at_wang = await wang.rung()
        await hears_music(caller.call)
        assert hotline.book.find("interaction.ended", after=caller.after) is None
        at_wang.answer()
        at_wang.say(tone(WANG_HZ))
        await asyncio.gather(
            hears(caller.call, WANG_HZ), hears(at_wang, CUSTOMER_HZ), at_li.ended()
        )
        told = await caller.happens("contact.transferred", agent_id="li")
        assert (told.data["to"], told.data["target"], told.data["how"]) == (
            "agent",
            "wang",
            "blind",
        )
        caller.call.hang_up()
        assert await caller.over() == ("handled", "caller-hung-up")

    history = await hotline.history(caller.contact_id)
    assert talks(history) == [("li", True), ("wang", True)]
    assert [one["ended_by"] for one in history["interactions"]] == ["transfer", "caller"]
    assert history["interactions"][1]["why"]["rule"] == "named_agent"


@pytest.mark.parametrize(
    ("act", "cause"), [(decline(), "declined"), (ring_on, "timed_out")], ids=["busy", "silent"]
)
async def test_an_agent_who_does_not_come_leaves_the_customer_with_the_first(
    hotline: Centre, act: Any, cause: str
) -> None:
    async with hotline.on_duty("li", "wang") as (_, wang):
        wang.on_ring(act)
        caller, li, at_li = await with_li(hotline)

        await does(li.desk, caller, "transfer", agent="wang")
        failed = await caller.happens("transfer.failed", agent_id="li")
        assert (failed.data["cause"], failed.data["returned_to"]) == (cause, "agent")
        await asyncio.gather(hears(caller.call, LI_HZ), hears(at_li, CUSTOMER_HZ))


async def test_a_number_that_is_busy_leaves_the_customer_with_the_agent(hotline: Centre) -> None:
    outside = expert(hotline, act=decline())
    async with hotline.on_duty("li"):
        caller, li, at_li = await with_li(hotline)

        await does(li.desk, caller, "transfer", number=outside.uri)
        failed = await caller.happens("transfer.failed", cause="declined")
        assert failed.data["returned_to"] == "agent"
        await hears(at_li, CUSTOMER_HZ)


async def test_if_the_agent_has_left_meanwhile_the_customer_is_at_the_old_place_again(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li", "wang") as (li, wang):
        wang.on_ring(decline(after=0.5))
        caller, li, at_li = await with_li(hotline)
        queued = await caller.queued()

        await does(li.desk, caller, "transfer", agent="wang")
        at_li.hang_up()
        await caller.happens("interaction.ended", agent_id="li", ended_by="agent")
        failed = await caller.happens("transfer.failed", cause="declined")
        assert failed.data["returned_to"] == "queue"
        again = await hotline.book.when(
            "contact.queued", after=failed.sequence, contact_id=caller.contact_id
        )
        assert again.data["queue"] == "desk"
        assert again.data["queued_at"] == queued.data["queued_at"]
        await hears_music(caller.call)


async def test_called_back_while_it_rings_the_customer_is_with_the_agent_again(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li", "wang") as (_, wang):
        wang.on_ring(ring_on)
        caller, li, at_li = await with_li(hotline)

        await does(li.desk, caller, "transfer", agent="wang")
        at_wang = await wang.rung()
        await does(li.desk, caller, "return")
        await at_wang.ended()
        await asyncio.gather(hears(caller.call, LI_HZ), hears(at_li, CUSTOMER_HZ))
        await wang.is_in("ready")
        await caller.happens("offer.ended", agent_id="wang", outcome="withdrawn")


async def test_what_cannot_be_is_refused_and_changes_nothing(hotline: Centre) -> None:
    async with hotline.on_duty("li"):
        caller, li, at_li = await with_li(hotline)

        for body, status, kind in (
            ({"agent": "wang"}, 409, "AgentNotFree"),
            ({"agent": "li"}, 409, "AgentNotFree"),
            ({"agent": "nobody"}, 404, "UnknownAgent"),
            ({"queue": "nowhere"}, 404, "UnknownQueue"),
            ({"number": "+8675526880001"}, 422, "NoTrunkForNumber"),
            ({"agent": "wang", "queue": "second"}, 422, "BadRequest"),
            ({}, 422, "BadRequest"),
        ):
            answered, problem = await tries(li.desk, caller, "transfer", **body)
            assert (answered, problem["type"]) == (status, kind), body
        chief = hotline.chief
        whose = [await tries(chief, caller, "hold", of=agent) for agent in ("nobody", "wang")]
        assert [(status, problem["type"]) for status, problem in whose] == [
            (404, "UnknownAgent"),
            (409, "NotInCall"),
        ]
        await hears(at_li, CUSTOMER_HZ)
        await hears(caller.call, LI_HZ)


async def test_a_customer_who_hangs_up_while_it_rings_lets_everybody_go(hotline: Centre) -> None:
    async with hotline.on_duty("li", "wang") as (li, wang):
        wang.on_ring(ring_on)
        caller, li, at_li = await with_li(hotline)

        await does(li.desk, caller, "transfer", agent="wang")
        at_wang = await wang.rung()
        caller.call.hang_up()
        await asyncio.gather(at_wang.ended(), at_li.ended())
        assert await caller.over() == ("handled", "caller-hung-up")
        await wang.is_in("ready")


@pytest.mark.req("AG-06")
async def test_the_customers_data_come_with_the_voice(hotline: Centre) -> None:
    """
    The record, the menu's path, the keys typed, who had it, their notes and their form so far.

    To a queue, to an agent by name, and to one who is asked for advice.
    """
    for verb, target in (
        ("transfer", {"queue": "second"}),
        ("transfer", {"agent": "wang"}),
        ("consult", {"agent": "wang"}),
    ):
        async with hotline.on_duty("li", "wang") as (li, wang), wang.desk.stream() as feed:
            caller = await ordering(hotline)
            await li.rung()
            await caller.happens("interaction.started", agent_id="li")
            noted, _ = await tries(li.desk, caller, "notes", text="wants a refund")
            fields = {"reason": "broken"}
            filled_in, _ = await tries(li.desk, caller, "attributes", attributes=fields)
            assert (noted, filled_in) == (204, 204)
            await does(li.desk, caller, verb, **target)
            pop = (await feed.until("contact.offered"))["pop"]
            await wang.rung()  # the voice follows the data

        assert pop["customer"]["match"] == "one"
        assert pop["customer"]["customers"][0]["name"] == "李娜"
        assert pop["menu_path"] == ["menu", "order", "desk"]
        assert pop["attributes"] == {"order": "4711", "reason": "broken"}
        assert pop["transferred_by"] == "li"
        assert [(note["agent_id"], note["text"]) for note in pop["notes"]] == [
            ("li", "wants a refund")
        ]
        assert pop["purpose"] == ("consult" if verb == "consult" else "serve")
        history = await hotline.history(caller.contact_id)
        assert [note["text"] for note in history["notes"]] == ["wants a refund"]
        assert history["contact"]["attributes"] == {"order": "4711", "reason": "broken"}


async def ordering(hotline: Centre) -> Caller:
    """李娜 calls, presses 1 and types her order's number."""
    caller = hotline.caller(number="13800138000")
    call = await caller.dial("3000")
    await call.answered()
    await call.press("14711")
    return caller
