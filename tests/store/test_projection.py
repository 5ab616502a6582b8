import itertools
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_server.store.agent_states import AgentStatePeriod, AgentStatus
from cti_server.store.api_keys import ApiKeyUse
from cti_server.store.base import Base
from cti_server.store.calls import Call, Leg
from cti_server.store.contacts import Contact, ContactCustomer
from cti_server.store.flow_walks import FlowWalk
from cti_server.store.foreign_calls import ForeignCallName
from cti_server.store.interactions import Interaction
from cti_server.store.projection import project
from cti_server.store.projection.contacts import MAX_PATH
from cti_server.store.projection.peer_text import MAX_TEXT
from cti_server.store.ratings import Rating
from cti_server.store.recordings import ERASED, Recording
from cti_server.store.records import SET_ONCE
from cti_server.store.rows import Kept, Key, Row, Rows
from cti_server.store.segments import Segment
from cti_server.store.sessions import Session
from cti_server.wire import events
from cti_server.wire.events import Event, Logged
from recording.foreign_call import ForeignCall

from .stories import (
    arrival,
    conversation,
    departure,
    handled_call,
    logged,
    menu,
    offer,
    second,
    state,
)

LOGIN = [state("anna", "not_ready", -2), state("anna", "ready", -1)]


def projected(story: Sequence[Event], *, before: Sequence[Event] = ()) -> Rows:
    rows = Rows(Kept())
    project(rows, logged(before, first=-10))
    project(rows, logged(story))
    return rows


def record(rows: Rows, table: type[Base], id: str | int) -> Row:
    return rows.changed[table, id]


