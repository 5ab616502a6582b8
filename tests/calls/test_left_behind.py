"""What becomes of the messages that callers were leaving, or had left, when a server was killed."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from acd.errors import UnknownQueue
from cti_server.calls.aftermath import end_what_was_cut
from cti_server.calls.left_behind import UNHEARD, hand_on_what_was_left
from cti_server.calls.mailboxes import Mailboxes
from cti_server.channels.story import received
from cti_server.channels.work import About
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.wire.events import (
    AlertRaised,
    ContactReceived,
    CustomerMatched,
    Event,
    RecordingStarted,
)
from recording.archive import STORED
from recording.capture import CALLER, CaptureInfo, LeftFor, write_header
from recording.rejected import REJECTED
from tests.crm.bureau import opened
from tests.fakes.databases import new_sqlite
from tests.sentences import sentence

from .test_call_backs import LOST, NINE, SameMoment, arrived

SAID = sentence()
LEFT = LeftFor(
    left_in="lost",
    since=NINE,
    min_seconds=1.0,
    kept_if_hung_up=True,
    subject="A message",
    priority=3,
    attributes={"account": "4711", "language": "en"},
)
KEPT = RecordingStarted(
    recording_id="m1",
    call_id="call-lost",
    contact_id="lost",
    interaction_id="",
    agent_id="",
    queue="",
    kind="message",
)
COMPLAINT = AlertRaised(alert_id="a1", kind="complaint", contact_id="lost", recording_id="m1")
UNSEEN = AlertRaised(alert_id="m1", kind=UNHEARD, contact_id="lost", recording_id="m1")


class PowerCut(BaseException):
    """Whoever was about to log has died."""


class Tray:
    """Takes in what comes for a queue that is there, as the real one does: by logging it."""

    def __init__(self, append: Callable[[Event], object]) -> None:
        self._append = append

    def receive(self, about: About, queue: str, received_from: str, **rest: Any) -> str:
        if queue == "gone":
            raise UnknownQueue(queue)
        contact_id = str(rest["contact_id"])
        self._append(received(contact_id, about, queue, received_from))
        self.customer, self.since, self.priority = rest["customer"], rest["since"], rest["priority"]
        return contact_id


def in_spool(
    spool: Path, left: LeftFor | None = LEFT, *, queue: str = "mail", said: bytes | None = SAID
) -> Path:
    """As a killed server leaves it."""
    info = CaptureInfo(
        recording_id="m1",
        call_id="call-lost",
        contact_id="task" if queue else "lost",
        interaction_id="",
        agent_id="",
        queue=queue,
        caller_number="13800138000",
        dialled_number="4008",
        started_at=NINE,
        kind="message",
        left=left,
    )
    info.save(spool / "m1")
    if said is not None:
        (spool / "m1" / CALLER).write_bytes(write_header("PCMU", 0) + said)
    return spool / "m1"


@asynccontextmanager
async def life(folder: Path, database: Database) -> AsyncIterator[EventLog]:
    log = EventLog(database, folder / "journal", SameMoment(), move_every=0.02)
    await log.start()
    try:
        yield log
    finally:
        await log.stored()
        await log.close()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = new_sqlite(tmp_path)
    yield database
    await database.close()


async def lived(folder: Path, database: Database, events: Sequence[Event]) -> None:
    """A life that ends with these events."""
    async with life(folder, database) as log:
        for event in events:
            log.append(event)


async def begins_again(
    folder: Path, database: Database, *, killed_at: int | None = None
) -> tuple[list[Event], Tray]:
    """A start's way through the spool, killed when it would log so many events."""
    told: list[Event] = []

    def append(event: Event) -> None:
        if len(told) == killed_at:
            raise PowerCut
        told.append(event)
        log.append(event)

    async with life(folder, database) as log:
        boxes, tray = Mailboxes(), Tray(append)
        boxes.open(tray)
        if killed_at is None:
            await hand_on_what_was_left(folder / "spool", database, boxes, append)
        else:
            with pytest.raises(PowerCut):
                await hand_on_what_was_left(folder / "spool", database, boxes, append)
    return told, tray


async def test_who_had_spoken_when_the_server_died_is_heard(
    tmp_path: Path, database: Database
) -> None:
    known = CustomerMatched(contact_id="lost", match="none", customer_ids=[])
    await lived(tmp_path, database, [arrived(LOST.number, "lost"), known])
    folder = in_spool(tmp_path / "spool")

    (task, kept), tray = await begins_again(tmp_path, database)
    assert isinstance(task, ContactReceived)
    assert (task.contact_id, task.queue, task.received_from) == ("task", "mail", "lost")
    assert (task.address, task.subject) == ("13800138000", "A message")
    assert task.attributes == {
        "account": "4711",
        "language": "en",
        "message_id": "m1",
        "seconds": str(round(len(SAID) / 8000)),
    }
    assert (tray.since, tray.priority, tray.customer.customers) == (NINE, 3, [])
    assert kept == RecordingStarted(
        recording_id="m1",
        call_id="call-lost",
        contact_id="task",
        interaction_id="",
        agent_id="",
        queue="mail",
        kind="message",
    )
    assert folder.exists()  # for the archiver

    assert (await begins_again(tmp_path, database))[0] == []  # and once is enough


