"""
The router on the real clock.

It never polls: one loop timer is armed at the router's deadline.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime

from acd import effects as acd
from acd import inputs
from acd.estimates import Estimates
from acd.memory import Memory
from acd.router import Router
from cti_server.clock import Clock

from .record_lines import Taken


class RunningRouter:
    """
    Gives the router the time, has every input written down, and what comes of it carried out.

    All methods are called on the event loop. What they refuse is an ``AcdError`` and has changed
    nothing.
    """

    def __init__(
        self,
        router: Router,
        clock: Clock,
        estimates: Estimates,
        carry_out: Callable[[acd.Effect], None],
        *,
        record: Callable[[Taken], object] | None = None,
        memory: Memory | None = None,
    ) -> None:
        """``record``: is given every input, before anybody hears what comes of it."""
        self._router = router
        self._clock = clock
        self._estimates = estimates
        self._carry_out_one = carry_out
        self._record = record
        self._memory = memory
        self._pending: deque[acd.Effect] = deque()
        self._carrying_out = False
        self._timer: asyncio.TimerHandle | None = None
        self._armed_for: datetime | None = None
        self._closed = False

    def close(self) -> None:
        """Nothing happens by itself any more."""
        self._closed = True
        self._disarm()

    def take(self, happened: inputs.Input, now: datetime | None = None) -> list[acd.Effect]:
        """The only way to the router: let it happen, and carry out what comes of it."""
        now = now or self._clock.now()
        if self._memory is not None:
            self._memory.at(now)
        try:
            effects = inputs.apply(self._router, happened, now)
        except Exception as error:
            if self._record is not None:
                self._record(Taken(now, happened, refused=type(error).__name__))
            raise
        try:
            if self._record is not None:
                self._record(Taken.of(now, happened, effects))
            self._estimates.hear(happened, effects, now)
        finally:  # it has happened, whatever becomes of those who look on
            self._carry_out(effects)
        return effects

    def _carry_out(self, effects: list[acd.Effect]) -> None:
        """
        Log and tell, in order.

        Whoever is told may call the floor at once; what comes of that waits for its turn, so that
        the log tells causes before consequences.
        """
        self._pending.extend(effects)
        if self._carrying_out:
            return
        self._carrying_out = True
        try:
            while self._pending:
                self._carry_out_one(self._pending.popleft())
        finally:
            self._carrying_out = False
            if self._pending:  # a listener raised: the rest of the truth still has to come out
                asyncio.get_running_loop().call_soon(self._carry_out, [])
            self._arm()

    def _arm(self) -> None:
        """
        Have the loop call at the router's deadline.

        A timer that is right stays: the loop's clock is steady, so a step of the wall clock does
        not move what has been armed.
        """
        deadline = self._router.deadline
        if deadline == self._armed_for or self._closed:
            return
        self._disarm()
        if deadline is not None:
            loop = asyncio.get_running_loop()
            delay = (deadline - self._clock.now()).total_seconds()
            self._timer = loop.call_at(loop.time() + delay, self._timer_due, deadline)
            self._armed_for = deadline

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._armed_for = None

    def _timer_due(self, deadline: datetime) -> None:
        self._timer = self._armed_for = None
        self.take(inputs.HandleTimer(), max(deadline, self._clock.now()))