def part(row: Row, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def test_a_contact_has_the_moment_of_each_phase_and_its_wait_until_the_conversation() -> None:
    contact = record(projected(handled_call()), Contact, "contact1")

    assert part(contact, "arrived_at", "queued_at", "first_offered_at") == {
        "arrived_at": second(1),
        "queued_at": second(8),
        "first_offered_at": second(9),
    }
    assert part(contact, "connected_at", "ended_at", "wait_seconds", "outcome", "agent_id") == {
        "connected_at": second(15),
        "ended_at": second(24),
        "wait_seconds": 7.0,
        "outcome": "handled",
        "agent_id": "anna",
    }
    assert part(contact, "flow", "path", "attributes", "queue", "priority", "requirements") == {
        "flow": "main",
        "path": ["welcome", "sales", "bye"],
        "attributes": {"order": "4711"},
        "queue": "sales",
        "priority": 2,
        "requirements": {"sales": 3},
    }


def test_a_caller_who_gives_up_waited_until_the_end() -> None:
    rows = projected([*arrival(), *menu(), *departure(outcome="abandoned")])

    contact = record(rows, Contact, "contact1")
    assert part(contact, "outcome", "wait_seconds", "connected_at") == {
        "outcome": "abandoned",
        "wait_seconds": 2.0,
        "connected_at": None,
    }


def test_a_caller_who_never_queued_waited_for_nobody() -> None:
    rows = projected([*arrival(), *departure(outcome="self_served")])

    assert record(rows, Contact, "contact1")["wait_seconds"] is None


def test_waiting_again_after_a_declined_offer_keeps_the_first_moment() -> None:
    declined = events.OfferEnded(
        contact_id="contact1", interaction_id="interaction1.1", agent_id="anna", outcome="declined"
    )
    [*_, queued] = menu()

    rows = projected([*arrival(), *menu(), offer(1, "anna"), declined, queued])

    assert record(rows, Contact, "contact1")["queued_at"] == second(8)


def test_every_offer_is_attributed_whatever_became_of_it() -> None:
    story: list[Event] = [*arrival(), *menu()]
    for number, outcome in enumerate(["declined", "timed_out", "unreachable", "withdrawn"], 1):
        story += [
            offer(1, f"agent{number}", number),
            events.OfferEnded(
                contact_id="contact1",
                interaction_id=f"interaction1.{number}",
                agent_id=f"agent{number}",
                outcome=outcome,
            ),
        ]

    rows = projected(story)

    found = [
        part(row, "agent_id", "outcome", "offered_at", "ended_at", "accepted_at")
        for (table, _), row in rows.changed.items()
        if table is Interaction
    ]
    assert found == [
        {
            "agent_id": f"agent{number}",
            "outcome": outcome,
            "offered_at": second(7 + 2 * number),
            "ended_at": second(8 + 2 * number),
            "accepted_at": None,
        }
        for number, outcome in enumerate(["declined", "timed_out", "unreachable", "withdrawn"], 1)
    ]
    assert record(rows, Contact, "contact1")["offers"] == 4


def test_an_interaction_runs_from_the_offer_to_the_end_of_wrap_up() -> None:
    rows = projected([*handled_call()], before=LOGIN)

    interaction = record(rows, Interaction, "interaction1.1")
    assert part(interaction, "offered_at", "accepted_at", "started_at", "ended_at") == {
        "offered_at": second(9),
        "accepted_at": second(13),
        "started_at": second(15),
        "ended_at": second(17),
    }
    assert part(interaction, "wrap_up_ended_at", "outcome", "ended_by", "call_id") == {
        "wrap_up_ended_at": second(20),
        "outcome": "handled",
        "ended_by": "caller",
        "call_id": "call1",
    }


def test_an_agent_who_accepted_but_never_talked_did_not_handle_the_contact() -> None:
    ids = {"contact_id": "contact1", "interaction_id": "interaction1.1", "agent_id": "anna"}

    rows = projected(
        [
            *arrival(),
            *menu(),
            offer(1, "anna"),
            events.OfferAccepted(**ids),
            events.InteractionEnded(**ids, ended_by="caller"),
        ]
    )

    assert record(rows, Interaction, "interaction1.1")["outcome"] == "accepted"


def test_the_agents_talk_ends_with_the_agents_leg_and_the_next_agents_is_their_own() -> None:
    first = conversation(1, "anna", 1)[:7]
    gone = events.LegEnded(
        call_id="call1", leg_id="agent1.1", result="ended", reason="agent_hung_up"
    )
    second_agent = conversation(1, "bert", 2, at=17)[:7]

    rows = projected([*arrival(), *menu(), *first, gone, *second_agent, *departure()])

    segments = [row for (table, _), row in rows.changed.items() if table is Segment]
    assert [part(each, "agent_id", "started_at", "ended_at") for each in segments] == [
        {"agent_id": "anna", "started_at": second(15), "ended_at": second(16)},
        {"agent_id": "bert", "started_at": second(23), "ended_at": second(24)},
    ]
    assert [part(each, "caller_leg_id", "agent_leg_id") for each in segments] == [
        {"caller_leg_id": "caller1", "agent_leg_id": "agent1.1"},
        {"caller_leg_id": "caller1", "agent_leg_id": "agent1.2"},
    ]


@pytest.mark.parametrize("offer_first", [True, False])
def test_the_ringing_period_belongs_to_its_interaction_whichever_event_came_first(
    offer_first: bool,
) -> None:
    ring = state("anna", "ringing", 10, contact="contact1")
    pair = [offer(1, "anna"), ring] if offer_first else [ring, offer(1, "anna")]

    rows = projected([*LOGIN, *arrival(), *menu(), *pair])

    period = record(rows, AgentStatePeriod, 12 if offer_first else 11)
    assert part(period, "state", "interaction_id") == {
        "state": "ringing",
        "interaction_id": "interaction1.1",
    }


def test_an_agents_periods_join_without_a_gap_and_wrap_up_is_one_of_them() -> None:
    rows = projected([*LOGIN, *handled_call()])

    periods = [row for (table, _), row in rows.changed.items() if table is AgentStatePeriod]
    assert [each["state"] for each in periods] == [
        "not_ready", "ready", "ringing", "talking", "wrap_up", "ready",
    ]  # fmt: skip
    assert [each["ended_at"] for each in periods[:-1]] == [
        each["started_at"] for each in periods[1:]
    ]
    assert [each["interaction_id"] for each in periods] == [
        None, None, "interaction1.1", "interaction1.1", "interaction1.1", None,
    ]  # fmt: skip
    assert record(rows, AgentStatus, "anna")["state"] == "ready"


def test_a_leg_and_its_call_tell_how_they_went() -> None:
    rows = projected(handled_call())

    assert record(rows, Leg, "agent1.1") == {
        "id": "agent1.1",
        "call_id": "call1",
        "role": "agent",
        "party": "anna",
        "address": "sip:anna@10.0.0.7",
        "agent_id": "anna",
        "started_at": second(11),
        "answered_at": second(12),
        "ended_at": second(19),
        "codec": "PCMU",
        "result": "ended",
        "reason": "hung_up",
        "quality": {"mos": 4.2},
        "segment_id": 15,
    }
    assert part(record(rows, Call, "call1"), "answered_at", "ended_at", "reason") == {
        "answered_at": second(3),
        "ended_at": second(25),
        "reason": "caller_hung_up",
    }


def test_a_recording_that_was_erased_stays_so_whatever_fails_of_it_later() -> None:
    *before, _, _ = conversation()
    rows = projected([*arrival(), *menu(), *before])
    record(rows, Recording, "recording1.1")["state"] = ERASED
    late = events.RecordingFailed(recording_id="recording1.1", reason="its capture is gone")
    project(rows, logged([late], first=900))

    assert part(record(rows, Recording, "recording1.1"), "state", "failure") == {
        "state": ERASED,
        "failure": None,
    }


def test_a_recording_that_was_cut_short_is_stored_as_far_as_it_came_and_says_why() -> None:
    *before, stored, _ = conversation()
    story = [*arrival(), *menu(), *before]
    failed = events.RecordingFailed(recording_id="recording1.1", reason="no space left")

    rows = projected([*story, failed])
    assert part(record(rows, Recording, "recording1.1"), "state", "failure", "caller_number") == {
        "state": "failed",
        "failure": "no space left",
        "caller_number": "+8613800000001",
    }

    rows = projected([*story, failed, stored])
    assert part(record(rows, Recording, "recording1.1"), "state", "failure", "size") == {
        "state": "stored",
        "failure": "no space left",
        "size": 24058,
    }


def test_a_recording_whose_beginning_was_lost_is_there_all_the_same() -> None:
    [stored] = [each for each in conversation() if isinstance(each, events.RecordingStored)]

    assert record(projected([stored]), Recording, "recording1.1")["state"] == "stored"


def test_a_message_is_the_customers_in_one_channel_also_where_its_event_does_not_say_so() -> None:
    """The journal may have events of a release that knew no other."""
    [stored] = [each for each in conversation() if isinstance(each, events.RecordingStored)]
    message = msgspec.structs.replace(stored, kind="message")

    row = record(projected([message]), Recording, "recording1.1")

    assert part(row, "sides", "layout") == {"sides": "customer", "layout": "mono"}


def test_what_a_peer_wrote_is_cut_and_cleaned_for_the_database() -> None:
    [arrived, *_] = arrival()
    assert isinstance(arrived, events.CallArrived)
    odd = events.CallArrived(
        call_id="call1",
        contact_id="contact1",
        sip_call_id="x" * 9000,
        caller_number="12\0",
        dialled_number="4001",
        trunk="carrier",
    )

    call = record(projected([odd]), Call, "call1")

    assert (call["caller_number"], len(call["sip_call_id"])) == ("12\ufffd", MAX_TEXT)


def test_a_contact_came_by_the_flow_that_its_number_leads_to_whatever_that_walks_through() -> None:
    visits = [("main", "welcome"), ("account", "ask"), ("main", "desk")]
    walked = [events.NodeEntered(contact_id="contact1", flow=f, node=n) for f, n in visits]

    contact = record(projected([*arrival(), *walked]), Contact, "contact1")

    assert (contact["flow"], contact["path"]) == ("main", ["welcome", "ask", "desk"])


def test_a_caller_who_goes_round_in_the_menu_does_not_fill_the_record() -> None:
    round_trip = [events.NodeEntered(contact_id="contact1", flow="main", node="again")]

    rows = projected([*arrival(), *(round_trip * (MAX_PATH + 50))])

    assert len(record(rows, Contact, "contact1")["path"]) == MAX_PATH


def test_events_of_what_nobody_knows_change_nothing_and_ask_for_it_once() -> None:
    story = [
        each
        for each in handled_call()[2:]
        if not isinstance(
            each,
            events.LegStarted
            | events.OfferMade
            | events.AgentStateChanged
            | events.RecordingStarted
            | events.RecordingStored,
        )
    ]

    rows = projected(story)

    assert set(rows.changed) <= {(Interaction, "interaction1.1")}
    assert (Contact, "contact1") in rows.missing


COMING_AND_GOING: list[Event] = [
    events.SessionOpened(
        session_id="session1",
        user_id="anna",
        method="password",
        address="127.0.0.1",
        client="a browser",
        expires_at=second(36_000),
    ),
    events.SessionRenewed(session_id="session1", user_id="anna", expires_at=second(72_000)),
    events.SessionClosed(session_id="session1", user_id="anna", closed_by="sun"),
    events.ApiKeyUsed(key_id="key1", address="127.0.0.1"),
]


def test_a_session_is_kept_until_it_is_closed_and_a_key_with_its_last_use() -> None:
    rows = projected(COMING_AND_GOING)

    session = rows.changed[Session, "session1"]
    assert (session["opened_at"], session["closed_at"]) == (second(1), second(3))
    assert (session["expires_at"], session["closed_by"]) == (second(72_000), "sun")
    assert rows.changed[ApiKeyUse, "key1"]["last_used_at"] == second(4)


def test_every_row_that_is_written_has_exactly_the_columns_of_its_table() -> None:
    wanted = events.CallBackWanted(
        contact_id="lost", number="139", queue="sales", queued_at=second(0), reason="media-lost"
    )
    read = events.ArticleRead(article_id="article1", number=1, read_by="anna")
    found = events.IncidentFound(incident_id="x1", kind="not_held", subject="interaction1")
    rated = events.ContactRated(contact_id="contact1", question="service", rating=4, best=5)
    alert = events.AlertRaised(alert_id="a1", kind="complaint", contact_id="contact1")
    lines: list[Event] = [
        events.ServerStarted(version="1"),
        events.TrunkLineTaken(trunk="carrier"),
        events.CallsRefused(trunk="carrier", cause="overload", calls=2),
    ]
    masked = events.RecordingMasked(
        contact_id="contact1", mask_id="m1", agent_id="anna", asked_by="anna", reason="card_number"
    )
    noted = events.ContactNoted(contact_id="contact1", agent_id="anna", text="wants a refund")
    foreign = events.RecordingStarted(
        recording_id="foreign", call_id="s", contact_id="s", interaction_id="", agent_id="",
        queue="", kind="siprec", foreign=ForeignCall(client="branch", session_id="theirs"),
    )  # fmt: skip
    nudged = events.AgentNudged(agent_id="anna", supervisor_id="chief", text="smile")
    advised = events.NextActionAnswered(
        contact_id="contact1", agent_id="anna", customer_id=None, rule_id="r1", action="offer",
        accepted=True,
    )  # fmt: skip
    lines += [nudged, advised]
    lines.append(events.FaxDialled(job_id="j1", call_id="fax1"))
    told: list[Event] = [wanted, read, found, rated, alert, masked, noted, foreign, *lines]
    story = [*LOGIN, *handled_call(), *told, *COMING_AND_GOING]
    rows = projected(story)

    assert {table for table, _ in rows.changed} == set(SET_ONCE)
    for (table, _), row in rows.changed.items():
        assert row.keys() == {column.name for column in table.__table__.columns}, table


def test_a_fax_is_known_page_by_page_and_by_what_it_came_to() -> None:
    dialled = events.FaxDialled(job_id="j1", call_id="fax1", contact_id="contact1")
    pages = [
        events.FaxPageConfirmed(job_id="j1", call_id="fax1", page=page, bit_rate=9600, ecm=True)
        for page in (1, 2)
    ]
    ended = events.FaxAttempted(
        job_id="j1", call_id="fax1", trunk="carrier", way="t38", answered=True, pages=2, sent=False,
        seconds=70.0, cause="The call dropped prematurely", document_pages=3, bit_rate=9600,
        remote_ident="+86 21",
    )  # fmt: skip

    [under_way] = projected([dialled, *pages]).changed.values()
    [over] = projected([ended], before=[dialled, *pages]).changed.values()

    assert (under_way["pages"], under_way["ended_at"], under_way["contact_id"]) == (
        2,
        None,
        "contact1",
    )
    assert (over["sent"], over["pages"], over["document_pages"]) == (False, 2, 3)
    assert (over["cause"], over["way"], over["trunk"]) == (ended.cause, "t38", "carrier")
    assert over["ended_at"] is not None
    assert projected([ended]).changed == {}  # its beginning was lost with a disk


def test_a_call_of_another_pbx_is_found_by_what_was_told_of_it_last() -> None:
    def begun(*calls: str) -> Event:
        return events.RecordingStarted(
            recording_id="r", call_id="s", contact_id="s", interaction_id="", agent_id="", queue="",
            kind="siprec", foreign=ForeignCall(client="branch", session_id="theirs", calls=calls),
        )  # fmt: skip

    rows = projected([begun("one")], before=[begun("one", "two", "three")])

    names = {
        id: row["name"] for (table, id), row in rows.changed.items() if table is ForeignCallName
    }
    assert names == {"r 0": "theirs", "r 1": "one", "r 2": "", "r 3": ""}


def test_the_number_is_linked_to_the_customers_it_matched() -> None:
    rows = projected(arrival())

    assert list(rows.links) == [("contact1", "customer1")]
    assert {"contact_id", "customer_id", "arrived_at"} == set(
        ContactCustomer.__table__.columns.keys()
    )


TWO_CALLS_AT_ONCE = [
    *LOGIN,
    *(
        event
        for pair in zip(handled_call(1, "anna"), handled_call(2, "bert"), strict=True)
        for event in pair
    ),
    *LOGIN,
]


def in_batches(batches: list[list[Logged]], *, keep: int) -> tuple[dict[Key, Row], set[Any]]:
    """What the database has after these batches, with little kept in memory between them."""
    database: dict[Key, Row] = {}
    links: set[Any] = set()
    kept = Kept(limit=keep)
    for batch in batches:
        loaded: dict[Key, Row | None] = {}
        rows = Rows(kept, loaded)
        project(rows, batch)
        while rows.missing:
            loaded |= {key: database.get(key) for key in rows.missing}
            rows = Rows(kept, loaded)
            project(rows, batch)
        database |= rows.changed
        links |= rows.links.keys()
        kept.keep(rows.changed)
    return database, links


@given(
    cuts=st.sets(st.integers(1, len(TWO_CALLS_AT_ONCE) - 1)),
    order=st.randoms(use_true_random=False),
    shuffled=st.booleans(),
    keep=st.sampled_from([0, 3, 1000]),
)
@settings(deadline=None)
def test_where_the_batches_end_and_what_is_kept_in_memory_makes_no_difference(
    cuts: set[int], order: Any, shuffled: bool, keep: int
) -> None:
    story = list(TWO_CALLS_AT_ONCE)
    if shuffled:
        order.shuffle(story)
    whole = logged(story)
    bounds = [0, *sorted(cuts), len(whole)]
    batches = [whole[start:end] for start, end in itertools.pairwise(bounds)]

    assert in_batches(batches, keep=keep) == in_batches([whole], keep=1000)


def test_held_time_is_summed_and_ends_with_the_interaction() -> None:
    ids = {"contact_id": "contact1", "interaction_id": "interaction1.1", "agent_id": "anna"}
    story = conversation()
    held: list[Event] = [
        events.InteractionHeld(**ids, held_by="agent"),
        events.InteractionHeld(**ids, held_by="caller"),  # is so already
        events.InteractionResumed(**ids),
        events.InteractionResumed(**ids),
        events.InteractionHeld(**ids, held_by="agent"),
    ]
    at = next(i for i, e in enumerate(story) if isinstance(e, events.InteractionEnded))

    rows = projected([*arrival(), *menu(), *story[:at], *held, *story[at:]])

    interaction = record(rows, Interaction, "interaction1.1")
    assert interaction["held_seconds"] == 3.0  # a second from event to event
    assert interaction["held_at"] is None
    assert interaction["outcome"] == "handled"


def test_who_waits_for_an_adviser_stays_in_the_queue_that_it_is_in() -> None:
    advice = events.ContactQueued(
        contact_id="contact1",
        queue="second",
        queued_at=second(30),
        priority=0,
        requirements={},
        purpose="consult",
    )
    asked = msgspec.structs.replace(offer(1, "bert", 2), queue="second", purpose="consult")

    contact = record(
        projected([*arrival(), *menu(), *conversation(), advice, asked]), Contact, "contact1"
    )

    assert part(contact, "queue", "queued_at", "offers") == {
        "queue": "sales",
        "queued_at": second(8),
        "offers": 1,
    }


def test_each_agents_segment_has_the_leg_of_that_agent() -> None:
    """An adviser's leg began before the conversation of whoever asked ended."""
    ids = {"contact_id": "contact1", "interaction_id": "interaction1.2", "agent_id": "bert"}
    story: list[Event] = [
        *arrival(),
        *menu(),
        *conversation()[:8],
        msgspec.structs.replace(offer(1, "bert", 2), purpose="consult"),
        events.LegStarted(
            call_id="call1", leg_id="bert1", role="agent", party="bert", address="", agent_id="bert"
        ),
        events.LegStarted(
            call_id="call1", leg_id="expert", role="external", party="5", address="sip:5@x"
        ),
        events.OfferAccepted(**ids),
        events.InteractionStarted(**ids, queue="sales", leg_id="bert1"),
    ]

    rows = projected(story)
    segments = [row for (table, _), row in rows.changed.items() if table is Segment]

    assert [part(one, "agent_id", "agent_leg_id", "caller_leg_id") for one in segments] == [
        {"agent_id": "anna", "agent_leg_id": "agent1.1", "caller_leg_id": "caller1"},
        {"agent_id": "bert", "agent_leg_id": "bert1", "caller_leg_id": "caller1"},
    ]


def test_a_silence_is_in_the_record_at_once_and_the_legs_end_has_the_last_word() -> None:
    def fell_silent() -> Event:
        return events.LegFellSilent(call_id="call1", leg_id="leg-caller", seconds=3.0)

    def ended(**quality: float) -> Event:
        return events.LegEnded(
            call_id="call1", leg_id="leg-caller", result="ok", reason="released", quality=quality
        )

    caller = [
        *arrival(),
        events.LegStarted(
            call_id="call1", leg_id="leg-caller", role="caller", party="1380", address="sip:1380@x"
        ),
        fell_silent(),
        fell_silent(),
    ]
    cut = record(projected([*caller, ended()]), Leg, "leg-caller")
    whole = record(projected([*caller, ended(silences=3.0, mos=4.1)]), Leg, "leg-caller")
    late = record(projected([*caller, ended(), fell_silent()]), Leg, "leg-caller")

    assert cut["quality"] == late["quality"] == {"silences": 2.0}
    assert whole["quality"] == {"silences": 3.0, "mos": 4.1}


def test_what_a_survey_asks_is_no_way_by_which_the_caller_came() -> None:
    about = {"contact_id": "contact1", "interaction_id": "interaction1.1", "about_agent": "anna"}
    begun = events.SurveyStarted(**about, queue="sales", flow="survey")
    asked = events.NodeEntered(contact_id="contact1", flow="survey", node="rate", version=3)
    direct = projected([*arrival(), begun, asked])
    led = projected([*arrival(), *menu(), begun, asked])

    for rows, flow, version, path in (
        (direct, None, None, []),
        (led, "main", 1, ["welcome", "sales"]),
    ):
        contact = record(rows, Contact, "contact1")
        assert part(contact, "flow", "flow_version") == {"flow": flow, "flow_version": version}
        assert contact["path"] == path
        assert ("survey", 3) in {
            (row["flow"], row["version"])
            for (kind, _), row in rows.changed.items()
            if kind is FlowWalk
        }


def test_a_second_answer_to_the_same_question_replaces_the_first() -> None:
    about = {"contact_id": "contact1", "interaction_id": "i1", "about_agent": "anna"}
    begun = events.SurveyStarted(**about, queue="sales", flow="survey")
    first, second_thoughts = (
        events.ContactRated(**about, queue="sales", question="service", rating=mark, best=5)
        for mark in (1, 5)
    )
    rows = projected([begun, first, second_thoughts])

    marks = {
        row["question"]: row["rating"] for (kind, _), row in rows.changed.items() if kind is Rating
    }
    assert marks == {"": None, "service": 5}
