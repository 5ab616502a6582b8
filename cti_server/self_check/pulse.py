"""Whether the event loop comes to everything in time: it beats, and knows how late it did."""

import asyncio

BEAT = 0.1  # s
LATE = 0.2  # s; a loop whose turns are as long takes seconds for what takes several of them


class Pulse:
    """Beats from :meth:`start` on."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0  # loop time of the next beat
        self._latest = 0.0  # s; the worst since it was asked for

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._due = loop.time() + BEAT
        self._timer = loop.call_at(self._due, self._beat)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def was_late(self) -> bool:
        """Whether anything had to wait for its turn since this was asked last."""
        latest, self._latest = max(self._latest, self._overdue()), 0.0
        return latest > LATE

    def _beat(self) -> None:
        self._latest = max(self._latest, self._overdue())
        self.start()

    def _overdue(self) -> float:
        """Seconds; a beat that is due and did not come yet counts."""
        return 0.0 if self._timer is None else asyncio.get_running_loop().time() - self._due