@pytest.mark.parametrize("queue", ["mail", "", "gone"])
@pytest.mark.parametrize("killed_at", [0, 1])
async def test_a_start_that_is_killed_too_tells_of_it_once(
    tmp_path: Path, database: Database, killed_at: int, queue: str
) -> None:
    in_spool(tmp_path / "spool", queue=queue)
    before, _ = await begins_again(tmp_path, database, killed_at=killed_at)
    after, _ = await begins_again(tmp_path, database)

    who_is_told = ContactReceived if queue == "mail" else AlertRaised
    assert [type(one) for one in before + after] == [who_is_told, RecordingStarted]
    if who_is_told is AlertRaised:
        assert (before + after)[0] == UNSEEN
    assert (await begins_again(tmp_path, database))[0] == []


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (LEFT, b"\xff" * 16_000),
        (LEFT, None),
        (LeftFor(left_in="lost", since=NINE, min_seconds=1.0, kept_if_hung_up=False), SAID),
        (LeftFor(left_in="lost", since=NINE, min_seconds=30.0, kept_if_hung_up=True), SAID),
    ],
    ids=["silent", "not begun", "not kept if hung up", "too short"],
)
async def test_of_what_its_call_would_not_have_kept_nothing_is_left(
    tmp_path: Path, database: Database, left: LeftFor, said: bytes | None
) -> None:
    folder = in_spool(tmp_path / "spool", left, said=said)

    assert (await begins_again(tmp_path, database))[0] == []
    assert not folder.exists()


async def test_what_cannot_be_read_or_removed_keeps_no_server_from_starting(
    tmp_path: Path, database: Database
) -> None:
    spool = tmp_path / "spool"
    in_spool(spool).rename(spool / "m0")
    (spool / "m0" / CALLER).unlink()
    (spool / "m0" / CALLER).mkdir()  # no file
    in_spool(spool).rename(spool / "m2")
    (spool / "m2" / "recording.json").rename(spool / "m2" / REJECTED)
    (spool / "m2" / "lost+found").mkdir()
    in_spool(spool)

    told, _ = await begins_again(tmp_path, database)
    assert [type(one) for one in told] == [ContactReceived, RecordingStarted]


async def test_what_the_caller_had_rejected_is_not_handed_on(
    tmp_path: Path, database: Database
) -> None:
    folder = in_spool(tmp_path / "spool")
    (folder / "recording.json").rename(folder / REJECTED)  # killed while it was thrown away

    assert (await begins_again(tmp_path, database))[0] == []
    assert not folder.exists()


@pytest.mark.parametrize("by", ["the log", "the archive"])
async def test_what_was_kept_is_kept_whatever_was_said(
    tmp_path: Path, database: Database, by: str
) -> None:
    folder = in_spool(tmp_path / "spool", queue="", said=b"\xff" * 16_000)
    if by == "the log":
        await lived(tmp_path, database, [KEPT])
    else:
        (folder / STORED).write_bytes(b"{}")

    assert (await begins_again(tmp_path, database))[0] == []
    assert folder.exists()


async def test_conversations_and_messages_of_a_release_before_are_the_archivers(
    tmp_path: Path, database: Database
) -> None:
    folder = in_spool(tmp_path / "spool", None)
    (tmp_path / "spool" / "x").mkdir()
    (tmp_path / "spool" / "x" / CALLER).write_bytes(b"no capture")

    assert (await begins_again(tmp_path, database))[0] == []
    assert folder.exists()


@pytest.mark.parametrize(
    ("after", "ticket", "told"),
    [([], False, [UNSEEN]), ([COMPLAINT], False, []), ([], True, [])],
    ids=["nothing", "an alert", "a ticket"],
)
async def test_supervisors_are_told_of_a_complaint_with_which_the_flow_had_not_gone_on(
    tmp_path: Path, database: Database, after: list[Event], ticket: bool, told: list[Event]
) -> None:
    await lived(tmp_path, database, [arrived(LOST.number, "lost"), KEPT, *after])
    if ticket:
        async with opened(database, tmp_path) as bureau:
            await bureau.open(contact_id="lost", recording_ids=["m1"])
    found: list[Event] = []
    await end_what_was_cut(database, found.append, "CN")

    assert [one for one in found if isinstance(one, AlertRaised)] == told
    assert found[: len(told)] == told  # before its call is over: who is killed now begins again
