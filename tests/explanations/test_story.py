"""A contact's events as phases with durations, and in words."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from acd.explanations import NAMED, OVERLOOKED
from acd.matching import QUEUE_AT_LIMIT
from acd.policies import SHIPPED, load
from cti_server.explanations import sentences
from cti_server.explanations.reasons import told
from cti_server.explanations.story import Story
from cti_server.wire import events
from cti_server.wire.events import Event, Logged
from tests.acd.build import MORNING, at

ONE = {"contact_id": "c", "interaction_id": "i1", "agent_id": "li"}
TWO = {"contact_id": "c", "interaction_id": "i2", "agent_id": "wang"}


def story(*happened: tuple[float, Event]) -> Story:
    return Story(
        Logged(number, at(seconds), event) for number, (seconds, event) in enumerate(happened, 1)
    )


def queued(queued_at: datetime = MORNING, **changes: Any) -> events.ContactQueued:
    facts: dict[str, Any] = {
        "contact_id": "c",
        "queue": "sales",
        "queued_at": queued_at,
        "priority": 1,
        "requirements": {"english": 2},
    }
    return events.ContactQueued(**facts | changes)


A_CALL = (
    (0, events.LegAnswered(call_id="k", leg_id="l", codec="PCMU")),
    (1, events.NodeEntered(contact_id="c", flow="f", node="welcome")),
    (5, events.NodeEntered(contact_id="c", flow="f", node="choose")),
    (8, queued(at(8), ahead=2, agents={"talking": 3, "not_ready": 1}, kept_for="li")),
    (
        30,
        events.StepTaken(
            contact_id="c",
            queue="sales",
            steps=1,
            requires=["english>=1"],
            reach=10,
            ahead=0,
            agents={"talking": 4},
        ),
    ),
    (35, events.OfferMade(**ONE, queue="sales", expires_at=at(55), why={"rule": "wanted_agent"})),
    (41, events.OfferEnded(**ONE, outcome="declined")),
    (41, queued(at(8))),
    (42, events.OfferMade(**TWO, queue="sales", expires_at=at(62), why={"rule": "x_agent"})),
    (45, events.OfferAccepted(**TWO)),
    (47, events.InteractionStarted(**TWO, queue="sales")),
    (60, events.InteractionHeld(**TWO, held_by="agent")),
    (75, events.InteractionResumed(**TWO)),
    (90, events.InteractionEnded(**TWO, ended_by="caller")),
    (90, events.ContactEnded(contact_id="c", outcome="handled", reason="caller-hung-up")),
)


def test_the_phases_of_a_call_and_how_long_each_was() -> None:
    it = story(*A_CALL)

    assert [(one.kind, one.seconds(at(1000))) for one in it.phases] == [
        ("menu", 8.0),
        ("waiting", 39.0),
        ("step", 0.0),
        ("offer", 6.0),
        ("offer", 3.0),
        ("talking", 43.0),
        ("held", 15.0),
        ("ended", 0.0),
    ]
    menu, waiting, step, first, second, talking, _, ended = it.phases
    assert menu.facts == {"path": ["welcome", "choose"]}
    assert (waiting.facts["ahead"], waiting.facts["kept_for"]) == (2, "li")
    assert (waiting.facts["agents"], step.facts["agents"]) == (
        {"talking": 3, "not_ready": 1},
        {"talking": 4},
    )
    assert (first.facts["outcome"], second.facts["outcome"]) == ("declined", "accepted")
    assert talking.facts == {"agent_id": "wang", "ended_by": "caller"}
    assert ended.facts == {"outcome": "handled", "reason": "caller-hung-up"}


def test_what_lasts_has_no_end_and_a_length_until_now() -> None:
    it = story(*A_CALL[:6])
    waiting, offer = it.phases[1], it.phases[3]
    assert (waiting.until, waiting.seconds(at(100))) == (None, 92.0)
    assert (offer.until, offer.seconds(at(37))) == (None, 2.0)


def test_a_contact_goes_from_queue_to_queue_and_the_end_ends_all() -> None:
    advice = queued(purpose="consult")
    diverted = events.ContactDiverted(
        contact_id="c",
        queue="sales",
        queued_at=MORNING,
        reason="waited",
        to="queue",
        target="support",
        place=3,
        expected=None,
    )
    it = story(
        (0, queued(ahead=0)),
        (20, diverted),
        (20, queued(queue="support", ahead=4)),
        (25, advice),
        (30, events.ContactTurnedAway(contact_id="c", queue="third", reason="full")),
        (40, events.ContactEnded(contact_id="c", outcome="abandoned", reason="caller-hung-up")),
    )
    assert [(one.kind, one.seconds(at(99)), one.facts.get("queue")) for one in it.phases] == [
        ("waiting", 20.0, "sales"),
        ("diverted", 0.0, "sales"),
        ("waiting", 20.0, "support"),
        ("turned_away", 0.0, "third"),
        ("ended", 0.0, None),
    ]


def test_an_incident_is_part_of_the_story() -> None:
    found = events.IncidentFound(incident_id="x", kind="not_held", subject="i1", contact_id="c")
    healed = events.IncidentHealed(incident_id="x", kind="not_held", action="drop_offer")
    (incident,) = story((3, found), (4, healed)).phases
    assert (incident.seconds(MORNING), incident.facts) == (
        1.0,
        {"fault": "not_held", "action": "drop_offer"},
    )


def test_every_phase_is_told_in_chinese_and_in_english() -> None:
    now = MORNING + timedelta(hours=1)
    said = [sentences.told(one, now) for one in story(*A_CALL).phases]

    assert [one["en"] for one in said] == [
        "8 s in the menu (welcome → choose)",
        "39 s waiting in sales; 2 ahead at first; of those who qualified: 3 talking, 1 not ready; "
        "kept for li at first",
        "the queue asked for english>=1 from then on; of those who qualified: 4 talking",
        "li was rung for 6 s and declined",
        "wang was rung for 3 s and picked up",
        "43 s with wang",
        "on hold for 15 s",
        "over: handled (caller-hung-up)",
    ]
    assert said[1]["zh"] == (
        "在队列 sales 等待 39 秒；前面有 2 个联系；"
        "具备条件的坐席：通话中 3 人、未就绪 1 人；先为 li 保留"
    )
    assert all(one["zh"] != one["en"] for one in said)


@pytest.mark.parametrize(
    "reason",
    [
        *("not in queue", "backing_off", "less_urgent", "most_urgent_contact", "wanted_agent"),
        *("named_agent", "taken_over", "more_in_hand", "fewer_in_hand"),
        *(QUEUE_AT_LIMIT, NAMED, OVERLOOKED, "lacks english>=2", "kept_for li"),
        *("level 3 not asked yet", "level 3 asked later", "chat in hand", "voice full"),
        *(load(name).behind for name in SHIPPED),
        *(f"{name}_agent" for name in SHIPPED),
    ],
)
def test_every_reason_of_the_acd_has_words(reason: str) -> None:
    words = told(reason)
    assert reason not in words.values()
    assert words["zh"] != words["en"]


def test_a_reason_of_somebodys_own_policy_is_told_as_it_is() -> None:
    assert told("older name") == {"zh": "older name", "en": "older name"}
