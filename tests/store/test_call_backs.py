"""Calls out and call-backs in the records, as the log tells them."""

from cti_server.store.call_backs import CallBack
from cti_server.store.calls import Call
from cti_server.store.contacts import Contact
from cti_server.store.projection import project
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
