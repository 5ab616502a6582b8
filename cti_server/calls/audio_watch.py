"""Whether a party can be heard: the alarm of one-way audio, and the end of a call that is dead."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from cti_server.wire.events import Event, LegFellSilent, LegHeardAgain

log = structlog.get_logger()

USUAL_LIMIT: Final = 60.0  # seconds without a packet that end a leg
ONE_WAY_AFTER: Final = 3.0  # seconds without a packet that are an alarm


class AudioWatch:
    """
    One leg's silences, as its media worker tells them.

    Before it is picked up (:meth:`begin`) a phone may be as silent as it likes, though its media
    may be there already: early media, a browser that is prepared while it rings. Afterwards a leg
    that should send, and from which neither audio nor RTCP has come for ``limit`` seconds, is given
    up, once; with None it may be silent for ever. (Phones that suppress silence send no packets
    while their user listens; their RTCP goes on.)
    """

    def __init__(
        self,
        *,
        call_id: str,
        leg_id: str,
        append: Callable[[Event], object],
        give_up: Callable[[], None],
        limit: float | None,
    ) -> None:
        self._call_id = call_id
        self._leg_id = leg_id
        self._append = append
        self._give_up = give_up
        self._limit = limit
        self._begun_at: float | None = None  # loop time
        self._quiet = False  # silent already when it had not begun
        self._since: float | None = None  # loop time; None while it is heard
        self._deadline: asyncio.TimerHandle | None = None
        self._count = 0
        self._seconds = 0.0  # of silences that are over

    def begin(self) -> None:
        """The party has picked up: from now on it should be heard."""
        loop = asyncio.get_running_loop()
        self._begun_at = loop.time()
        if self._quiet:
            self._deadline = loop.call_later(ONE_WAY_AFTER, self.fell_silent, ONE_WAY_AFTER)

    def fell_silent(self, seconds: float) -> None:
        """Nothing has come for so long; the worker says so again while it lasts."""
        if self._since is not None:
            return
        if self._begun_at is None:
            self._quiet = True
            return
        loop = asyncio.get_running_loop()
        if self._quiet:
            seconds = min(seconds, round(loop.time() - self._begun_at, 1))
            if seconds < ONE_WAY_AFTER:
                return  # it is waited for
        self._forget_quiet()
        self._since = loop.time() - seconds
        self._count += 1
        log.warning("call.audio_silent", leg_id=self._leg_id, seconds=seconds)
        self._append(LegFellSilent(call_id=self._call_id, leg_id=self._leg_id, seconds=seconds))
        if self._limit is not None:
            self._deadline = loop.call_at(self._since + self._limit, self._time_out)

    def prove_alive(self) -> None:
        """It says nothing, but its RTCP comes: somebody is there."""
        if self._since is not None and self._limit is not None:
            self.close()
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(self._limit, self._time_out)

    def heard_again(self) -> None:
        """Packets come again."""
        if self._since is None:
            self._forget_quiet()
            return
        self._tell_end()

    def start_over(self) -> None:
        """What is expected was agreed on anew (hold, another address): the worker counts anew."""
        if self._since is None:
            self._forget_quiet()
        else:
            self._tell_end()

    @property
    def figures(self) -> dict[str, float]:
        """For the leg's record: how often it was silent, and for how many seconds."""
        silent = self._seconds
        if self._since is not None:
            silent += asyncio.get_running_loop().time() - self._since
        return {"silences": float(self._count), "silent_seconds": round(silent, 1)}

    def close(self) -> None:
        """The leg is over."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _forget_quiet(self) -> None:
        """Its silence from before it began is over."""
        if self._quiet:
            self._quiet = False
            self.close()

    def _tell_end(self) -> None:
        seconds = self._end()
        log.info("call.audio_resumed", leg_id=self._leg_id, seconds=seconds)
        self._append(LegHeardAgain(call_id=self._call_id, leg_id=self._leg_id, seconds=seconds))

    def _end(self) -> float:
        """The silence is over; how long it lasted."""
        now = asyncio.get_running_loop().time()
        seconds = round(now - (self._since if self._since is not None else now), 1)
        self._seconds += seconds
        self._since = None
        self.close()
        return seconds

    def _time_out(self) -> None:
        self._deadline = None
        log.warning("call.audio_given_up", leg_id=self._leg_id, limit=self._limit)
        self._give_up()
