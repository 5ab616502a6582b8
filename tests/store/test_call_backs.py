"""Calls out and call-backs in the records, as the log tells them."""

import msgspec

from cti_server.store.call_backs import CallBack
from cti_server.store.calls import Call
from cti_server.store.contacts import Contact
from cti_server.store.projection import project
from cti_server.store.projection.call_backs import MAX_TRIED
from cti_server.store.rows import Kept, Row, Rows
from cti_server.wire import events
from cti_server.wire.events import Event

from .stories import logged, second

WANTED = events.CallBackWanted(
    contact_id="lost",
    number="+8613800138000",
    queue="sales",
    queued_at=second(-60),
    reason="media-lost",
)
DIALLED = events.CallBackDialled(contact_id="lost", new_contact_id="contact2", dialled_by="li")
REACHED = events.CallBackClosed(contact_id="lost", outcome="reached", closed_by="li")


def projected(*story: Event) -> Rows:
    rows = Rows(Kept())
    project(rows, logged(story))
    return rows


def call_back(*story: Event) -> Row:
    return projected(*story).changed[CallBack, "lost"]


def test_a_lost_caller_is_on_the_list_since_the_first_moment_of_waiting() -> None:
    row = call_back(WANTED)

    assert (row["number"], row["queue"], row["reason"]) == ("+8613800138000", "sales", "media-lost")
    assert (row["queued_at"], row["wanted_at"], row["closed_at"]) == (second(-60), second(1), None)


def test_each_attempt_counts_and_the_last_one_is_named() -> None:
    again = events.CallBackDialled(contact_id="lost", new_contact_id="c3", dialled_by="wang")

    row = call_back(WANTED, DIALLED, again)

    assert row["attempts"] == 2
    assert (row["last_agent_id"], row["last_contact_id"]) == ("wang", "c3")
    assert row["last_dialled_at"] == second(3)
    assert row["closed_at"] is None


def test_a_customer_who_was_not_reached_is_due_again_and_how_it_went_is_told() -> None:
    busy = events.CallBackNotReached(
        contact_id="lost",
        new_contact_id="contact2",
        agent_id="li",
        outcome="busy",
        counted=True,
        due_at=second(300),
    )
    ours = msgspec.structs.replace(busy, outcome="cut", counted=False)

    dialling = call_back(WANTED, DIALLED)
    row = call_back(WANTED, DIALLED, busy, DIALLED, ours, DIALLED, REACHED)

    assert (dialling["dialling"], dialling["failed"], dialling["tried"]) == (True, 0, [])
    assert (row["attempts"], row["failed"], row["dialling"]) == (3, 1, False)
    assert row["due_at"] == second(300)
    assert [each["outcome"] for each in row["tried"]] == ["busy", "cut", "reached"]
    assert row["tried"][0] == {
        "dialled_at": second(2).isoformat(),
        "ended_at": second(3).isoformat(),
        "agent_id": "li",
        "contact_id": "contact2",
        "outcome": "busy",
    }


def test_of_many_attempts_the_latest_are_told() -> None:
    failed = events.CallBackNotReached(
        contact_id="lost",
        new_contact_id="contact2",
        agent_id="li",
        outcome="agent_left",
        counted=False,
        due_at=second(0),
    )

    attempt: list[Event] = [DIALLED, failed]
    row = call_back(WANTED, *attempt * (MAX_TRIED + 2))

    assert (row["attempts"], len(row["tried"])) == (MAX_TRIED + 2, MAX_TRIED)


def test_a_time_that_the_customer_wished_is_told_from_one_of_ours() -> None:
    wished = msgspec.structs.replace(WANTED, due_at=second(600), wished=True)
    later = events.CallBackRescheduled(
        contact_id="lost", due_at=second(900), cause="closed", rescheduled_by="system"
    )
    other = msgspec.structs.replace(later, due_at=second(1200), cause="wished")

    moments = [
        (row["due_at"], row["wished_at"])
        for row in (
            call_back(WANTED),
            call_back(wished),
            call_back(wished, later),
            call_back(wished, later, other),
        )
    ]

    assert moments == [
        (second(1), None),
        (second(600), second(600)),
        (second(900), second(600)),
        (second(1200), second(1200)),
    ]


def test_what_was_left_to_people_is_so_until_the_customer_wishes_a_call() -> None:
    left = call_back(WANTED) | {"by_hand": True}
    wished = events.CallBackRescheduled(
        contact_id="lost", due_at=second(900), cause="wished", rescheduled_by="li"
    )
    again = events.CallBackAskedAgain(
        contact_id="lost", queued_at=second(-60), priority=0, reason="asked"
    )

    def after(event: Event) -> object:
        rows = Rows(Kept(), {(CallBack, "lost"): dict(left)})
        project(rows, logged((event,)))
        return rows.changed[CallBack, "lost"]["by_hand"]

    postponed = msgspec.structs.replace(wished, cause="closed")
    assert [after(event) for event in (postponed, wished, again)] == [True, False, False]


def test_it_is_closed_once() -> None:
    removed = events.CallBackClosed(contact_id="lost", outcome="removed", closed_by="chief")

    row = call_back(WANTED, DIALLED, REACHED, removed)

    assert (row["outcome"], row["closed_by"], row["closed_at"]) == ("reached", "li", second(3))


def test_what_is_told_of_an_unknown_call_back_changes_nothing() -> None:
    assert projected(DIALLED, REACHED).changed == {}


def test_a_call_out_has_the_customers_number_ours_and_since_when_they_waited() -> None:
    placed = events.CallPlaced(
        call_id="call2",
        contact_id="contact2",
        customer_number="+8613800138000",
        shown_number="95588",
        queue="sales",
        masked=True,
        call_back_of="lost",
        queued_at=second(-60),
    )
    leg = events.LegStarted(
        call_id="call2", leg_id="theirs", role="customer", party="+8613800138000", address="tel:"
    )
    connected = events.InteractionStarted(
        contact_id="contact2", interaction_id="i", agent_id="li", queue="sales"
    )

    rows = projected(placed, leg, connected)

    contact, call = rows.changed[Contact, "contact2"], rows.changed[Call, "call2"]
    assert (contact["direction"], contact["masked"]) == ("outbound", True)
    assert (contact["caller_number"], contact["dialled_number"]) == ("+8613800138000", "95588")
    assert (contact["queue"], contact["queued_at"]) == ("sales", second(-60))
    assert (contact["call_back_of"], contact["wait_seconds"]) == ("lost", 63.0)
    assert call["caller_leg_id"] == "theirs"
