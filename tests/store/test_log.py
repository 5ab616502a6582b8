import ast
import asyncio
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import cti_server
from cti_server.store import journal_files
from cti_server.store.contacts import Contacts
from cti_server.store.database import Database
from cti_server.store.errors import JournalInUse, LogForked, LogNotOpen
from cti_server.store.journal import Journal
from cti_server.store.journal_files import Entry
from cti_server.store.log import EventLog, hears
from cti_server.store.records import Records
from cti_server.wire import events
from cti_server.wire.events import Event, Logged

from .dumps import dump, sequences
from .logs import CountingClock, node, open_log, until
from .stories import NINE, arrival, entries, handled_call, logged


async def test_events_are_numbered_from_one_and_reach_the_database_with_their_records(
    database: Database, tmp_path: Path
) -> None:
    async with open_log(database, tmp_path / "journal") as log:
        appended = [log.append(event) for event in handled_call()]
        await log.stored()

        async with database.readers() as session:
            contact = await Contacts(session).get("contact1")

    assert appended == logged(handled_call())
    assert await sequences(database) == list(range(1, 26))
    assert contact is not None
    assert contact.outcome == "handled"


async def test_what_the_database_has_is_found_in_memory_as_far_as_that_goes_back(
    database: Database, tmp_path: Path
) -> None:
    async with open_log(database, tmp_path / "journal", move_every=3600, ring=3) as log:
        for n in range(1, 5):
            log.append(node(n))
        before = log.stored_since(0, 10)
        await log.stored()
        log.append(node(5))

        assert before == []  # a crash might take them back
        assert log.stored_since(1, 10) is None
        found = [log.stored_since(2, 10), log.stored_since(2, 1), log.stored_since(4, 10)]
        sequences = [[entry.sequence for entry in each or ()] for each in found]
        assert sequences == [[3, 4], [3], []]


async def test_a_subscriber_that_hears_some_kinds_is_called_with_these_only(
    database: Database, tmp_path: Path
) -> None:
    heard: list[tuple[str, int]] = []

    class Picky:
        @hears(events.CallArrived, events.ContactEnded)
        def hear(self, each: Logged) -> None:
            heard.append(("picky", each.sequence))

    async with open_log(database, tmp_path / "journal") as log:
        stop = log.subscribe(Picky().hear)
        log.subscribe(lambda each: heard.append(("all", each.sequence)))
        story = [*arrival()[:1], node(1)]
        for event in story:
            log.append(event)
        stop()
        log.append(arrival()[0])

    assert isinstance(story[0], events.CallArrived)
    assert heard == [("picky", 1), ("all", 1), ("all", 2), ("all", 3)]


def test_who_hears_some_kinds_asks_for_all_that_it_looks_at() -> None:
    """The kinds in the body and in the mark are the same."""
    seen = 0
    for path in sorted(Path(cti_server.__file__).parent.rglob("*.py")):
        if "@hears(" not in (text := path.read_text(encoding="utf-8")):
            continue
        for method in ast.walk(ast.parse(text)):
            if isinstance(method, ast.FunctionDef) and (marked := _marked(method)):
                assert _looked_at(method) == marked, f"{path}: {method.name}"
                seen += 1
    assert seen > 0


def _marked(method: ast.FunctionDef) -> set[str]:
    return {
        ast.unparse(kind)
        for mark in method.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "hears"
        for kind in mark.args
    }


def _looked_at(method: ast.FunctionDef) -> set[str]:
    cases = {ast.unparse(n.cls) for n in ast.walk(method) if isinstance(n, ast.MatchClass)}
    asked = {
        ast.unparse(n.args[1])
        for n in ast.walk(method)
        if isinstance(n, ast.Call) and ast.unparse(n.func) == "isinstance"
    }
    return cases | asked


async def test_numbers_go_on_after_a_restart(database: Database, tmp_path: Path) -> None:
    async with open_log(database, tmp_path / "journal") as log:
        log.append(node(1))
        log.append(node(2))
    async with open_log(database, tmp_path / "journal") as log:
        assert log.append(node(3)).sequence == 3

    assert await sequences(database) == [1, 2, 3]


async def test_numbers_go_on_from_the_database_when_the_journal_is_new(
    database: Database, tmp_path: Path
) -> None:
    async with open_log(database, tmp_path / "old") as log:
        log.append(node(1))
    async with open_log(database, tmp_path / "new") as log:
        assert log.append(node(2)).sequence == 2

    assert await sequences(database) == [1, 2]


async def test_what_only_the_journal_had_is_moved_at_the_next_start(
    database: Database, tmp_path: Path
) -> None:
    away = Database(f"sqlite:///{tmp_path}/nowhere/none.db")
    journal = tmp_path / "journal"
    async with open_log(database, journal) as log:
        log.append(node(1))
    async with open_log(away, journal) as log:
        for event in handled_call():
            log.append(event)
    await away.close()

    async with open_log(database, journal) as log:
        await log.stored()
        assert log.last_sequence == 26

    assert await sequences(database) == list(range(1, 27))
    assert len((await dump(database, "segment"))["segment"]) == 1


