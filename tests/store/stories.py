"""Calls as the log tells them: lists of events, one second apart."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from cti_server.store.journal_files import Entry
from cti_server.wire import events
from cti_server.wire.events import Event, Logged

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
_encode = msgspec.json.Encoder().encode


def second(number: float) -> datetime:
    """The time of the event with this number in a log that begins at nine."""
    return NINE + timedelta(seconds=number)


def logged(story: Iterable[Event], first: int = 1) -> list[Logged]:
    return [Logged(n, second(n), event) for n, event in enumerate(story, first)]


def entries(story: Iterable[Event], first: int = 1) -> list[Entry]:
    return [Entry(each, _encode(each)) for each in logged(story, first)]


def state(
    agent: str,
    state: str,
    at: float,
    *,
    contact: str | None = None,
    reason: str | None = None,
) -> Event:
    return events.AgentStateChanged(
        agent_id=agent, state=state, since=second(at), contact_id=contact, reason=reason
    )


def arrival(n: int = 1) -> list[Event]:
    """A call comes in, is answered, and its customer is found: events 1 to 4."""
    return [
        events.CallArrived(
            call_id=f"call{n}",
            contact_id=f"contact{n}",
            sip_call_id=f"{n}@trunk",
            caller_number=f"+86138000{n:05}",
            dialled_number="4001",
            trunk="carrier",
        ),
        events.LegStarted(
            call_id=f"call{n}",
            leg_id=f"caller{n}",
            role="caller",
            party=f"+86138000{n:05}",
            address="sip:13800@carrier",
        ),
        events.LegAnswered(call_id=f"call{n}", leg_id=f"caller{n}", codec="PCMA"),
        events.CustomerMatched(
            contact_id=f"contact{n}", match="one", customer_ids=[f"customer{n}"]
        ),
    ]


def menu(n: int = 1) -> list[Event]:
    """The caller chooses sales and waits: events 5 to 8."""
    return [
        events.NodeEntered(contact_id=f"contact{n}", flow="main", node="welcome", version=1),
        events.NodeEntered(contact_id=f"contact{n}", flow="main", node="sales", version=1, by="1"),
        events.ContactAnnotated(contact_id=f"contact{n}", attributes={"order": "4711"}),
        events.ContactQueued(
            contact_id=f"contact{n}",
            queue="sales",
            queued_at=second(8),
            priority=2,
            requirements={"sales": 3},
        ),
    ]


def offer(n: int, agent: str, number: int = 1) -> Event:
    return events.OfferMade(
        contact_id=f"contact{n}",
        interaction_id=f"interaction{n}.{number}",
        agent_id=agent,
        queue="sales",
        expires_at=second(100),
        why={"candidates": [agent]},
    )


def conversation(n: int = 1, agent: str = "anna", number: int = 1, at: float = 9) -> list[Event]:
    """Offer to the end of wrap-up: 14 events, the first of them at ``at``."""
    ids: dict[str, Any] = {
        "contact_id": f"contact{n}",
        "interaction_id": f"interaction{n}.{number}",
        "agent_id": agent,
    }
    leg = {"call_id": f"call{n}", "leg_id": f"agent{n}.{number}"}
    recording = f"recording{n}.{number}"
    return [
        offer(n, agent, number),
        state(agent, "ringing", at + 1, contact=f"contact{n}"),
        events.LegStarted(
            **leg, role="agent", party=agent, address="sip:anna@10.0.0.7", agent_id=agent
        ),
        events.LegAnswered(**leg, codec="PCMU"),
        events.OfferAccepted(**ids),
        state(agent, "talking", at + 5, contact=f"contact{n}"),
        events.InteractionStarted(**ids, queue="sales"),
        events.RecordingStarted(recording_id=recording, call_id=f"call{n}", queue="sales", **ids),
        events.InteractionEnded(**ids, ended_by="caller"),
        state(agent, "wrap_up", at + 9, contact=f"contact{n}"),
        events.LegEnded(**leg, result="ended", reason="hung_up", quality={"mos": 4.2}),
        state(agent, "ready", at + 11),
        events.RecordingStored(
            recording_id=recording,
            call_id=f"call{n}",
            queue="sales",
            caller_number=f"+86138000{n:05}",
            dialled_number="4001",
            started_at=second(at + 7),
            duration=1.5,
            file=f"2026/03/02/{recording}.wav",
            size=24058,
            sha256="ab" * 32,
            codec="PCMA",
            recovered=False,
            quality={"caller_mos": 4.3},
            **ids,
        ),
        events.NodeEntered(contact_id=f"contact{n}", flow="main", node="bye"),
    ]


def departure(n: int = 1, outcome: str = "handled") -> list[Event]:
    return [
        events.LegEnded(
            call_id=f"call{n}", leg_id=f"caller{n}", result="ended", reason="caller_hung_up"
        ),
        events.ContactEnded(contact_id=f"contact{n}", outcome=outcome, reason="caller_hung_up"),
        events.CallEnded(
            call_id=f"call{n}",
            contact_id=f"contact{n}",
            result="ended",
            reason="caller_hung_up",
        ),
    ]


def handled_call(n: int = 1, agent: str = "anna") -> list[Event]:
    return [*arrival(n), *menu(n), *conversation(n, agent), *departure(n)]
