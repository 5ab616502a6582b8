"""What the rules measure, read from a snapshot of the live figures. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from cti_server.live.rows import Row
from cti_server.live.snapshot import Snapshot
from cti_server.wire.alert_rules import AlertRule

TeamOf = Callable[[str], str | None]

_BUSY = ("talking", "wrap_up")
_BASE = {
    "service_level": ("answered", "abandoned"),
    "abandon_rate": ("answered", "abandoned"),
    "asa": ("answered",),
    "aht": ("handled",),
    "blocked_rate": ("arrived", "refused"),
}
"""How many contacts a rate or a mean is of."""


class Measures:
    """One snapshot as rules read it, at ``now``."""

    def __init__(self, snapshot: Snapshot, team_of: TeamOf, now: datetime) -> None:
        self._snapshot = snapshot
        self._team_of = team_of
        self._now = now
        self._teams: dict[str, Row] | None = None

    def of(self, rule: AlertRule) -> Iterator[tuple[str, float | None]]:
        """The name of each that the rule is about, and what it measures there."""
        for name, row in self._rows(rule.subject).items():
            if rule.name in {None, name}:
                yield name, self._value(rule, row)

    def _rows(self, subject: str) -> Mapping[str, Row]:
        centre = self._snapshot.centre
        match subject:
            case "queue":
                return self._snapshot.queues
            case "trunk":
                return {row["trunk"]: row for row in centre.get("trunks", ())}
            case "team":
                if self._teams is None:
                    self._teams = self._team_rows()
                return self._teams
            case _:
                return {"": {**centre.get("queues", {}), "calls": centre.get("calls", {})}}

    def _team_rows(self) -> dict[str, Row]:
        """Those who are logged in, by team and state; a team of which nobody is has no row."""
        states: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for agent_id, agent in self._snapshot.agents.items():
            if (team := self._team_of(agent_id)) is not None:
                states[team][agent["state"]] += agent["state"] != "logged_out"
        return {team: {"agents": dict(counted)} for team, counted in states.items()}

    def _value(self, rule: AlertRule, row: Row) -> float | None:
        match rule.measure:
            case "waiting":
                return _number(row.get("waiting"))
            case "longest_wait":
                since = row.get("longest_wait_since")
                return 0.0 if since is None else self._seconds_since(since)
            case "ready" | "not_ready":
                return _number(row.get("agents", {}).get(rule.measure, 0))
            case "logged_in":
                return float(sum(row.get("agents", {}).values()))
            case "busy_share":
                agents = row.get("agents", {})
                return _share(sum(agents.get(each, 0) for each in _BUSY), sum(agents.values()))
            case "lines_busy":
                return _number(row.get("calls", row).get("busy"))
            case "line_occupancy":
                return _share(row.get("busy", 0), row.get("lines") or 0)
            case "blocked_rate":
                window = "interval" if rule.window == "recent" else rule.window
                return _counted(rule, row.get("calls", {}).get(window, {}))
            case _:
                return _counted(rule, row.get(rule.window, {}))

    def _seconds_since(self, moment: str) -> float:
        return max(0.0, (self._now - datetime.fromisoformat(moment)).total_seconds())


def _counted(rule: AlertRule, window: Mapping[str, Any]) -> float | None:
    of = sum(window.get(name, 0) for name in _BASE.get(rule.measure, ()))
    if rule.measure in _BASE and of < rule.at_least:
        return None
    return _number(window.get(rule.measure))


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _share(part: float, of: float) -> float | None:
    return part / of if of else None
