"""Texts are seen to once, whenever the server dies; on both databases, in a real flow."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from config.sms import SmsSettings
from cti_server.self_service.sentences import sentence
from cti_server.store.database import Database
from cti_server.store.sms_messages import FAILED, PASSED_OVER, RECEIVED, SEEN_TO
from cti_server.store.sms_senders import SmsSenders
from cti_server.wire.events import ContactEnded, NodeEntered, SelfServiceBegan

from .desk import KEY, LI, SMS, SUBSCRIBER, Desk, opened

WANG = "+8613900139000"


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(database, tmp_path) as desk:
        yield desk


async def test_a_fault_is_reported_text_by_text(desk: Desk) -> None:
    first = await desk.asks("报修")
    code = await desk.asks("1", SUBSCRIBER)
    told = await desk.asks("03")
    ended = await desk.asks("取消")

    assert first.splitlines()[-2:] == ["1 自助报修", "0 人工报修"]
    assert "03 宽带不通" in code.splitlines()
    messages, sessions, [ticket] = await desk.stored()
    assert f"受理号是{ticket.number}" in told
    assert ended == "本次服务已结束。"
    assert sessions == []
    assert {one.state for one in messages} == {SEEN_TO}
    assert {one.contact_id for one in messages} == {messages[0].id} == {ticket.contact_id}
    events = await desk.told()
    [began] = [event for event in events if isinstance(event, SelfServiceBegan)]
    [end] = [event for event in events if isinstance(event, ContactEnded)]
    assert (began.channel, began.service, began.address) == ("sms", "fault", LI)
    assert (end.outcome, end.contact_id) == ("self_served", ticket.contact_id)


@pytest.mark.parametrize(
    ("dies_in", "moment"),
    [
        ("报修", "before it is marked"),
        ("报修", "after it is marked"),
        ("1", "before it is marked"),
        (SUBSCRIBER, "while it is looked up"),
        ("03", "before the ticket"),
        ("03", "after the ticket"),
        ("03", "before it is marked"),
        ("03", "after it is marked"),
    ],
)
async def test_whenever_it_dies_each_text_is_answered_once_and_one_ticket_is_there(
    desk: Desk, dies_in: str, moment: str
) -> None:
    for text in ("报修", "1", SUBSCRIBER, "03"):
        if text == dies_in:
            desk.ports.dies_at = moment
        await desk.take(text)
        await desk.see_to()
        if desk.ports.dead.is_set():
            await desk.close()
            desk.ports.dead.clear()
            await desk.open()
            await desk.see_to()
    told = (await desk.sent())[-1]
    await desk.asks("取消")

    messages, sessions, [ticket] = await desk.stored()
    assert f"受理号是{ticket.number}" in told
    assert len(await desk.sent()) == 5
    assert sessions == []
    assert {one.state for one in messages} == {SEEN_TO}
    events = await desk.told()
    entered = [event.node for event in events if isinstance(event, NodeEntered)]
    assert len(entered) == len(set(entered))
    counted = await desk.counted()
    assert (counted["SelfServiceBegan"], counted["FlowLeft"], counted["ContactEnded"]) == (1, 1, 1)


async def test_a_service_that_died_in_its_end_is_over_after_that(desk: Desk) -> None:
    await desk.asks("报修", "1", SUBSCRIBER, "03")
    desk.ports.dies_at = "before it is marked"
    await desk.take("取消")
    await desk.see_to()
    await desk.close()
    desk.ports.dead.clear()
    await desk.open()
    await desk.see_to()

    counted = await desk.counted()
    assert (counted["FlowLeft"], counted["ContactEnded"]) == (1, 1)
    assert (await desk.stored())[1] == []
    assert "请问您需要什么?" in await desk.asks("报修")


@pytest.mark.parametrize("moment", ["before it is marked", "never"])
async def test_who_wants_a_person_is_handed_over_once_with_their_number(
    desk: Desk, moment: str
) -> None:
    await desk.asks("FAULT", "1")
    desk.ports.dies_at = moment
    await desk.take("*")
    await desk.see_to()
    await desk.close()
    desk.ports.dead.clear()
    await desk.open()
    await desk.see_to()

    [about] = desk.queues.taken
    assert (about.channel, about.address, about.path[-1]) == ("sms", LI, "clerk")
    assert "> FAULT" not in about.attributes["transcript"]
    assert "> *" in about.attributes["transcript"]
    told = (await desk.sent())[-1]
    assert told.endswith("One of us has your request now, and will be in touch with you.")
    counted = await desk.counted()
    assert (counted["ContactQueued"], counted["ContactEnded"], counted["FlowLeft"]) == (1, 0, 1)
    assert (await desk.stored())[1] == []


async def test_in_another_version_of_the_flow_it_does_not_go_on_and_the_customer_is_told(
    desk: Desk,
) -> None:
    await desk.asks("报修", "1")
    await desk.close()
    before = await desk.sent()
    desk.flows["fault"].published_as(7)
    for _ in range(2):  # once, however often there is a start
        await desk.open()
        await desk.close()
    await desk.open()

    assert await desk.sent() == [*before, sentence("failed", "zh")]
    assert "没有理解您的短信。" in await desk.asks(SUBSCRIBER)
    ends = [event for event in await desk.told() if isinstance(event, ContactEnded)]
    assert [(one.outcome, one.reason) for one in ends] == [("failed", "flow-changed")]
    assert (await desk.stored())[1] == []


async def test_in_another_version_of_the_flow_whose_text_is_in_hand_is_told_once(
    desk: Desk,
) -> None:
    desk.ports.dies_at = "before it is marked"
    await desk.take("报修")
    await desk.see_to()
    await desk.close()
    desk.ports.dead.clear()
    desk.flows["fault"].published_as(7)
    await desk.open()
    await desk.see_to()

    assert await desk.sent() == [sentence("failed", "zh")]


async def test_a_keyword_in_a_service_begins_another_but_an_answer_is_an_answer(
    desk: Desk,
) -> None:
    await desk.asks("报修", "1")

    assert "What can we do for you?" in await desk.asks("fault")
    assert (await desk.asks("Report a fault")).startswith("Please enter your eight-digit")
    counted = await desk.counted()
    assert (counted["SelfServiceBegan"], counted["ContactEnded"]) == (2, 1)


async def test_who_is_not_understood_is_told_so_once_an_hour(desk: Desk) -> None:
    for _ in range(3):
        await desk.asks("hello")
    assert len(await desk.sent()) == 1
    desk.clock.at += timedelta(hours=1)
    await desk.asks("hello")

    assert len(await desk.sent()) == 2
    messages, _, _ = await desk.stored()
    assert [one.state for one in messages] == [SEEN_TO, PASSED_OVER, PASSED_OVER, SEEN_TO]


async def test_who_sends_too_many_is_answered_no_more_but_may_still_stop(desk: Desk) -> None:
    desk.settings = SmsSettings.model_validate({**SMS, "texts_an_hour": 3})
    await desk.close()
    await desk.open()
    for _ in range(5):
        await desk.asks("HELP")
    await desk.take("STOP")
    await desk.see_to()
    assert len(await desk.sent()) == 0  # withdrawn, with the rest
    desk.clock.at += timedelta(hours=2)
    await desk.take("HELP")
    await desk.see_to()

    messages, _, _ = await desk.stored()
    states = [one.state for one in messages]
    assert states == [SEEN_TO] * 3 + [PASSED_OVER] * 4


async def test_after_stop_there_is_one_text_and_then_none_until_start(desk: Desk) -> None:
    await desk.asks("报修")
    for text in ("退订", "退订", "报修", "帮助"):
        await desk.take(text)
        await desk.see_to()
    [stopped] = await desk.sent()
    assert stopped.startswith("您已退订")
    assert (await desk.stored())[1] == []

    assert (await desk.asks("恢复")).startswith("您已恢复接收短信。")
    assert "请问您需要什么?" in await desk.asks("报修")


async def test_whose_a_number_is_is_asked_while_nobody_has_to_wait_to_write(desk: Desk) -> None:
    asked: list[str] = []

    async def write(number: str) -> None:
        async with asyncio.timeout(30), desk.database.sessions.begin() as session:
            await SmsSenders(session, b"another").put(number, told_at=desk.clock.now())
        asked.append(number)

    await desk.asks("报修")
    asked.clear()
    desk.ports.whose = write
    for text in ("退订", "恢复"):
        await desk.asks(text)

    assert asked == [LI, LI]
    assert {one.state for one in (await desk.stored())[0]} == {SEEN_TO}


@pytest.mark.parametrize("said", ["报修", "退订", "my PIN is 4711"])
async def test_what_a_text_said_is_kept_no_longer_than_until_it_is_seen_to(
    desk: Desk, said: str
) -> None:
    await desk.take(said)
    [before] = (await desk.stored())[0]
    await desk.see_to()

    [after] = (await desk.stored())[0]
    assert (before.state, before.text) == (RECEIVED, said)
    assert (after.state, after.text, after.number) == (SEEN_TO, "", LI)


async def test_senders_do_not_wait_for_one_another(desk: Desk) -> None:
    await desk.asks("报修", "1")
    desk.ports.dies_at = "while it is looked up"
    await desk.take(SUBSCRIBER)
    await desk.take("报修", WANG)
    await desk.take("1", WANG)
    async with asyncio.timeout(60):
        while len(await desk.sent(WANG)) < 2:
            await desk.turns.do(desk.clock.now())
            await asyncio.sleep(0.01)

    async with asyncio.timeout(60):
        await desk.ports.dead.wait()
    assert "请问您需要什么?" in (await desk.sent(WANG))[0]
    assert len(desk.turns.running) == 1


@pytest.mark.parametrize(("stopped", "told"), [(False, [sentence("failed", "zh")]), (True, [])])
async def test_a_text_that_cannot_be_seen_to_is_given_up_after_a_few_attempts_and_says_so(
    desk: Desk, stopped: bool, told: list[str]
) -> None:
    if stopped:
        async with desk.database.sessions.begin() as session:
            await SmsSenders(session, KEY).put(LI, stopped_at=desk.clock.now())
    for _ in range(6):
        desk.ports.dies_at = "before it is marked"
        if not (await desk.stored())[0]:
            await desk.take("帮助")
        await desk.see_to()
        await desk.close()
        desk.ports.dead.clear()
        await desk.open()
    desk.ports.dies_at = ""
    await desk.see_to()

    [message] = (await desk.stored())[0]
    assert (message.state, await desk.sent()) == (FAILED, told)