async def test_a_new_journal_needs_the_database_once(tmp_path: Path) -> None:
    away = Database(f"sqlite:///{tmp_path}/nowhere/none.db")
    log = EventLog(away, tmp_path / "journal", CountingClock())

    with pytest.raises(Exception, match="unable to open database file"):
        await log.start()

    with pytest.raises(LogNotOpen):
        log.append(node(1))
    await away.close()


async def test_two_logs_cannot_share_a_journal(database: Database, tmp_path: Path) -> None:
    async with open_log(database, tmp_path):
        with pytest.raises(JournalInUse):
            await EventLog(database, tmp_path, CountingClock()).start()


async def test_two_logs_on_one_database_are_noticed_and_nothing_is_taken_for_stored(
    database: Database, tmp_path: Path
) -> None:
    async with (
        open_log(database, tmp_path / "one") as one,
        open_log(database, tmp_path / "two") as two,
    ):
        one.append(node(1))
        await one.stored()
        two.append(node(2))
        await until(lambda: two.figures().database_failure is not None)
        failure = two.figures().database_failure

    assert failure is not None
    assert failure.startswith(LogForked.__name__)
    assert len(await sequences(database)) == 1


async def test_subscribers_hear_every_event_in_order_until_they_stop(
    database: Database, tmp_path: Path
) -> None:
    heard: list[int] = []
    async with open_log(database, tmp_path) as log:
        log.append(node(1))
        stop = log.subscribe(lambda each: heard.append(each.sequence))
        log.append(node(2))
        log.append(node(3))
        stop()
        log.append(node(4))

    assert heard == [2, 3]


