"""Alert rules: what they measure, when an alert stands, and the watch that raises and clears."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import text

from cti_server.alerts.judging import Standing, judged
from cti_server.alerts.measures import Measures
from cti_server.alerts.open_alerts import OpenAlerts
from cti_server.alerts.rule_watch import RuleWatch
from cti_server.live.snapshot import Snapshot
from cti_server.store.database import Database
from cti_server.store.routing_definitions import RoutingDefinitions
from cti_server.wire.alert_rules import AlertRule
from cti_server.wire.events import Event, Logged, RecordChanged
from tests.fakes.databases import new_sqlite

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LABELS = {"zh": "排队过长", "en": "Many wait"}


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def rule(**given: Any) -> AlertRule:
    usual = {"labels": LABELS, "subject": "queue", "measure": "waiting"}
    return AlertRule.model_validate(usual | given)


# --- judging -------------------------------------------------------------------------------------

WAITING = rule(above=5, over_at=3, lasts=10, over_for=20)


def story(of: AlertRule, *values: tuple[float, float | None]) -> list[bool]:
    """Whether it stands after each value, by the second."""
    standing, stood = Standing(), []
    for second, value in values:
        standing = judged(of, standing, value, at(second))
        stood.append(standing.raised)
    return stood


def test_it_stands_when_it_has_been_so_for_long_enough_and_not_for_a_moment() -> None:
    assert story(WAITING, (0, 6), (9, 7), (10, 6)) == [False, False, True]
    assert story(WAITING, (0, 6), (5, 5), (6, 6), (15, 6)) == [False] * 4
    assert story(rule(above=5, lasts=0), (0, 5), (1, 5.1)) == [False, True]


def test_it_is_over_when_it_has_been_well_back_for_long_enough() -> None:
    begins = ((0, 6), (10, 6))
    between = ((20, 4), (60, 4))  # neither beyond nor over
    assert story(WAITING, *begins, *between)[2:] == [True, True]
    assert story(WAITING, *begins, (20, 3), (39, 3), (40, 0))[2:] == [True, True, False]
    assert story(WAITING, *begins, (20, 3), (39, 4), (40, 3), (59, 3))[2:] == [True] * 4


def test_below_is_the_same_the_other_way_round() -> None:
    few = rule(measure="ready", below=2, over_at=3, lasts=0, over_for=0)
    assert story(few, (0, 2), (1, 1), (2, 2), (3, 3)) == [False, True, True, False]


def test_what_says_nothing_is_nothing_wrong() -> None:
    level = rule(measure="service_level", below=0.8, lasts=0, over_for=0)
    assert story(level, (0, None), (1, 0.5), (2, None)) == [False, True, False]


@given(st.lists(st.floats(0, 10), min_size=2, max_size=60))
def test_it_never_changes_sooner_than_the_rule_says(values: list[float]) -> None:
    stood = story(WAITING, *((second, value) for second, value in enumerate(values)))

    changes = [n for n, (a, b) in enumerate(zip([False, *stood], stood, strict=False)) if a != b]
    for begin, end in pairwise(changes):
        assert end - begin >= (20 if stood[begin] else 10)
    assert not changes or changes[0] >= 10


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "above"),
        ({"above": 1, "below": 1}, "above"),
        ({"above": 5, "over_at": 6}, "over_at"),
        ({"below": 5, "over_at": 4}, "over_at"),
        ({"subject": "team", "above": 1}, "measure"),
        ({"subject": "centre", "name": "x", "above": 1}, "name"),
        ({"above": float("nan")}, "above"),
        ({"above": 1, "lasts": 3601}, "lasts"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_by_its_field(
    given: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        rule(**given)


# --- measuring -----------------------------------------------------------------------------------

WINDOW = {
    "offered": 10, "answered": 6, "abandoned": 2, "handled": 5, "service_level": 0.75,
    "abandon_rate": 0.25, "asa": 12.5, "aht": 180.0,
}  # fmt: skip
QUEUE = {
    "waiting": 4,
    "longest_wait_since": at(-90).isoformat(),
    "agents": {"ready": 1, "not_ready": 1, "ringing": 0, "talking": 3, "wrap_up": 3},
    "recent": WINDOW,
    "today": WINDOW | {"asa": None},
}
SNAPSHOT = Snapshot(
    sequence=1,
    at=NINE,
    day=NINE,
    interval_from=NINE,
    queues={"sales": QUEUE, "idle": {"waiting": 0, "longest_wait_since": None, "agents": {}}},
    agents={"li": {"state": "talking"}, "wang": {"state": "ready"}, "hu": {"state": "logged_out"}},
    centre={
        "queues": QUEUE | {"waiting": 7},
        "calls": {"busy": 9, "interval": {"arrived": 18, "refused": 2, "blocked_rate": 0.1}},
        "trunks": [{"trunk": "carrier", "lines": 10, "busy": 9}],
    },
)


def measured(**given: Any) -> dict[str, float | None]:
    measures = Measures(SNAPSHOT, {"li": "north", "wang": "north", "hu": "south"}.get, NINE)
    return dict(measures.of(rule(**{"above": 1} | given)))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"measure": "waiting"}, {"sales": 4, "idle": 0}),
        ({"measure": "longest_wait", "name": "sales"}, {"sales": 90}),
        ({"measure": "longest_wait", "name": "idle"}, {"idle": 0}),
        ({"measure": "service_level"}, {"sales": 0.75, "idle": None}),
        ({"measure": "service_level", "at_least": 9, "name": "sales"}, {"sales": None}),
        ({"measure": "offered", "at_least": 99, "name": "sales"}, {"sales": 10}),
        ({"measure": "asa", "window": "today", "name": "sales"}, {"sales": None}),
        ({"measure": "busy_share"}, {"sales": 0.75, "idle": None}),
        ({"measure": "logged_in", "name": "sales"}, {"sales": 8}),
        ({"measure": "ready", "subject": "team"}, {"north": 1, "south": 0}),
        ({"measure": "busy_share", "subject": "team"}, {"north": 0.5, "south": None}),
        ({"measure": "waiting", "subject": "centre"}, {"": 7}),
        ({"measure": "lines_busy", "subject": "centre"}, {"": 9}),
        ({"measure": "blocked_rate", "subject": "centre"}, {"": 0.1}),
        ({"measure": "lines_busy", "subject": "trunk"}, {"carrier": 9}),
        ({"measure": "line_occupancy", "subject": "trunk"}, {"carrier": 0.9}),
        ({"measure": "waiting", "name": "gone"}, {}),
    ],
)
def test_each_measure_is_read_where_the_figures_have_it(
    given: dict[str, Any], found: dict[str, float | None]
) -> None:
    assert measured(**given) == found


# --- the watch -----------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.second = 0.0

    def now(self) -> datetime:
        return at(self.second)


class Floor:
    """The watch with a clock and figures in a test's hand."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = Clock()
        self.snapshot = SNAPSHOT
        self.told: list[Event] = []
        self.alerts = OpenAlerts(self.append, lambda: f"a{len(self.told)}")
        self.watch = self.watching()

    def watching(self) -> RuleWatch:
        return RuleWatch(
            self.alerts, lambda: self.snapshot, lambda agent: None, self.clock, self.database
        )

    def append(self, event: Event) -> None:
        self.told.append(event)
        self.alerts.hear(Logged(len(self.told), self.clock.now(), event))

    async def define(self, rule_id: str, content: AlertRule | None) -> None:
        async with self.database.sessions() as session, session.begin():
            rules = RoutingDefinitions(session, "alert_rule")
            if content is None:
                await rules.remove(await rules.need(rule_id), "zhao", NINE)
            else:
                await rules.create(rule_id, content.model_dump(mode="json"), "zhao", NINE)
        changed = RecordChanged(
            change_id="c", record="alert_rule", record_id=rule_id, action="created",
            changed_by="zhao",
        )  # fmt: skip
        self.watch.hear(Logged(1, NINE, changed))
        await self.watch.read()

    async def move_rules(self, table: str, to: str) -> None:
        """Until they are moved back, whoever reads them is told that they are not there."""
        async with self.database.sessions.begin() as session:
            await session.execute(text(f"ALTER TABLE {table} RENAME TO {to}"))

    def waiting(self, number: int) -> None:
        sales = QUEUE | {"waiting": number}
        self.snapshot = replace(SNAPSHOT, queues={**SNAPSHOT.queues, "sales": sales})

    def look(self, second: float) -> list[tuple[str | None, float]]:
        """The queues and values of what is open then."""
        self.clock.second = second
        self.watch.look()
        open_ones = [one for one in self.alerts.all if one.threshold is not None]
        return [(one.queue, one.threshold.value) for one in open_ones if one.threshold]


