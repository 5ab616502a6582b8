"""Who leaves a message and hangs up: the flow goes on with it, and the call ends whatever fails."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from cti_server.calls import termination
from cti_server.calls.around import Around
from cti_server.calls.call import Call
from cti_server.calls.exchange import Exchange
from cti_server.calls.menu import Menu
from cti_server.calls.prompts import Prompts
from cti_server.media.worker_reports import LegQuality
from cti_server.tickets.opening import NewTicket
from cti_server.wire.events import AlertRaised, CallEnded, ContactEnded
from ivr.flow import parse
from ivr.inquiries import AskSystem, Unanswered
from ivr.walk import Walk

from .test_messages import Archiver, Media, Parts

FLOW = """
languages: [en]
start: say
nodes:
  say: {type: record, keep: said, then: ask, silent: desk, failed: desk}
  ask: {type: request, connector: crm, operation: note, then: desk, failed: desk, refused: desk}
  desk: {type: queue, queue: sales}
"""


COMPLAINT = """
languages: [en]
start: say
nodes:
  say: {type: record, keep: said, then: report, silent: desk, failed: desk}
  report: {type: ticket, ticket: complaint, subject: x, attach: said, keep: number, then: raised,
           failed: raised}
  raised: {type: alert, message: said, ticket: number, then: desk}
  desk: {type: queue, queue: sales}
"""
UNSPOKEN = """
languages: [en]
start: report
nodes:
  report: {type: ticket, ticket: complaint, subject: x, keep: number, then: raised, failed: raised}
  raised: {type: alert, ticket: number, then: desk}
  desk: {type: queue, queue: sales}
"""


VOICEMAIL = """
languages: [en]
start: say
nodes:
  say: {type: voicemail, mailbox: sales, then: end, silent: end, failed: end}
  end: {type: hang_up}
"""


class Floor:
    def withdraw(self, contact_id: str) -> None:
        """Nobody waits."""


class FullDisk(Archiver):
    def submit(self, folder: Path, quality: dict[str, float]) -> None:
        raise OSError(28, "No space left on device")


class Stuck(Media):
    async def close(self) -> LegQuality:
        await super().close()
        raise OSError(9, "Bad file descriptor")


@dataclass
class Systems:
    """None that answers, or one at which something breaks here."""

    asked: list[AskSystem] = field(default_factory=list)
    fault: Exception | None = None

    async def ask(self, asked: AskSystem) -> Unanswered:
        self.asked.append(asked)
        if self.fault is not None:
            raise self.fault
        return Unanswered("crm does not answer")


@dataclass
class Tickets:
    """Each is opened when the test lets it."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    opening: "asyncio.Future[str] | None" = None

    async def open(self, ticket: NewTicket) -> str:
        self.opening = asyncio.get_running_loop().create_future()
        self.asked.set()
        return await self.opening


@dataclass
class Centre(Parts):
    """As much of an exchange as a whole call needs that nobody serves."""

    language: str = "en"
    region: str = "CN"
    silence_limit: float | None = None
    pop_budget: float = 1.0
    floor: Floor = field(default_factory=Floor)
    other_systems: Systems = field(default_factory=Systems)
    tickets: Tickets = field(default_factory=Tickets)


class Through:
    """A caller who is led through a flow."""

    def __init__(self, flow: str) -> None:
        self._walk = Walk(parse(flow, "test.yaml"))

    async def pursue(self, call: Call) -> None:
        exchange = call.exchange
        await call.caller.open_media(exchange.plane)
        menu = Menu(
            self._walk,
            call.caller,
            cast(Prompts, None),
            Around(exchange, call.contact, call.messages),
            contact_id=call.contact.id,
            append=exchange.append,
        )
        await call.course.lead_through(menu)


def call_at(centre: Centre) -> Call:
    return Call(cast(Exchange, centre), caller_number="13800138000", dialled_number="4008")


async def speaks_and_hangs_up(centre: Centre, flow: str = FLOW) -> None:
    call = call_at(centre)
    running = asyncio.create_task(call.run(Through(flow)))
    async with asyncio.timeout(30):
        await centre.plane.media.over.wait()  # the tone
        centre.plane.tells(5.0, 4.0, 4.5)
        call.caller.end(termination.CALLER_HUNG_UP)
        await running


def ends(centre: Centre) -> Sequence[Any]:
    return [event for event in centre.log if isinstance(event, ContactEnded | CallEnded)]


