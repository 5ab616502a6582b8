"""What customers said, as it is counted: surveys, marks and complaints. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from cti_server.store.base import Base
from cti_server.store.quarter_sources import Happened
from cti_server.store.quarters import MarkQuarter, SurveyQuarter

Told = tuple[type[Base], datetime, tuple[str, ...], Mapping[str, int]]
"""Where and when it counts, the names of its row, and what is added there."""

_TWO_ARE_GOOD_FROM = 4
"""Marks of a scale: the better two of three would be most of it."""


def satisfied(mark: int, best: int) -> bool:
    """The best two marks of a scale (4 and 5 of 5), of one with two or three the best one."""
    return mark >= (best - 1 if best >= _TWO_ARE_GOOD_FROM else best)


def told(happened: Happened) -> Iterator[Told]:
    """A survey and all its marks count when the contact is over, a complaint at once."""
    rated = set()
    for interaction_id, agent_id, queue, question, mark, best, ended_at in happened.opinions:
        about = (agent_id or "", queue or "")
        if mark is None:
            yield SurveyQuarter, ended_at, about, {"surveys": 1}
            continue
        if interaction_id is not None and interaction_id not in rated:
            rated.add(interaction_id)
            yield SurveyQuarter, ended_at, about, {"rated": 1}
        good = satisfied(mark, best)
        counts = {"marks": 1, "satisfied": good, "points": mark, "best_points": best}
        yield MarkQuarter, ended_at, (*about, question, str(best), str(mark)), counts
    for agent_id, queue, raised_at in happened.complaints:
        if agent_id is not None:
            yield SurveyQuarter, raised_at, (agent_id, queue or ""), {"complaints": 1}
