"""How many keys of one party are believed. Pure: times in, a yes or no out."""

from typing import Final

MOST: Final = 25
"""Keys in a second. A machine that dials sends 10 to 14 (ITU-T Q.24: 40 ms on, 40 ms off)."""


class KeyRate:
    """Whoever sends more keys than anybody presses has the rest counted, and nothing done."""

    __slots__ = ("_began", "_count", "ignored")

    def __init__(self) -> None:
        self._began = float("-inf")
        self._count = 0
        self.ignored = 0

    def admits(self, now: float) -> bool:
        """``now`` in seconds."""
        if now - self._began >= 1.0:
            self._began, self._count = now, 0
        self._count += 1
        if self._count <= MOST:
            return True
        self.ignored += 1
        return False
