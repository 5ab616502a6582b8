"""How often strangers may begin something, by their address. Pure, and bounded."""

from collections import deque
from typing import Final

MINUTE: Final = 60.0
ADDRESSES_KEPT: Final = 10_000


class Openings:
    """How many each address has begun in the last minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._begun: dict[str, deque[float]] = {}  # in the order of their last

    def admit(self, address: str, now: float) -> int:
        """Zero, and it is counted; else the seconds after which one more may begin."""
        begun = self._begun.pop(address, None) or deque[float](maxlen=self._most)
        self._begun[address] = begun
        while len(self._begun) > ADDRESSES_KEPT:
            del self._begun[next(iter(self._begun))]
        if len(begun) == self._most and now - begun[0] < MINUTE:
            return max(1, round(begun[0] + MINUTE - now))
        begun.append(now)
        return 0
