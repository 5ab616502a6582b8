"""What the records say of a log: one window (AC-17), and the waits that were counted live."""

from datetime import timedelta

from hypothesis import example, given, settings

from cti_server.calls.termination import ALL
from cti_server.live.state import State
from cti_server.store.database import Database
from cti_server.store.projection import project
from cti_server.store.queue_waits import QueueWait
from cti_server.store.resolution_reports import Resolved, resolution_report
from cti_server.store.rows import Kept, Rows
from cti_server.store.stretches import Stretches
from cti_server.wire import events
from cti_server.wire.wait_ends import OURS

from .days import ZONE, Day, at, names, store
from .test_fold import STEPS, write


async def test_who_comes_again_about_the_same_within_the_days_was_not_served_the_first_time(
    database: Database,
) -> None:
    day, hour = Day(), 3600.0

    def call(begins: float, contact: str, customer: str, queue: str = "sales") -> None:
        day.arrives(begins, contact)
        matched = events.CustomerMatched(contact_id=contact, match="one", customer_ids=[customer])
        day.tell(begins, matched)
        day.queued(begins, contact, queue)
        day.connected(begins + 5, contact, "li", queue)
        if contact == "b":
            more = {"to": "agent", "target": "wang", "how": "blind"}
            day.tell(begins + 9, events.ContactTransferred(**names(contact, "li"), **more))
        day.released(begins + 10, contact, "li")
        day.ends(begins + 10, contact, "handled")

    call(0, "a", "nina")
    call(hour, "b", "wei")
    call(2 * hour, "c", "nina")  # again, about the same
    call(3 * hour, "d", "wei", "law")  # about something else
    call(60 * hour, "e", "nina")  # long after
    await store(database, day.log)
    now = at(80 * hour)
    stretches = Stretches(at(-hour), now, ZONE)
    async with database.readers() as session:
        rows = await resolution_report(session, stretches, timedelta(days=1), now)

    assert rows == [
        Resolved(0, "law", contacts=1, transferred=0, transfers=0, resolved=1, pending=0),
        Resolved(0, "sales", contacts=4, transferred=1, transfers=1, resolved=3, pending=1),
    ]


@settings(deadline=None)
@given(STEPS)
@example([(0, "queued", "c1", "li"), (0, "exit", "c1", "li")])  # in, and out in the same moment
def test_the_stored_waits_of_any_log_are_those_that_were_counted_live(
    steps: list[tuple[int, str, str, str]],
) -> None:
    """Where each contact has a call, as the log of a server has it."""
    day = Day()
    for contact in ("c1", "c2", "c3"):
        day.arrives(0, contact)
    over = set[str]()
    for logged in write(steps).log:
        contact_id = getattr(logged.event, "contact_id", None)
        if contact_id in over:
            continue  # nothing happens to a contact that is over
        if isinstance(logged.event, events.ContactEnded):
            over.add(logged.event.contact_id)
        day.tell((logged.at - at(0)).total_seconds(), logged.event)
    rows = Rows(Kept(), {})
    project(rows, day.log)
    waits = [row for (table, _), row in rows.changed.items() if table is QueueWait]

    state: State = day.fold.state
    ended = [row["outcome"] for row in waits if row["ended_at"] is not None]
    kept_out, sent_away = ended.count("turned_away"), ended.count("sent_away")
    live = state.centre.windows
    if state.periods.day_end > 0 and day.log[-1].at - at(0) < timedelta(hours=15):
        today = live.today
        assert len(waits) - kept_out == today.offered
        assert kept_out + sent_away == today.turned_away
        assert ended.count("answered") == today.answered
        assert ended.count("abandoned") == today.abandoned + today.short_abandoned
        assert ended.count("overflowed") == today.overflowed
        assert len(waits) - len(ended) == len(state.waits)


def test_the_reasons_that_are_faults_of_ours_are_those_of_a_server_error() -> None:
    assert {each.reason for each in ALL if each.result == "server_error"} == OURS
