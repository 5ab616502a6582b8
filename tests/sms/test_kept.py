"""A service by text remembers its steps, on both databases, and goes through them again."""

import pytest

from cti_server.self_service.past import Past
from cti_server.sms.kept import KeptSteps
from cti_server.sms.steps import ASKING, answer_in, told
from cti_server.store.database import Database
from cti_server.store.sms_sessions import SmsSession, SmsSessions
from cti_server.wire.events import CallBackWanted, ContactQueued, FlowLeft, NodeEntered
from ivr.actions import Answer, LeftQueue
from ivr.inquiries import (
    Answered,
    AskSystem,
    CalendarSays,
    FirstRow,
    LookUp,
    Recognised,
    TicketOpened,
    Unanswered,
)
from tests.store.stories import NINE

ASK = AskSystem("bank", "balance", {}, 5.0)
LOOK = LookUp("subscriber", {}, 5.0)


def row(contact_id: str = "c-1") -> SmsSession:
    return SmsSession(
        contact_id=contact_id,
        gateway="kannel",
        number="+8613800138000",
        our_number="10690000",
        service="fault",
        language="zh",
        flow_version=1,
        began_at=NINE,
    )


async def begun(database: Database) -> KeptSteps:
    async with database.sessions.begin() as session:
        SmsSessions(session).add(row())
    return KeptSteps(database, "c-1", [])


async def again(database: Database, past: Past | None = None) -> KeptSteps:
    """As after a crash."""
    async with database.readers() as session:
        [stored] = await SmsSessions(session).all()
    return KeptSteps(database, "c-1", stored.steps, past)


async def test_what_was_typed_and_found_out_comes_again_in_order_and_then_nothing(
    database: Database,
) -> None:
    first = await begun(database)
    assert (await first.told(), first.line()) == (None, None)
    await first.type("text-1", "12345678")
    await first.asking(LOOK)
    await first.keep(FirstRow({"address": "海德路 8 号", "floor": 3}))
    ticket_id = first.ticket_id
    await first.keep(TicketOpened("F-100"))

    second = await again(database)
    assert second.last_text == "text-1"
    assert second.line() == "12345678"
    assert await second.told() == FirstRow({"address": "海德路 8 号", "floor": 3})
    assert second.ticket_id == ticket_id
    assert await second.told() == TicketOpened("F-100")
    assert (await second.told(), second.line()) == (None, None)
    await second.type("text-2", "03")

    third = await again(database)
    assert third.last_text == "text-2"
    assert [third.line(), await third.told(), await third.told(), third.line()] == [
        "12345678",
        FirstRow({"address": "海德路 8 号", "floor": 3}),
        TicketOpened("F-100"),
        "03",
    ]


async def test_what_another_system_was_asked_when_the_server_died_is_not_asked_again(
    database: Database,
) -> None:
    first = await begun(database)
    await first.asking(ASK)

    second = await again(database)
    answer = await second.told()
    assert isinstance(answer, Unanswered)
    third = await again(database)
    assert await third.told() == answer
    await third.asking(ASK)
    await third.keep(Answered({"balance": 12.5}))
    fourth = await again(database)
    assert [await fourth.told(), await fourth.told()] == [answer, Answered({"balance": 12.5})]


@pytest.mark.parametrize(
    "answer",
    [
        Answered({"list": [1, {"none": None}]}),
        FirstRow(None),
        Recognised(None),
        Recognised({"customer_id": "li", "customer_tickets": 2}),
        CalendarSays(is_open=True),
        TicketOpened(None),
        LeftQueue("full"),
    ],
)
def test_an_answer_is_the_same_after_it_was_kept(answer: Answer) -> None:
    assert answer_in(told(answer)) == answer
    assert told(answer) != ASKING


def entered(node: str) -> NodeEntered:
    return NodeEntered(contact_id="c-1", flow="fault", node=node)


async def test_what_the_log_has_is_not_told_twice_and_all_else_is(database: Database) -> None:
    steps = KeptSteps(database, "c-1", [], Past([entered("choice"), entered("choice")]))
    appended: list[object] = []
    tell = steps.once(appended.append)

    for node in ("choice", "account", "choice", "choice"):
        tell(entered(node))

    assert appended == [entered("account"), entered("choice")]


def test_the_past_says_what_was_done() -> None:
    queued = ContactQueued(
        contact_id="c-1", queue="repair", queued_at=NINE, priority=0, requirements={}
    )
    left, back = (
        FlowLeft(contact_id="c-1", flow="fault", version=1, node="clerk", to=to)
        for to in ("", "queue")
    )
    wanted = CallBackWanted(
        contact_id="c-1", number="+8613800138000", queue="repair", queued_at=NINE, reason="asked"
    )

    assert not Past().handed_over
    assert Past([queued]).handed_over
    assert not Past([queued]).over
    assert Past([left]).over
    assert not Past([back]).over
    assert Past([wanted]).call_back == wanted
