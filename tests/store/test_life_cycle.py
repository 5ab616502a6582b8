"""A contact's life cycle by its events: every phase, the odd orders, and the end for good."""

from collections.abc import Sequence

import pytest

from cti_server.store.contacts import Contact
from cti_server.store.projection import project
from cti_server.store.projection.life_cycle import LifeCycle, Phase, after
from cti_server.store.rows import Kept, Rows
from cti_server.wire import events
from cti_server.wire.events import Event

from .stories import arrival, conversation, departure, handled_call, logged, menu, second

LI = {"contact_id": "c", "interaction_id": "i1", "agent_id": "li"}
WANG = {"contact_id": "c", "interaction_id": "i2", "agent_id": "wang"}


def entered() -> Event:
    return events.NodeEntered(contact_id="c", flow="main", node="welcome")


def queued(purpose: str = "serve") -> Event:
    return events.ContactQueued(
        contact_id="c",
        queue="sales",
        queued_at=second(0),
        priority=0,
        requirements={},
        purpose=purpose,
    )


def offered(to: dict[str, str] = LI, purpose: str = "serve") -> Event:
    return events.OfferMade(**to, queue="sales", expires_at=second(9), why={}, purpose=purpose)


def started(to: dict[str, str] = LI) -> Event:
    return events.InteractionStarted(**to, queue="sales", leg_id="leg")


def held(to: dict[str, str] = LI) -> Event:
    return events.InteractionHeld(**to, held_by="agent")


def resumed(to: dict[str, str] = LI) -> Event:
    return events.InteractionResumed(**to)


def left(to: dict[str, str] = LI) -> Event:
    return events.InteractionEnded(**to, ended_by="agent")


def transferring() -> Event:
    return events.TransferStarted(**LI, to="agent", target="wang")


def handed_on() -> Event:
    return events.ContactTransferred(**LI, to="agent", target="wang", how="consult")


def failed(returned_to: str) -> Event:
    return events.TransferFailed(**LI, cause="timed_out", returned_to=returned_to)


def diverted(to: str) -> Event:
    return events.ContactDiverted(
        contact_id="c",
        queue="sales",
        queued_at=second(0),
        reason="waited",
        to=to,
        target="others",
        place=1,
        expected=None,
    )


def ended() -> Event:
    return events.ContactEnded(contact_id="c", outcome="handled", reason="caller-hung-up")


WITH_LI = (queued(), offered(), started())


def phases(story: Sequence[Event]) -> list[str]:
    life, found = LifeCycle(), list[str]()
    for event in story:
        life = after(life, event)
        found.append(life.phase.value)
    return found


@pytest.mark.parametrize(
    ("story", "last"),
    [
        ([], []),
        ([entered()], ["ivr"]),
        ([entered(), queued(), offered()], ["ivr", "queued", "offered"]),
        ([*WITH_LI], ["queued", "offered", "connected"]),
        ([*WITH_LI, held(), resumed()], ["held", "connected"]),
        # who is not answered waits again; whose agent is lost, too
        ([queued(), offered(), queued()], ["queued", "offered", "queued"]),
        ([*WITH_LI, left(), queued(), offered(WANG)], ["connected", "queued", "offered"]),
        # advice: the agent has the customer on hold and keeps them
        (
            [*WITH_LI, held(), queued("consult"), offered(WANG, "consult")],
            ["held", "held", "held"],
        ),
        # handed on to who gave advice, told before or after the other one is there
        ([*WITH_LI, held(), handed_on(), started(WANG)], ["held", "transferred", "connected"]),
        ([*WITH_LI, held(), started(WANG), handed_on(), left()], ["connected"] * 3),
        # a conference: one on hold, the customer hears the other
        ([*WITH_LI, started(WANG), held()], ["connected", "connected"]),
        ([*WITH_LI, started(WANG), held(), left(WANG)], ["connected", "connected", "held"]),
        # blind: to an agent, who comes or does not
        (
            [*WITH_LI, transferring(), held(), left(), offered(WANG), started(WANG)],
            ["transferred", "transferred", "transferred", "offered", "connected"],
        ),
        ([*WITH_LI, transferring(), held(), failed("agent")], ["transferred"] * 2 + ["held"]),
        ([*WITH_LI, transferring(), left(), failed("queue")], ["transferred"] * 2 + ["queued"]),
        # blind to a queue: the customer waits there
        ([*WITH_LI, transferring(), left(), queued()], ["transferred"] * 2 + ["queued"]),
        # to somebody outside: as long as they talk there
        ([*WITH_LI, transferring(), left(), handed_on()], ["transferred"] * 3),
        # by the queue's rule: to another queue, to a number outside, and back if nobody is there
        ([queued(), diverted("queue"), queued()], ["queued"] * 3),
        ([queued(), diverted("number"), queued()], ["queued", "transferred", "queued"]),
        ([*WITH_LI, ended(), left(), queued(), entered()], ["ended"] * 4),
    ],
)
def test_each_event_leads_where_the_life_cycle_says(
    story: Sequence[Event], last: Sequence[str]
) -> None:
    found = phases(story)

    assert found[len(found) - len(last) :] == list(last)


def test_every_phase_but_the_survey_is_reached_by_a_customers_way() -> None:
    """No flow asks how it was as yet; who does will say so by an event of its own."""
    story = [entered(), *WITH_LI, held(), transferring(), ended()]

    assert {"ringing", *phases(story)} == set(Phase) - {"survey"}


def test_the_record_has_the_phase_and_since_when() -> None:
    def of(story: list[Event]) -> tuple[object, ...]:
        rows = Rows(Kept())
        project(rows, logged(story))
        row = rows.changed[Contact, "contact1"]
        return row["phase"], row["phase_since"], row["in_hand"]

    waiting = [*arrival(), *menu()]
    assert of(arrival()[:1]) == ("ringing", second(1), {})
    assert of(waiting) == ("queued", second(8), {})
    talking = [*waiting, *conversation()]
    start = next(
        n for n, one in enumerate(talking, 1) if isinstance(one, events.InteractionStarted)
    )
    assert of(talking[:start]) == ("connected", second(start), {"interaction1.1": True})
    whole = handled_call()
    end = len([*whole]) - len(departure()) + 2
    assert of(whole) == ("ended", second(end), {})
