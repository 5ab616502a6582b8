"""A caller's message: recorded, kept, thrown away; and callers who leave in the midst of it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from acd.errors import UnknownQueue
from acd.model import Channel
from config.recording import RecordingSettings
from crm.pop import CustomerSummary, Pop
from cti_server.calls import termination
from cti_server.calls.contact import Contact
from cti_server.calls.exchange import Exchange
from cti_server.calls.leg import Leg
from cti_server.calls.mailboxes import Mailboxes
from cti_server.calls.messages import Messages
from cti_server.channels.work import NOBODY, About
from cti_server.media.plane import MediaPlane
from cti_server.media.worker_reports import CaptureClosed, CaptureFailed, CaptureHeard
from cti_server.wire.events import Event, RecordingStarted
from ivr.messages import (
    DropMessage,
    KeepMessage,
    Mailbox,
    MessageDropped,
    MessageKept,
    MessagePlayed,
    NotRecorded,
    PlayMessage,
    Record,
    Recorded,
)
from recording.capture import CALLER, CaptureInfo, LeftFor, write_header
from tests.fakes.media import FakeMedia

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WANG = CustomerSummary(id="c7", kind="person", name="王芳", tier="gold")
SAID = b"what the caller said"


class Clock:
    def now(self) -> datetime:
        return NOON


class Media(FakeMedia):
    """Says when the tone is over; :attr:`seconds` may keep it on."""

    def __init__(self) -> None:
        super().__init__(seconds=0.0)
        self.over = asyncio.Event()

    async def play(self, files: Sequence[Path], **how: bool) -> str:
        outcome = await super().play(files, **how)
        self.over.set()
        return outcome


@dataclass
class Worker:
    """One that captures: it writes what is said, and tells of it when the test lets it."""

    media: Media = field(default_factory=Media)
    open: dict[str, Callable[[Any], None]] = field(default_factory=dict)
    failure: str | None = None
    results: dict[str, CaptureFailed] = field(default_factory=dict)

    async def open_leg(self, *_: object, **__: object) -> FakeMedia:
        return self.media

    def start_capture(
        self,
        name: str,
        folder: Path,
        _: object,
        agent: object,
        on_report: Callable[[Any], None],
        *,
        speech: bool,
    ) -> None:
        assert agent is None
        assert speech
        (folder / CALLER).write_bytes(write_header("PCMU", 0) + SAID)
        self.open[name] = on_report

    async def stop_capture(
        self, name: str, within: float | None = None
    ) -> CaptureClosed | CaptureFailed:
        if (result := self.results.pop(name, None)) is not None:
            del self.open[name]
            return result
        if self.open.pop(name, None) is None or self.failure is not None:
            return CaptureFailed(capture=name, reason=self.failure or "there is no such capture")
        return CaptureClosed(capture=name, samples=len(SAID))

    def tells(self, seconds: float, spoken: float, until: float) -> None:
        [(name, on_report)] = self.open.items()
        on_report(CaptureHeard(capture=name, seconds=seconds, spoken=spoken, spoken_until=until))

    def dies(self) -> None:
        """What it has written stays."""
        [(name, on_report)] = self.open.items()
        lost = CaptureFailed(capture=name, reason="the media worker died", cut_short=True)
        self.results[name] = lost
        on_report(lost)

    def fails(self) -> None:
        [(name, on_report)] = self.open.items()
        self.failure = "No space left on device"
        on_report(CaptureFailed(capture=name, reason=self.failure))


class Customers:
    async def look_up(self, number: str) -> Pop:
        return Pop(match="one", confidence=1.0, customers=[WANG])


@dataclass
class Tray:
    received: list[tuple[About, str, dict[str, Any]]] = field(default_factory=list)

    def receive(self, about: About, queue: str, received_from: str, **rest: Any) -> str:
        if queue == "gone":
            raise UnknownQueue(queue)
        self.received.append((about, queue, rest | {"received_from": received_from}))
        return str(rest["contact_id"])


@dataclass
class Archiver:
    submitted: list[Path] = field(default_factory=list)

    def submit(self, folder: Path, quality: dict[str, float]) -> None:
        self.submitted.append(folder)


@dataclass
class Sounds:
    beep: Path = Path("beep.ulaw")


@dataclass
class Parts:
    """As much of an exchange as messages need."""

    spool: Path
    plane: Worker = field(default_factory=Worker)
    log: list[Event] = field(default_factory=list)
    archiver: Archiver = field(default_factory=Archiver)
    mailboxes: Mailboxes = field(default_factory=Mailboxes)
    tray: Tray = field(default_factory=Tray)
    clock: Clock = field(default_factory=Clock)
    customers: Customers = field(default_factory=Customers)
    prompts: Sounds = field(default_factory=Sounds)
    recording: RecordingSettings = field(default_factory=RecordingSettings)
    ids: int = 0
    named: asyncio.Event = field(default_factory=asyncio.Event)  # a message has its id

    def __post_init__(self) -> None:
        self.mailboxes.open(self.tray)

    def append(self, event: Event) -> None:
        self.log.append(event)

    def new_id(self) -> str:
        self.ids += 1
        self.named.set()
        return f"id{self.ids}"


class Line:
    """A call with a caller on it, and what the flow may ask of them."""

    def __init__(self, spool: Path) -> None:
        self.parts = Parts(spool)
        exchange = cast(Exchange, self.parts)
        self.leg = Leg(
            leg_id="l", call_id="k1", hung_up=termination.CALLER_HUNG_UP, append=lambda _: None
        )
        self.contact = Contact(
            exchange,
            contact_id="c1",
            call_id="k1",
            caller_number="13800138000",
            dialled_number="4008",
            language="en",
            walk=None,
        )
        self.messages = Messages(exchange, self.contact, self.leg)

    async def picks_up(self) -> "Line":
        await self.leg.open_media(cast(MediaPlane, self.parts.plane))
        await self.contact.look_up()
        return self

    @property
    def worker(self) -> Worker:
        return self.parts.plane

    @property
    def spooled(self) -> list[str]:
        return sorted(path.name for path in self.parts.spool.iterdir())

    @property
    def kept(self) -> list[Event]:
        return [event for event in self.parts.log if isinstance(event, RecordingStarted)]

    def nothing_is_left(self) -> bool:
        return not (self.spooled or self.worker.open or self.parts.archiver.submitted or self.kept)

    async def records(self, wish: Record) -> "asyncio.Task[Any]":
        """The tone is over."""
        task = asyncio.create_task(self.messages.reply(wish))
        async with asyncio.timeout(30):
            await self.worker.media.over.wait()
        self.worker.media.over.clear()
        return task

    def presses(self, keys: str) -> None:
        for key in keys:
            self.leg.digits.put_nowait(key)

    async def speaks(self, wish: Record, spoken: float = 5.0) -> Any:
        """The message at its end, by the key."""
        task = await self.records(wish)
        self.worker.tells(spoken + 0.5, spoken, spoken)
        self.presses("#")
        return await task


BOX = Mailbox("sales", "A message", 3, {"topic": "router"})


def wish(**changes: Any) -> Record:
    usual: dict[str, Any] = {
        "max_seconds": 60.0,
        "silence": 3.0,
        "min_seconds": 2.0,
        "terminator": "#",
        "kept_if_hung_up": True,
    }
    return Record(**usual | changes)


@pytest.fixture
async def line(tmp_path: Path) -> Line:
    return await Line(tmp_path).picks_up()


async def test_what_was_said_until_the_key_is_a_recording_of_the_call(line: Line) -> None:
    line.presses("#")  # before the tone: it ends nothing
    task = await line.records(wish())
    line.worker.tells(5.5, 5.0, 5.2)
    line.presses("17#")

    assert await task == Recorded("id1", 5.5)
    assert line.kept == []  # until the caller says so
    assert await line.messages.reply(KeepMessage()) == MessageKept("id1")
    folder = line.parts.spool / "id1"
    assert line.parts.archiver.submitted == [folder]
    info = CaptureInfo.load(folder)
    assert (info.kind, info.contact_id, info.queue) == ("message", "c1", "")
    [started] = line.kept
    assert isinstance(started, RecordingStarted)
    assert (started.kind, started.contact_id, started.agent_id) == ("message", "c1", "")
    assert line.parts.tray.received == []


async def test_a_mailbox_gets_a_contact_that_waits_since_the_call_began(line: Line) -> None:
    await line.speaks(wish(mailbox=BOX))
    await line.messages.reply(KeepMessage())

    [(about, queue, rest)] = line.parts.tray.received
    info = CaptureInfo.load(line.parts.spool / "id1")
    told = {"topic": "router", "message_id": "id1", "seconds": "6", "language": "en"}
    assert about == About(
        channel=Channel.TASK, address="13800138000", subject="A message", attributes=told
    )
    assert (queue, rest["priority"], rest["since"]) == ("sales", 3, NOON)
    assert rest["contact_id"] == info.contact_id == "id2"
    assert rest["customer"].customers == [WANG]
    assert rest["received_from"] == "c1"


async def test_who_falls_silent_has_ended_it(line: Line) -> None:
    task = await line.records(wish())
    line.worker.tells(4.0, 2.5, 2.6)
    await asyncio.sleep(0)
    assert not task.done()
    line.worker.tells(5.7, 2.5, 2.6)

    assert await task == Recorded("id1", 5.7)


async def test_who_speaks_on_is_cut_off_at_the_longest(line: Line) -> None:
    task = await line.records(wish(max_seconds=0.01))
    line.worker.tells(60.0, 50.0, 60.0)

    assert await task == Recorded("id1", 60.0)


@pytest.mark.parametrize("spoken", [0.0, 1.9])
async def test_of_who_says_nothing_or_too_little_nothing_is_left(line: Line, spoken: float) -> None:
    assert await line.speaks(wish(), spoken) == NotRecorded("silent")
    assert line.nothing_is_left()
    await line.messages.end()
    assert line.nothing_is_left()


async def test_who_presses_everything_leaves_nothing_but_a_message(line: Line) -> None:
    task = await line.records(wish())
    line.presses("0123456789*ABCD" * 4)
    line.worker.tells(3.1, 0.0, 0.0)

    assert await task == NotRecorded("silent")
    assert line.nothing_is_left()


async def test_a_disk_that_refuses_is_a_way_of_the_flow(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("no folder")
    line = await Line(tmp_path / "spool").picks_up()

    assert await line.messages.reply(wish()) == NotRecorded("failed")
    assert line.worker.open == {}


async def test_a_capture_that_fails_in_the_midst_is_told_at_once(line: Line) -> None:
    task = await line.records(wish())
    line.worker.tells(5.0, 4.0, 4.9)
    line.worker.fails()

    assert await task == NotRecorded("failed")
    assert line.nothing_is_left()


async def test_what_was_said_until_the_worker_died_is_a_message(line: Line) -> None:
    task = await line.records(wish(mailbox=BOX))
    line.worker.tells(5.0, 4.0, 4.9)
    line.worker.dies()

    assert await task == Recorded("id1", 5.0)
    assert await line.messages.end() == MessageKept("id1")  # the call is over with its media
    assert [about.attributes["message_id"] for about, _, _ in line.parts.tray.received] == ["id1"]


async def test_a_mailbox_that_is_gone_is_a_failure_and_not_a_lost_caller(line: Line) -> None:
    await line.speaks(wish(mailbox=Mailbox("gone")))

    assert await line.messages.reply(KeepMessage()) == NotRecorded("failed")
    assert line.nothing_is_left()


async def test_the_next_one_is_in_the_place_of_the_last(line: Line) -> None:
    await line.speaks(wish())
    assert await line.speaks(wish()) == Recorded("id2", 5.5)
    assert line.spooled == ["id2"]

    assert await line.messages.reply(DropMessage("on")) == MessageDropped("on")
    assert line.nothing_is_left()
    assert await line.messages.reply(KeepMessage()) == NotRecorded("failed")
    assert await line.messages.reply(PlayMessage()) == MessagePlayed()


async def test_the_caller_hears_what_was_said(line: Line) -> None:
    heard: list[bytes] = []

    async def play(files: Sequence[Path], **how: bool) -> str:
        assert how == {"barge_in": True, "private": True}
        heard.extend(file.read_bytes() for file in files)
        return "finished"

    await line.speaks(wish())
    line.leg.media.play = play  # type: ignore[method-assign]

    assert await line.messages.reply(PlayMessage()) == MessagePlayed()
    assert heard == [SAID]
    assert sorted(path.name for path in (line.parts.spool / "id1").iterdir()) == [
        CALLER,
        "recording.json",
    ]


LEAVING = ["at the tone", "while the folder is made", "while speaking", "after it", "hearing it"]


async def leaves(line: Line, step: str, wanted: Record) -> None:
    """The caller hangs up: the call's task is cancelled there, and the call gives back."""
    media = line.worker.media
    if step == "at the tone":
        media.seconds = 60.0
        task: asyncio.Task[Any] = asyncio.create_task(line.messages.reply(wanted))
        await asyncio.sleep(0.01)
    elif step == "while the folder is made":
        task = asyncio.create_task(line.messages.reply(wanted))
        await line.parts.named.wait()
    elif step == "while speaking":
        task = await line.records(wanted)
        line.worker.tells(4.0, 3.0, 3.5)
    else:
        await line.speaks(wanted)
        media.seconds = 60.0
        hears = step == "hearing it"
        doing: Any = line.messages.reply(PlayMessage()) if hears else asyncio.sleep(60)
        task = asyncio.create_task(doing)
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    await line.messages.end()


