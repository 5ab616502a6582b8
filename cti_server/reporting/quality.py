"""The reports of quality management: what reviews say of whom, and whether reviewers agree."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import Connection

from cti_server.store import quality_sums as stored
from cti_server.store.quarter_sums import Key, Sums

from .columns import Value

PREFIX = "quality-"
TITLES = frozenset({"scorecard", "error", "calibration"})
"""Keys whose names have titles here."""


@dataclass(frozen=True, slots=True)
class Span:
    connection: Connection
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Titles:
    """Of scorecards and codes of errors by id, as they are now; of calibrations."""

    labels: Mapping[tuple[str, str], tuple[Mapping[str, str], str | None]]
    calibrations: Mapping[str, str]

    @classmethod
    def of(cls, connection: Connection) -> Self:
        rows = stored.labels(connection)
        labels = {(kind, id): (labels, group) for kind, id, labels, group in rows}
        return cls(labels, stored.titles(connection))

    def titles(self, key: str, name: str, language: str) -> dict[str, Value]:
        if key == "calibration":
            return {"title": self.calibrations.get(name, "")}
        labels, group = self.labels.get((key, name), ({}, None))
        label = labels.get(language, "")
        return {"card": label} if key == "scorecard" else {"label": label, "group": group or ""}


def groups(
    span: Span,
    key: str,
    only: str | None,
    *,
    sees: Callable[[str], bool],
    team_of: Callable[[str], str],
) -> Sums:
    """The rows' sums by what the report has a row for; ``only``: of this one."""
    match key:
        case "error":
            return _errors(span, only, sees)
        case "calibration":
            found = stored.calibrations(span.connection, span.begin, span.end)
            return {name: sums for name, sums in found.items() if only in {None, name[0]}}
    made: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    rows = stored.reviews(span.connection, span.begin, span.end)
    for (agent_id, queue, scorecard), sums in rows.items():
        if not sees(agent_id):
            continue
        name = {"agent": agent_id, "queue": queue, "scorecard": scorecard}.get(key)
        name = team_of(agent_id) if name is None else name
        if only in {None, name}:
            made[name,].update(sums)
    return made


def _errors(span: Span, only: str | None, sees: Callable[[str], bool]) -> Sums:
    """Shares are of all faults, whichever code is asked for."""
    counts: Counter[str] = Counter()
    found = stored.errors(span.connection, span.begin, span.end)
    for (agent_id, code), number in found.items():
        if sees(agent_id):
            counts[code] += number
    made: Sums = {}
    so_far = 0
    for code, number in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        so_far += number
        made[code,] = Counter(faults=number, so_far=so_far, all_faults=counts.total())
    return {key: sums for key, sums in made.items() if only in {None, key[0]}}