async def test_what_fails_while_the_flow_goes_on_alone_is_told_as_ever(tmp_path: Path) -> None:
    centre = Centre(tmp_path)
    with capture_logs() as logs:
        await speaks_and_hangs_up(centre)

    assert len(centre.other_systems.asked) == 1
    assert [(entry["event"], entry["reason"]) for entry in logs if "reason" in entry][:1] == [
        ("flow.failed", "test.ask: crm does not answer")
    ]
    assert [type(event) for event in ends(centre)] == [ContactEnded, CallEnded]


@pytest.mark.parametrize(("flow", "outcome"), [(VOICEMAIL, "voicemail"), (FLOW, "self_served")])
async def test_who_has_left_a_message_for_an_agent_has_not_served_themselves(
    tmp_path: Path, flow: str, outcome: str
) -> None:
    centre = Centre(tmp_path)
    await speaks_and_hangs_up(centre, flow)

    assert ends(centre)[0].outcome == outcome


async def test_who_waits_after_leaving_a_message_and_hangs_up_has_abandoned(tmp_path: Path) -> None:
    call = call_at(Centre(tmp_path))
    call.contact.mailbox = "sales"
    assert call.course.outcome(termination.MEDIA_LOST) == "voicemail"
    call.contact.queued_at = call.contact.began_at
    assert call.course.outcome(termination.CALLER_HUNG_UP) == "abandoned"


@pytest.mark.parametrize(
    ("broken", "told", "went_on"),
    [
        ("the message cannot be kept", "call.last_words_failed", False),
        ("the flow goes wrong", "call.last_words_failed", True),
        ("the port cannot be given back", "call.not_given_back", True),
    ],
)
async def test_the_call_ends_whatever_becomes_of_the_last_words(
    tmp_path: Path, broken: str, told: str, went_on: bool
) -> None:
    """And of what fails on the way there, nothing else is left undone."""
    centre = Centre(tmp_path)
    match broken:
        case "the flow goes wrong":
            centre.other_systems.fault = ZeroDivisionError()
        case "the message cannot be kept":
            centre.archiver = FullDisk()
        case _:
            centre.plane.media = Stuck()
    with capture_logs() as logs:
        await speaks_and_hangs_up(centre)

    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == [told]
    assert centre.plane.media.closed == 1
    assert bool(centre.other_systems.asked) is went_on
    ended, over = ends(centre)
    assert (ended.reason, over.result) == ("caller-hung-up", "ok")


async def leaves_while_the_ticket_is_opened(centre: Centre, flow: str) -> "asyncio.Task[None]":
    """The call, of which the caller is gone; whoever spoke has ended the message by the key."""
    call = call_at(centre)
    running = asyncio.create_task(call.run(Through(flow)))
    async with asyncio.timeout(30):
        if flow == COMPLAINT:
            await centre.plane.media.over.wait()  # the tone
            centre.plane.tells(5.0, 4.0, 4.5)
            call.caller.digits.put_nowait("#")
        await centre.tickets.asked.wait()
    call.caller.end(termination.CALLER_HUNG_UP)
    await passed()
    return running


async def passed() -> None:
    """What can be done now is done."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_supervisor_is_told_of_a_complaint_whose_ticket_is_opened_after_the_hang_up(
    tmp_path: Path,
) -> None:
    centre = Centre(tmp_path)
    running = await leaves_while_the_ticket_is_opened(centre, COMPLAINT)
    assert centre.plane.media.closed == 1  # the port waits for no ticket
    assert centre.tickets.opening is not None
    centre.tickets.opening.set_result("C-7")
    await asyncio.wait_for(running, 5)

    [alert] = [event for event in centre.log if isinstance(event, AlertRaised)]
    assert (alert.ticket_number, alert.recording_id) == ("C-7", centre.archiver.submitted[0].name)
    assert [type(event) for event in ends(centre)] == [ContactEnded, CallEnded]


async def test_a_ticket_that_is_never_opened_holds_the_call_for_a_bounded_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cti_server.calls.menu.LAST_WORK", 0.01)
    centre = Centre(tmp_path)
    await asyncio.wait_for(await leaves_while_the_ticket_is_opened(centre, COMPLAINT), 5)

    assert centre.tickets.opening is not None
    assert centre.tickets.opening.cancelled()
    assert [type(event) for event in ends(centre)] == [ContactEnded, CallEnded]


async def test_nothing_goes_on_for_who_has_left_no_message(tmp_path: Path) -> None:
    centre = Centre(tmp_path)
    await asyncio.wait_for(await leaves_while_the_ticket_is_opened(centre, UNSPOKEN), 5)

    assert centre.tickets.opening is not None
    assert centre.tickets.opening.cancelled()
    assert not [event for event in centre.log if isinstance(event, AlertRaised)]
