"""
How the losses of a stream are spread: bursts and gaps (RFC 3611 §4.7.2), runs (G.107's BurstR).

Pure. Only packets that are missing come here, never those that arrive, so a good stream costs
nothing. Whether a missing packet is lost or only late is known a moment later: the last
:data:`SETTLING` numbers wait.
"""

import copy
from collections import deque
from dataclasses import dataclass
from typing import Final

GMIN: Final = 16  # packets received in a row that end a burst, the value that RFC 3611 recommends
SETTLING: Final = 64  # packets after which one that is missing does not come any more: 1.3 s


@dataclass(frozen=True, slots=True)
class BurstFigures:
    """Densities are fractions 0 to 1 of lost packets; lengths are means, in packets."""

    burst_density: float = 0.0
    gap_density: float = 0.0
    burst_length: float = 0.0
    gap_length: float = 0.0
    ratio: float = 1.0  # BurstR: 1 where the losses are spread by chance, or better


class Bursts:
    """
    The losses of one leg's stream, by their extended sequence numbers.

    A burst begins and ends with a lost packet, has at least two, and nowhere within it were
    :data:`GMIN` received in a row. All the rest is gap, where losses stand alone.
    """

    __slots__ = (
        "_burst_lost", "_burst_packets", "_bursts", "_first", "_in_row", "_last", "_late", "_lost",
        "_missing", "_runs",
    )  # fmt: skip

    def __init__(self) -> None:
        self._missing: deque[tuple[int, int]] = deque()  # runs (first, count) that wait
        self._late: set[int] = set()  # of those, the ones that came after all
        self._lost = self._runs = 0
        self._bursts = self._burst_packets = self._burst_lost = 0
        self._first = self._last = -GMIN - 1  # of the present group of losses
        self._in_row = 0  # losses in that group

    def missed(self, first: int, count: int) -> None:
        """These numbers, from ``first`` on, were passed over."""
        self._missing.append((first, count))
        self._settle(first + count - SETTLING)

    def came_late(self, number: int) -> None:
        """This one was only late."""
        if self._missing and number >= self._missing[0][0]:
            self._late.add(number)

    def restart(self) -> None:
        """Another stream of the same leg begins: nothing of the old one comes any more."""
        self._settle(None)
        self._end_group()
        self._first = self._last = -GMIN - 1

    def figures(self, expected: int, discarded: int = 0) -> BurstFigures:
        """
        Of a stream of so many packets; what waits counts as lost.

        ``discarded`` ones came too late for whom they were for. Where they stood in the stream is
        not known: they count as spread by chance.
        """
        rest = copy.deepcopy(self)
        rest.restart()
        return rest.settled_figures(expected, discarded)

    @property
    def waiting(self) -> int:
        """How many numbers are remembered."""
        return len(self._missing) + len(self._late)

    def settled_figures(self, expected: int, discarded: int) -> BurstFigures:
        """The same of what is settled by now, and of ended groups only."""
        lost = self._lost + discarded
        if lost == 0 or expected <= 0:
            return BurstFigures(gap_length=float(max(0, expected)))
        gap_packets = max(0, expected - self._burst_packets)
        by_chance = expected / max(1, expected - lost)  # the mean length of a run of losses
        return BurstFigures(
            burst_density=_fraction(self._burst_lost, self._burst_packets),
            gap_density=_fraction(lost - self._burst_lost, gap_packets),
            burst_length=_fraction(self._burst_packets, self._bursts),
            gap_length=gap_packets / (self._bursts + 1),
            ratio=max(1.0, _fraction(lost, self._runs + discarded) / by_chance),
        )

    def _settle(self, limit: int | None) -> None:
        """Take what is missing below ``limit``, or all of it, as lost."""
        while self._missing and (limit is None or sum(self._missing[0]) <= limit):
            first, count = self._missing.popleft()
            self._lose_but_late(first, count)
        if not self._missing:
            self._late.clear()

    def _lose_but_late(self, first: int, count: int) -> None:
        start = first
        for number in sorted(n for n in self._late if first <= n < first + count):
            self._late.discard(number)
            self._lose(start, number - start)
            start = number + 1
        self._lose(start, first + count - start)

    def _lose(self, first: int, count: int) -> None:
        """A run of losses."""
        if count <= 0:
            return
        if first - self._last > GMIN:  # at least GMIN were received since
            self._end_group()
            self._first = first
        if first != self._last + 1:
            self._runs += 1
        self._in_row += count
        self._lost += count
        self._last = first + count - 1

    def _end_group(self) -> None:
        """The losses so far are a burst if they are more than one."""
        if self._in_row > 1:
            self._bursts += 1
            self._burst_packets += self._last - self._first + 1
            self._burst_lost += self._in_row
        self._in_row = 0


def _fraction(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
