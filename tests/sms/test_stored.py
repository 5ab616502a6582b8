"""What is kept of texts, on both databases: nothing twice, nothing in the wrong order."""

from datetime import timedelta
from typing import Any

from cti_server.store import sms_senders
from cti_server.store.database import Database
from cti_server.store.sms_messages import KEPT, PASSED_OVER, Sender, SmsMessages
from cti_server.store.sms_senders import SmsSenders
from fax_sms_email.texts import ReceivedText
from tests.store.stories import NINE

LI, WANG = "+8613800138000", "+8613900139000"
OURS = "10690000"


def said(gateway_id: str, text: str = "报修") -> ReceivedText:
    return ReceivedText(gateway_id=gateway_id, number="?", our_number=OURS, text=text)


async def take(database: Database, n: int, number: str = LI, gateway: str = "kannel") -> bool:
    async with database.sessions.begin() as session:
        at = NINE + timedelta(seconds=n)
        return await SmsMessages(session).take(
            f"{gateway}-{number}-{n}", gateway, number, said(str(n)), at
        )


async def test_a_text_that_a_gateway_hands_over_again_is_taken_once(database: Database) -> None:
    assert await take(database, 1)
    assert not await take(database, 1, WANG)
    assert await take(database, 1, gateway="another")
    async with database.readers() as session:
        [waiting] = await SmsMessages(session).next_of_each([])
    assert (waiting.number, waiting.text) == (LI, "报修")


async def test_each_sender_is_seen_to_in_order_and_nobody_waits_for_another(
    database: Database,
) -> None:
    for n, number in ((2, LI), (1, LI), (3, WANG)):
        assert await take(database, n, number)

    async with database.sessions.begin() as session:
        texts = SmsMessages(session)
        assert [one.gateway_id for one in await texts.next_of_each([])] == ["1", "3"]
        assert [one.gateway_id for one in await texts.next_of_each([Sender(LI, OURS)])] == ["3"]
        first = await texts.get(f"kannel-{LI}-1")
        assert first is not None
        first.state, first.due_at = PASSED_OVER, NINE + KEPT
    async with database.readers() as session:
        texts = SmsMessages(session)
        assert [one.gateway_id for one in await texts.next_of_each([])] == ["2", "3"]
        assert await texts.lately(LI, NINE) == 2
        assert await texts.lately(LI, NINE + timedelta(seconds=1)) == 1


async def test_what_was_seen_to_is_forgotten_and_what_was_not_is_kept_for_ever(
    database: Database,
) -> None:
    await take(database, 1)
    await take(database, 2)
    async with database.sessions.begin() as session:
        first = await SmsMessages(session).get(f"kannel-{LI}-1")
        assert first is not None
        first.state, first.due_at = PASSED_OVER, NINE + KEPT
    async with database.sessions.begin() as session:
        await SmsMessages(session).forget(NINE + KEPT)
    assert await take(database, 1)
    assert not await take(database, 2)


async def test_who_wants_no_texts_is_remembered_without_their_number(database: Database) -> None:
    async with database.sessions.begin() as session:
        senders = SmsSenders(session, b"key")
        await senders.put(LI, told_at=NINE)
        await senders.put(LI, stopped_at=NINE)
    async with database.readers() as session:
        senders = SmsSenders(session, b"key")
        found = await senders.of(LI)
        assert found is not None
        assert (found.told_at, found.stopped_at) == (NINE, NINE)
        assert LI[1:] not in found.digest
        assert await senders.has_stopped(LI)
        assert not await senders.has_stopped(WANG)
        assert not await SmsSenders(session, b"another").has_stopped(LI)
    async with database.sessions.begin() as session:
        await SmsSenders(session, b"key").put(LI, stopped_at=None)
    async with database.readers() as session:
        assert not await SmsSenders(session, b"key").has_stopped(LI)


async def test_senders_are_forgotten_but_those_who_stopped_or_were_told_lately(
    database: Database,
) -> None:
    hour = timedelta(hours=1)
    of: dict[str, dict[str, Any]] = {
        "stopped": {"stopped_at": NINE, "told_at": NINE},
        "started again": {"stopped_at": None},
        "told": {"told_at": NINE},
        "told lately": {"told_at": NINE + timedelta(seconds=1)},
    }
    async with database.sessions.begin() as session:
        for number, what in of.items():
            await SmsSenders(session, b"key").put(number, **what)
    async with database.sessions.begin() as session:
        await sms_senders.forget(session, NINE + hour)
    async with database.readers() as session:
        left = {number for number in of if await SmsSenders(session, b"key").of(number)}
    assert left == {"stopped", "told lately"}
