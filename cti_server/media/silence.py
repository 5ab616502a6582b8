"""When a leg that should be heard is not: one-way audio, told at 3 s and at 30 s. Pure."""

from typing import Final

SILENT_AFTER: Final = (3.0, 30.0)  # seconds without a packet: one-way audio, and still
RESUMED_WITHIN: Final = 1.0  # seconds since the latest packet


class SilenceWatch:
    """What has been told of one leg's silence; ``heard`` is when its latest packet came."""

    def __init__(self, now: float) -> None:
        self._since = now
        self._told = 0
        self._called_off = False

    def expect(self, now: float) -> None:
        """
        Something should come from now on.

        A silence that was told is over, and is told to be: who heard of it must not wait for ever.
        """
        self._called_off = self._called_off or self._told > 0
        self._since = now
        self._told = 0

    @property
    def told(self) -> bool:
        """Whether there is a silence that was told and is not over."""
        return self._told > 0

    def silent(self, heard: float, now: float, *, announced: bool) -> float | None:
        """
        Seconds without a packet when that is to be told now; else None.

        ``announced``: the other side said so by comfort noise; 3 s are no one-way audio then.
        """
        told = self._told
        if told >= len(SILENT_AFTER):
            return None
        seconds = now - max(heard, self._since)
        if announced and told == 0:
            told = 1
        if seconds < SILENT_AFTER[told]:
            return None
        self._told = told + 1
        return seconds

    def resumed(self, heard: float, now: float) -> bool:
        """Whether a silence that was told is over; true once."""
        if self._called_off:
            self._called_off = False
            return True
        if self._told == 0 or now - heard >= RESUMED_WITHIN:
            return False
        self._told = 0
        return True