async def test_a_subscriber_that_raises_hurts_neither_the_others_nor_the_appender(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[int] = []

    def broken(_: Logged) -> None:
        raise RuntimeError("a fault of the subscriber")

    async with open_log(database, tmp_path) as log:
        log.subscribe(broken)
        log.subscribe(lambda each: heard.append(each.sequence))
        log.append(node(1))
        log.append(node(2))

    assert heard == [1, 2]


async def test_an_event_appended_by_a_subscriber_comes_after_its_cause_for_all(
    database: Database, tmp_path: Path
) -> None:
    heard: list[int] = []
    async with open_log(database, tmp_path) as log:

        def answer(each: Logged) -> None:
            if each.sequence == 1:
                log.append(node(2))

        log.subscribe(answer)
        log.subscribe(lambda each: heard.append(each.sequence))
        log.append(node(1))

    assert heard == [1, 2]


@pytest.mark.parametrize("ring", [1, 10, 1000])
async def test_everything_since_a_number_is_complete_and_in_order_wherever_it_is(
    database: Database, tmp_path: Path, ring: int
) -> None:
    journal = tmp_path / "journal"
    async with open_log(database, journal) as log:
        for n in range(1, 41):
            log.append(node(n))
    for file in journal.glob("*.jsonl"):
        file.unlink()  # as if released long ago
    async with open_log(database, journal, ring=ring) as log:
        for n in range(41, 81):
            log.append(node(n))
        await log.stored()

        found = await log.since(0, 1000)
        part = await log.since(35, 10)
        nothing = await log.since(80)

    assert [each.sequence for each in found] == list(range(1, 81))
    assert [each.event for each in found] == [node(n) for n in range(1, 81)]
    assert [each.sequence for each in part] == list(range(36, 46))
    assert nothing == []


async def test_a_number_from_the_future_has_nothing_after_it(
    database: Database, tmp_path: Path
) -> None:
    async with open_log(database, tmp_path) as log:
        log.append(node(1))

        assert await log.since(99) == []
        assert await log.since(0, 0) == []
        assert await log.since(0, -1) == []


async def test_events_that_are_nowhere_any_more_are_passed_over(
    database: Database, tmp_path: Path
) -> None:
    """Journal and database were both put back: there is nothing to be had, and nothing fails."""
    (tmp_path / f"{51:020}.jsonl").touch()
    async with open_log(database, tmp_path) as log:
        assert log.last_sequence == 50
        assert await log.since(7) == []

        log.append(node(51))
        assert [each.sequence for each in await log.since(7)] == [51]


async def test_text_that_is_none_is_logged_with_replacements(
    database: Database, tmp_path: Path
) -> None:
    [arrived, *_] = arrival()
    assert isinstance(arrived, events.CallArrived)
    odd = events.CallArrived(
        call_id="call1",
        contact_id="contact1",
        sip_call_id="a\udcffb",
        caller_number="1\0002",
        dialled_number="4001",
        trunk="carrier",
    )
    async with open_log(database, tmp_path) as log:
        event = log.append(odd).event
        await log.stored()

        async with database.readers() as session:
            contact = await Contacts(session).get("contact1")
        figures = log.figures()

    assert isinstance(event, events.CallArrived)
    assert event.sip_call_id == "a\ufffdb"
    assert contact is not None
    assert contact.caller_number == "1\ufffd2"
    assert figures.underived == 0


@pytest.mark.parametrize(
    ("queued_at", "priority"),
    [(NINE.replace(tzinfo=None), 0), (NINE, 2**63)],
    ids=["a moment of no zone", "a number beyond 64 bits"],
)
async def test_one_event_that_the_records_refuse_does_not_stop_those_behind_it(
    database: Database, tmp_path: Path, queued_at: datetime, priority: int
) -> None:
    refused = events.ContactQueued(
        contact_id="contact1",
        queue="sales",
        queued_at=queued_at,
        priority=priority,
        requirements={},
    )
    story: list[Event] = [*handled_call()[:7], refused, *handled_call()[8:]]

    async with open_log(database, tmp_path / "journal") as log:
        for event in story:
            log.append(event)
        await log.stored()
        figures = log.figures()
        async with database.readers() as session:
            contact = await Contacts(session).get("contact1")

    assert await sequences(database) == list(range(1, 26))
    assert figures.underived == 1
    assert contact is not None
    assert (contact.outcome, contact.queued_at) == ("handled", None)


async def test_a_figure_that_is_not_a_number_is_not_fatal(
    database: Database, tmp_path: Path
) -> None:
    *_, caller_left, contact_ended, call_ended = handled_call()
    assert isinstance(caller_left, events.LegEnded)
    odd = events.LegEnded(
        call_id="call1", leg_id="caller1", result="ended", reason="", quality={"mos": math.nan}
    )
    async with open_log(database, tmp_path / "journal") as log:
        for event in [*handled_call()[:-3], odd, contact_ended, call_ended]:
            log.append(event)
        await log.stored()

        assert log.figures().database_failure is None
    assert await sequences(database) == list(range(1, 26))


async def test_where_events_come_all_the_time_they_are_known_to_be_stored_all_the_same(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    write = Records.write

    def as_more_come(*of: Any, **how: Any) -> Any:
        loop.call_soon_threadsafe(lambda: log.append(node(log.last_sequence + 1)))
        return write(*of, **how)

    async with open_log(database, tmp_path) as log:
        with monkeypatch.context() as patch:
            patch.setattr(Records, "write", as_more_come)
            log.append(node(1))
            async with asyncio.timeout(10):
                await log.stored()
        await log.stored()
        assert await sequences(database) == list(range(1, log.last_sequence + 1))


async def test_the_mover_that_fell_behind_reads_the_journal_instead_of_memory(
    database: Database, tmp_path: Path
) -> None:
    async with open_log(database, tmp_path, ring=50, move_every=60) as log:
        for n in range(1, 3001):
            log.append(node(n))
            if n % 500 == 0:
                await until(lambda: log.figures().journalled == log.last_sequence)
        assert log.figures().in_memory <= 501
        assert log.figures().stored == 0

        await log.stored()
        assert log.figures().lost == 0

    assert await sequences(database) == list(range(1, 3001))


async def test_the_journal_lets_go_of_what_the_database_has(
    database: Database, tmp_path: Path
) -> None:
    journal = Journal(tmp_path / "journal", segment=2000, kept=1)
    async with open_log(database, journal, ring=10) as log:
        for n in range(1, 301):
            log.append(node(n))
            if n % 10 == 0:
                await until(lambda: log.figures().journalled == log.last_sequence)
        await log.stored()
        log.append(node(301))
        await log.stored()
        await until(lambda: len(journal_files.segments(journal.folder)) <= 3)

        assert journal_files.segments(journal.folder)[0].first > 200
        assert [each.sequence for each in await log.since(0)] == list(range(1, 302))


async def test_a_batch_whose_commit_was_never_confirmed_is_not_stored_twice(
    database: Database, tmp_path: Path
) -> None:
    """The connection breaks after the commit: the next attempt finds the events there."""
    real = database.in_transaction
    broken: list[str] = []

    async def commit_and_break(work):  # type: ignore[no-untyped-def]
        await real(work)
        if not broken:
            broken.append("once")
            raise ConnectionResetError("cut after the commit")

    database.in_transaction = commit_and_break  # type: ignore[method-assign]
    async with open_log(database, tmp_path / "journal") as log:
        for event in handled_call():
            log.append(event)
        await log.stored()
        log.append(node(26))
        await log.stored()

    assert broken
    assert await sequences(database) == list(range(1, 27))


def test_an_entry_keeps_the_event_as_it_goes_on_the_wire() -> None:
    [entry] = entries([events.ContactNoted(contact_id="contact1", agent_id="anna", text="找王芳")])

    assert isinstance(entry, Entry)
    assert entry.payload == (
        '{"event":"contact.noted","contact_id":"contact1","agent_id":"anna","text":"找王芳"}'
    )
