"""What is open, and the alert of one-way audio: made of events, compared as values."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from cti_server.alerts import open_alerts
from cti_server.alerts.one_way_audio import OneWayAudioAlerts, SilentParty
from cti_server.alerts.open_alerts import OpenAlerts
from cti_server.store.alerts import Alert, Alerts
from cti_server.wire.events import (
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    Event,
    LegEnded,
    LegFellSilent,
    LegHeardAgain,
    Logged,
)
from tests.fakes.databases import new_sqlite

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LI_HEARS_NOBODY = SilentParty("k1", "customer", "li", "i1", "sales")


class Log:
    """Tells its subscribers at once."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.alerts = OpenAlerts(self.append, lambda: f"a{len(self.events)}")
        self.audio = OneWayAudioAlerts(
            self.alerts, lambda call, leg: LI_HEARS_NOBODY if leg == "caller" else None
        )

    def append(self, event: Event) -> None:
        self.events.append(event)
        number = len(self.events)
        logged = Logged(number, NINE + timedelta(seconds=number), event)
        self.alerts.hear(logged)
        self.audio.hear(logged)

    @property
    def open(self) -> list[str]:
        return [one.id for one in self.alerts.all]


def complaint(alert_id: str) -> AlertRaised:
    return AlertRaised(alert_id=alert_id, kind="complaint", contact_id="k1")


def test_a_complaint_is_open_until_somebody_takes_note_of_it() -> None:
    log = Log()
    log.append(complaint("c"))
    assert [(one.labels.en, one.raised_at.second) for one in log.alerts.all] == [("Complaint", 1)]

    log.append(AlertAcknowledged(alert_id="c", acknowledged_by="zhao"))
    assert log.open == []


def test_what_goes_on_stays_open_with_who_has_taken_note_until_it_is_over() -> None:
    log = Log()
    log.append(AlertRaised(alert_id="full", kind="threshold", lasting=True, severity="critical"))
    log.append(AlertAcknowledged(alert_id="full", acknowledged_by="zhao"))
    [alert] = log.alerts.all
    assert (alert.acknowledged_by, alert.severity, alert.open) == ("zhao", "critical", True)

    log.alerts.clear("full")
    assert log.open == []
    assert isinstance(log.events[-1], AlertCleared)


def test_who_is_told_hears_of_every_change_when_it_has_happened() -> None:
    log, seen = Log(), list[tuple[str, bool]]()
    log.alerts.tell(lambda alert_id: seen.append((alert_id, alert_id in log.open)))

    log.append(complaint("c"))
    log.append(AlertAcknowledged(alert_id="c", acknowledged_by="zhao"))

    assert seen == [("c", True), ("c", False)]


def test_the_oldest_complaint_makes_room_and_what_goes_on_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(open_alerts, "MOST", 2)
    log, told = Log(), list[tuple[str, bool]]()
    log.append(AlertRaised(alert_id="full", kind="threshold", lasting=True))
    log.append(complaint("c0"))
    log.alerts.tell(lambda alert_id: told.append((alert_id, alert_id in log.open)))
    log.append(complaint("c1"))

    assert log.open == ["full", "c1"]
    assert told == [("c0", False), ("c1", True)]


async def test_what_goes_on_is_known_after_a_start_however_many_came_since(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(open_alerts, "MOST", 2)
    database, log = new_sqlite(tmp_path), Log()
    async with database.sessions.begin() as session:
        for number, alert_id in enumerate(["full", "over", "c1", "c2", "c3"]):
            at, lasting = NINE + timedelta(minutes=number), alert_id in {"full", "over"}
            over = at if alert_id == "over" else None
            kind = "threshold" if lasting else "complaint"
            session.add(
                Alert(
                    id=alert_id,
                    kind=kind,
                    contact_id=None,
                    raised_at=at,
                    lasting=lasting,
                    cleared_at=over,
                )
            )
    await log.alerts.load(database)
    await database.close()

    assert log.open == ["full", "c2", "c3"]


async def test_open_alerts_are_found_by_their_index(tmp_path: Path) -> None:
    database, asked = new_sqlite(tmp_path), list[tuple[str, Any]]()

    def note(_: object, __: object, query: str, values: Any, *rest: object) -> None:
        if query.startswith("SELECT"):
            asked.append((query, values))

    event.listen(Engine, "before_cursor_execute", note)
    async with database.sessions() as session:
        await Alerts(session).page(5, only_open=True)
        await Alerts(session).lasting()
    event.remove(Engine, "before_cursor_execute", note)
    async with database.engine.connect() as connection:
        plans = [
            (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)).scalars(
                "detail"
            )
            for query, values in asked
        ]
    await database.close()

    assert [[*plan] for plan in plans] == [["SCAN alert USING INDEX ix_alert_open"]] * 2


def silent(leg: str) -> LegFellSilent:
    return LegFellSilent(call_id="c", leg_id=leg, seconds=3.0)


@pytest.mark.parametrize(
    "end",
    [
        LegHeardAgain(call_id="c", leg_id="caller", seconds=5.0),
        LegEnded(call_id="c", leg_id="caller", result="ok", reason="caller-hung-up"),
    ],
)
def test_who_is_not_heard_is_one_alert_until_they_are_or_have_gone(end: Event) -> None:
    log = Log()
    log.append(silent("caller"))
    log.append(silent("caller"))
    [alert] = log.alerts.all

    assert (alert.kind, alert.contact_id, alert.agent_id, alert.queue, alert.interaction_id) == (
        *("one_way_audio", "k1", "li", "sales", "i1"),
    )
    assert alert.one_way_audio is not None
    assert alert.one_way_audio.model_dump() == {"leg_id": "caller", "party": "customer"}
    raised = next(event for event in log.events if isinstance(event, AlertRaised))
    assert raised.agent_id == "li"  # whose own desktop hears of it

    log.append(end)
    assert log.open == []
    assert log.events[-1] == AlertCleared(alert_id=alert.id, contact_id="k1", agent_id="li")


def test_a_leg_of_no_running_call_is_no_alert_and_its_end_clears_nothing() -> None:
    log = Log()
    log.append(silent("stranger"))
    log.append(LegHeardAgain(call_id="c", leg_id="stranger", seconds=5.0))

    assert [type(event) for event in log.events] == [LegFellSilent, LegHeardAgain]


def test_what_an_earlier_process_left_open_is_over_when_the_next_begins() -> None:
    log = Log()
    log.append(silent("caller"))
    OneWayAudioAlerts(log.alerts, lambda call, leg: None).begin()

    assert log.open == []
