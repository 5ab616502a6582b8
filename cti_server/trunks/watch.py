"""Asks each trunk now and then whether it lives, and tells when that changes."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from cti_server.clock import Clock
from cti_server.sip.core import Core
from cti_server.sip.options import OptionsQuestion
from cti_server.store.log import hears
from cti_server.wire.events import CallArrived, Event, Logged, TrunkStateChanged

from .health import TrunkHealth

log = structlog.get_logger()

PATIENCE = 8.0  # seconds; by then a datagram was sent five times. A later answer is still heard
AGAIN = 5.0  # seconds after a first miss
APART = 0.1  # seconds between the first questions to two trunks

Peers = Mapping[str, tuple[str, str]]
"""By trunk: the URI that is asked, and as whom."""


class TrunkWatch:
    """
    ``peers``: the trunks that take calls and so can be asked; ``names``: all. ``every``: None asks
    nobody, calls alone tell then.
    """

    def __init__(
        self,
        core: Callable[[], Core],
        names: tuple[str, ...],
        peers: Peers,
        *,
        append: Callable[[Event], Logged | None],
        clock: Clock,
        every: timedelta | None,
    ) -> None:
        self.health = {name: TrunkHealth() for name in names}
        self._core = core
        self._peers = peers
        self._append = append
        self._clock = clock
        self._every = every
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def start(self) -> None:
        """The signalling layer has its sockets."""
        if self._every is not None:
            for number, name in enumerate(self._peers):
                self._ask_in(name, number * APART)

    async def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._every = None

    def row(self, name: str) -> dict[str, Any]:
        """For the live figures."""
        health = self.health[name]
        trip = health.round_trip
        return {
            "state": health.state,
            "state_since": None if health.since is None else health.since.isoformat(),
            "round_trip": None if trip is None else round(trip, 3),
        }

    # --- what calls tell ----------------------------------------------------------------------

    @hears(CallArrived)
    def hear(self, logged: Logged) -> None:
        """For the event log: who brings calls lives."""
        if isinstance(logged.event, CallArrived) and logged.event.trunk in self.health:
            self.called(logged.event.trunk, None)

    def called(self, trunk: str, status: int | None) -> None:
        """It brought or took a call, or did not take one, by this status."""
        health, now = self.health[trunk], self._clock.now()
        changed = health.took_call(now) if status is None else health.failed_call(status, now)
        self._tell(trunk, changed)

    # --- asking -------------------------------------------------------------------------------

    def _ask_in(self, name: str, seconds: float) -> None:
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, self._ask, name)

    def _ask(self, name: str) -> None:
        loop = asyncio.get_running_loop()
        self.health[name].asked += 1
        asked_at, target_and_from = loop.time(), self._peers[name]

        def answered(status: int) -> None:
            took = loop.time() - asked_at
            self._tell(name, self.health[name].answered(status, took, self._clock.now()))
            over()

        def over() -> None:
            if self._timers.get(name) is patience:
                patience.cancel()
                self._go_on(name)

        def missed() -> None:
            if self._timers.get(name) is patience:
                self._tell(name, self.health[name].missed(self._clock.now()))
                over()

        patience = self._timers[name] = loop.call_later(PATIENCE, missed)
        OptionsQuestion(self._core(), *target_and_from, answered=answered, unanswered=missed).ask()

    def _go_on(self, name: str) -> None:
        if self._every is not None:
            every = self._every.total_seconds()
            self._ask_in(name, min(AGAIN, every) if self.health[name].doubtful else every)

    def _tell(self, name: str, changed: bool) -> None:
        if not changed:
            return
        health = self.health[name]
        tell = log.warning if health.state == "down" else log.info
        tell("trunk.state_changed", trunk=name, state=health.state, status=health.status)
        self._append(TrunkStateChanged(trunk=name, state=health.state, status=health.status))
