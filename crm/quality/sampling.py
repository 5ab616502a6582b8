"""Which conversations are reviewed, and by whom: chosen by chance that can be repeated. Pure."""

import hashlib
from bisect import insort
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from crm.labels import Labels
from crm.ticket_types import Identifier, Word

from .scorecards import Part

Seconds = Annotated[int, Field(ge=0, le=24 * 3600)]
Some = Annotated[list[Identifier], Field(max_length=200)]


class Plan(Part):
    """
    Each week ``a_week`` recordings of every agent, queue or team (``per``), or of all together.

    All that is said of them has to be so: of ``queues``, ``agents`` and ``teams`` (any if empty),
    not shorter than ``shortest`` or longer than ``longest`` seconds, a ``complaint`` was made, an
    answer of the survey is ``rating_to`` at best, the ``disposition`` is this code or of this
    group. ``share``: among so many per cent, by chance. ``days``: within which they are reviewed.
    """

    labels: Labels
    scorecard: Word
    reviewers: Annotated[list[Identifier], Field(min_length=1, max_length=100)]
    a_week: Annotated[int, Field(ge=1, le=1000)]
    per: Literal["agent", "queue", "team", "plan"] = "agent"
    queues: Some = Field(default=[])
    agents: Some = Field(default=[])
    teams: Some = Field(default=[])
    share: Annotated[float, Field(gt=0, le=100)] = 100
    shortest: Seconds = 0
    longest: Seconds | None = None
    complaint: bool = False
    rating_to: Annotated[int, Field(ge=1, le=10)] | None = None
    disposition: Word | None = None
    days: Annotated[int, Field(ge=1, le=60)] = 7

    @model_validator(mode="after")
    def _has_something_to_choose_from(self) -> Self:
        if self.longest is not None and self.longest < self.shortest:
            raise ValueError("longest: must not be less than shortest")
        return self


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recording that fits; ``agents``: everybody who had a part in its contact."""

    recording_id: str
    agent_id: str
    queue: str
    team: str | None
    agents: frozenset[str]

    def group(self, per: str) -> str:
        match per:
            case "agent":
                return self.agent_id
            case "queue":
                return self.queue
            case "team":
                return self.team or ""
        return ""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """
    ``load``: the reviews that they have open. ``queues``: whose recordings they may play, None for
    every one; ``team``: whose agents' contacts they see, None for everybody's.
    """

    id: str
    load: int
    queues: Collection[str] | None = None
    team: str | None = None

    def judges(self, one: Candidate) -> bool:
        """Whether they can hear it, and are not in it."""
        hears = self.queues is None or one.queue in self.queues
        sees = self.team is None or self.team == one.team
        return hears and sees and self.id not in one.agents


@dataclass(frozen=True, slots=True)
class Chosen:
    recording_id: str
    reviewer_id: str


def rank(seed: str, week: str, recording_id: str) -> float:
    """From 0 to 1: the same for ever, and nobody can tell it who does not know the seed."""
    digest = hashlib.sha256(f"{seed}\n{week}\n{recording_id}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


class Draw:
    """
    One week's choice: of every group the first by rank, however many are :meth:`add`-ed.

    What none of the reviewers may judge is passed over.
    """

    def __init__(self, plan: Plan, seed: str, week: str, reviewers: Sequence[Reviewer]) -> None:
        self._plan = plan
        self._seed = seed
        self._week = week
        self._reviewers = reviewers
        self._first: defaultdict[str, list[tuple[float, str, Candidate]]] = defaultdict(list)

    def add(self, one: Candidate) -> None:
        place = rank(self._seed, self._week, one.recording_id)
        if place * 100 >= self._plan.share or not any(who.judges(one) for who in self._reviewers):
            return
        first = self._first[one.group(self._plan.per)]
        insort(first, (place, one.recording_id, one))
        del first[self._plan.a_week :]

    def chosen(self, taken: Mapping[str, int]) -> list[Chosen]:
        """
        Each for whoever may judge it and has the least to do.

        ``taken``: how many of each group were chosen for this week already.
        """
        loads = {who.id: who.load for who in self._reviewers}
        found: list[Chosen] = []
        for group, first in sorted(self._first.items()):
            left = max(0, self._plan.a_week - taken.get(group, 0))
            for _, recording_id, one in first[:left]:
                able = [who.id for who in self._reviewers if who.judges(one)]
                to = min(able, key=lambda name: (loads[name], name))
                loads[to] += 1
                found.append(Chosen(recording_id, to))
        return found


@dataclass(frozen=True, slots=True)
class Week:
    """From a Monday to the next, by the centre's clock; named as ISO 8601 names it."""

    monday: date
    zone: str

    @classmethod
    def of(cls, moment: datetime, zone: str) -> Self:
        day = moment.astimezone(ZoneInfo(zone)).date()
        return cls(day - timedelta(days=day.weekday()), zone)

    @property
    def name(self) -> str:
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02}"

    @property
    def begin(self) -> datetime:
        return _midnight(self.monday, self.zone)

    @property
    def end(self) -> datetime:
        """Exclusive."""
        return _midnight(self.monday + timedelta(days=7), self.zone)

    @property
    def before(self) -> "Week":
        return Week(self.monday - timedelta(days=7), self.zone)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