@pytest.mark.parametrize("step", LEAVING)
async def test_who_hangs_up_leaves_nothing_where_the_flow_wants_it_so(
    line: Line, step: str
) -> None:
    await leaves(line, step, wish(kept_if_hung_up=False, mailbox=BOX))

    assert line.nothing_is_left()
    assert line.parts.tray.received == []


@pytest.mark.parametrize("step", LEAVING)
async def test_who_hangs_up_has_left_what_was_said_if_that_is_long_enough(
    line: Line, step: str
) -> None:
    await leaves(line, step, wish(mailbox=BOX))

    said_something = step in LEAVING[2:]
    assert line.worker.open == {}
    assert [about.attributes["message_id"] for about, _, _ in line.parts.tray.received] == (
        ["id1"] if said_something else []
    )
    assert line.spooled == (["id1"] if said_something else [])
    assert len(line.kept) == len(line.parts.archiver.submitted) == said_something


async def test_of_who_hangs_up_when_it_cannot_be_written_nothing_is_handed_on(line: Line) -> None:
    await line.speaks(wish(mailbox=BOX))
    again = await line.records(wish(mailbox=BOX))
    line.worker.tells(5.0, 4.0, 4.9)
    line.worker.failure = "No space left on device"  # told when it is stopped
    again.cancel()
    await asyncio.wait([again])

    assert await line.messages.end() is None
    assert line.nothing_is_left()
    assert line.parts.tray.received == []


async def test_who_hangs_up_while_it_is_thrown_away_has_thrown_it_away(line: Line) -> None:
    await line.speaks(wish(mailbox=BOX))
    dropping = asyncio.create_task(line.messages.reply(DropMessage("on")))
    await asyncio.sleep(0)
    dropping.cancel()
    await asyncio.wait([dropping])
    await line.messages.end()

    assert line.nothing_is_left()
    assert line.parts.tray.received == []


def test_an_unknown_caller_is_nobodys_customer() -> None:
    tray, boxes = Tray(), Mailboxes()
    boxes.open(tray)
    info = CaptureInfo(
        recording_id="m1",
        call_id="k1",
        contact_id="c2",
        interaction_id="",
        agent_id="",
        queue="sales",
        caller_number="",
        dialled_number="4008",
        started_at=NOON,
        kind="message",
        left=LeftFor(left_in="c", since=NOON, min_seconds=1.0, kept_if_hung_up=True),
    )
    boxes.put(info, 5.0, Pop(match="unavailable"))

    [(_, _, rest)] = tray.received
    assert rest["customer"] is NOBODY
