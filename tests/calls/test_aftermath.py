"""What is logged after a crash of what it cut."""

from pathlib import Path

import msgspec
import pytest

from cti_server.calls.aftermath import end_what_was_cut
from cti_server.calls.termination import SERVER_DIED
from cti_server.store.log import EventLog
from cti_server.wire.events import (
    CallArrived,
    CallBackQueued,
    CallBackWanted,
    CallEnded,
    ContactEnded,
    ContactQueued,
    Event,
)
from tests.fakes.databases import new_sqlite

from .test_call_backs import LOST, NINE, SameMoment, arrived

WAITING = ContactQueued(
    contact_id="lost", queue="sales", queued_at=NINE, priority=0, requirements={}
)
PROMISED = msgspec.structs.replace(LOST, reason="asked")


async def aftermath(tmp_path: Path, *before: Event) -> list[Event]:
    """What a start logs whose last life ended with these events."""
    database = new_sqlite(tmp_path)
    log = EventLog(database, tmp_path / "journal", SameMoment(), move_every=0.02)
    await log.start()
    for event in before:
        log.append(event)
    await log.stored()
    told: list[Event] = []
    await end_what_was_cut(database, told.append, "CN")
    await log.close()
    await database.close()
    return told


@pytest.mark.parametrize(("before", "call_backs"), [((), 1), ((PROMISED,), 0)])
async def test_a_caller_who_waited_is_to_be_called_back_once(
    tmp_path: Path, before: tuple[Event, ...], call_backs: int
) -> None:
    came: CallArrived = arrived(LOST.number, "lost")
    told = await aftermath(tmp_path, came, WAITING, *before)

    assert [type(one) for one in told] == [ContactEnded, CallEnded, *[CallBackWanted] * call_backs]
    assert all(getattr(one, "reason", None) == SERVER_DIED.reason for one in told)


@pytest.mark.parametrize("ended", [False, True])
async def test_a_call_back_that_waited_for_an_agent_does_so_no_more_as_that_contact(
    tmp_path: Path, ended: bool
) -> None:
    gone = ContactEnded(contact_id="turn", outcome="withdrawn", reason="called-off")
    told = await aftermath(
        tmp_path,
        LOST,
        CallBackQueued(contact_id="lost", new_contact_id="turn"),
        msgspec.structs.replace(WAITING, contact_id="turn", channel="callback"),
        *[gone] * ended,
    )

    over = msgspec.structs.replace(gone, reason=SERVER_DIED.reason)
    assert told == ([] if ended else [over])
