"""
How many agents qualify for a contact, by what they do: told when it begins to wait, for the record.

Counted per crew; a group's sum is kept and brought up to date by the changes since it was asked
for, or summed anew over its crews, whichever is less work. The counts of one crew or group are one
number, a field of bits for each thing that agents do: so a sum costs one addition a crew.
"""

from operator import attrgetter
from typing import Final

from .model import AgentState
from .qualification import Crew, Group

UNFIT: Final = "unfit"
"""What who would be ready does whose equipment is not."""

Post = tuple[Crew, str]
"""A crew, and what one of its agents does: a state's value, or :data:`UNFIT`."""

_CHANGES = 8192  # remembered at least; twice as many before the older half is dropped
_WIDTH = 32  # bits of a count
_SHIFTS = {
    doing: at * _WIDTH for at, doing in enumerate((*(one.value for one in AgentState), UNFIT))
}
_ONE = {doing: 1 << shift for doing, shift in _SHIFTS.items()}
_MOST = (1 << _WIDTH) - 1
_STAFF = attrgetter("staff")


class Staffing:
    """Of all agents."""

    def __init__(self) -> None:
        self._changes: list[tuple[Crew, int]] = []
        self._dropped = 0

    def moved(self, before: Post | None, after: Post | None) -> None:
        """One agent; None for who was not there, or is there no more."""
        if before is not None:
            self._count(before[0], -_ONE[before[1]])
        if after is not None:
            self._count(after[0], _ONE[after[1]])
        if len(self._changes) > 2 * _CHANGES:
            del self._changes[:_CHANGES]
            self._dropped += _CHANGES

    def of(self, group: Group) -> dict[str, int]:
        """How many qualify, by what they do; what nobody does is not in it."""
        total, crews = self._dropped + len(self._changes), group.crews
        missed = total - group.staffed_at
        if group.staff is None or missed > min(len(crews), len(self._changes)):
            group.staff = sum(map(_STAFF, crews))
        elif missed:
            group.staff += sum(by for crew, by in self._changes[-missed:] if crew in crews)
        group.staffed_at = total
        counts = {doing: group.staff >> shift & _MOST for doing, shift in _SHIFTS.items()}
        return {doing: count for doing, count in counts.items() if count}

    def _count(self, crew: Crew, by: int) -> None:
        crew.staff += by
        self._changes.append((crew, by))