@pytest.fixture
async def floor(tmp_path: Any) -> Any:
    database = new_sqlite(tmp_path)
    yield Floor(database)
    await database.close()


async def test_a_rule_raises_one_alert_for_each_queue_and_clears_it_by_itself(floor: Floor) -> None:
    await floor.define("many", rule(above=3, lasts=5, over_for=5, severity="critical"))
    assert floor.look(0) == []
    assert floor.look(5) == [("sales", 4.0)]
    [alert] = floor.alerts.all
    assert (alert.severity, alert.labels.en, alert.rule_id, alert.lasting) == (
        *("critical", "Many wait", "many", True),
    )
    floor.waiting(9)
    assert floor.look(6) == [("sales", 4.0)]  # the one that there is
    floor.waiting(0)
    assert floor.look(7) == [("sales", 4.0)]
    assert floor.look(12) == []
    assert len(floor.told) == 2


async def test_a_restart_goes_on_with_the_alert_that_there_is(floor: Floor) -> None:
    await floor.define("many", rule(above=3, lasts=0, over_for=0))
    floor.look(0)
    floor.watch = floor.watching()
    floor.watch.adopt()
    await floor.watch.read()

    assert floor.look(1) == [("sales", 4.0)]
    assert len(floor.told) == 1
    floor.waiting(1)
    assert floor.look(2) == []


async def test_an_alert_ends_with_its_rule(floor: Floor) -> None:
    await floor.define("many", rule(above=3, lasts=0))
    assert floor.look(0) == [("sales", 4.0)]
    await floor.define("many", None)

    assert floor.look(1) == []


async def test_while_the_database_is_away_the_rules_that_were_read_last_go_on(floor: Floor) -> None:
    await floor.define("many", rule(above=3, lasts=0, over_for=0))
    await floor.move_rules("routing_definition", "away")
    assert await floor.watch.read() is False

    assert floor.look(0) == [("sales", 4.0)]
    floor.waiting(0)
    assert floor.look(1) == []


async def test_nothing_is_over_by_rules_that_could_not_be_read_yet(floor: Floor) -> None:
    await floor.define("many", rule(above=3, lasts=0, over_for=0))
    floor.look(0)
    floor.watch = floor.watching()
    floor.watch.adopt()
    await floor.move_rules("routing_definition", "away")
    assert await floor.watch.read() is False
    floor.waiting(0)
    assert floor.look(1) == [("sales", 4.0)]

    await floor.move_rules("away", "routing_definition")
    assert await floor.watch.read() is True
    assert floor.look(2) == []
