"""
How many agents serve a group of contacts, and how many of these serve another one, too.

That is asked for each contact that waits, and changes only when somebody logs in or out, pauses or
learns something: who rings, talks or wraps up serves as before. So each group keeps what was
counted and takes in the changes since, or is counted anew, whichever is less work.
"""

from typing import Final

from .qualification import Crew, Group, Strength

CHANGES: Final = 8192  # remembered at least; twice as many before the older half is dropped


class Strengths:
    """Of all groups."""

    def __init__(self) -> None:
        self._changes: list[tuple[Crew, int, int]] = []
        self._dropped = 0

    def moved(self, crew: Crew, there: int, serving: int) -> None:
        """So many more of these agents are logged in, and serve."""
        if not there and not serving:
            return
        crew.there += there
        crew.serving += serving
        self._changes.append((crew, there, serving))
        if len(self._changes) > 2 * CHANGES:
            del self._changes[:CHANGES]
            self._dropped += CHANGES

    def of(self, group: Group) -> Strength:
        """As it is now; to be read at once."""
        total, found = self._dropped + len(self._changes), group.strength
        if found is not None and found.counted_to == total:
            return found
        missed = total - (0 if found is None else found.counted_to)
        anew = len(group.crews) * (1 if found is None else 1 + len(found.both))
        if found is None or missed > min(anew, len(self._changes)):
            there = sum(crew.there for crew in group.crews)
            found = Strength(there, sum(crew.serving for crew in group.crews))
            group.strength = found
        elif missed:
            self._take_in(group, found, missed)
        found.shares.clear()
        found.counted_to = total
        return found

    def share(self, other: Group, group: Group) -> float:
        """
        How many of those who serve the other group serve this one, too: from 0 to 1.

        From then on, and until the next change, it is in the group's :attr:`.Strength.shares`.
        """
        strength, share = self.of(group), 1.0
        if other is not group:
            all_of_them = self.of(other).serving
            share = self._both(other, group, strength) / all_of_them if all_of_them else 0.0
        strength.shares[other] = share
        return share

    def _take_in(self, group: Group, found: Strength, missed: int) -> None:
        for crew, there, serving in self._changes[-missed:]:
            groups = crew.groups  # still those that it was counted in, if it was dissolved since
            if group not in groups:
                continue
            found.there += there
            found.serving += serving
            for other in found.both if serving else ():
                if other in groups:
                    found.both[other] += serving

    def _both(self, other: Group, group: Group, strength: Strength) -> int:
        both = strength.both.get(other)
        if both is None:
            few, many = sorted((other.crews, group.crews), key=len)
            both = strength.both[other] = sum(crew.serving for crew in few if crew in many)
        return both
