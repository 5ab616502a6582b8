"""
Calls to the outside: to SIP URIs where they say, to telephone numbers over the trunks.

A call to a number looks like any other session to its leg: the trunks of its route are tried one
after the other, within :class:`TrunkCall`.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from math import inf
from typing import Protocol

import structlog

from cti_server.sip.sdp import Sdp
from cti_server.sip.session import Ended, SessionListener, SessionRefused
from cti_server.sip.transport import Flow
from cti_server.sip.uri import Uri
from cti_server.wire.events import Event, Logged, TrunkLineFreed, TrunkLineTaken

from .number_plan import DiallingRefused, NumberPlan, Way, is_uri

log = structlog.get_logger()

RESTS_FOR = 30.0  # seconds that a trunk which failed is asked after the others
_TRUNK_FAILED = frozenset({401, 402, 403, 407, 408})
"""Beside every 5xx: the trunk did not take the call; another may. The rest is the called party's
word, and final."""


class AllTrunksBusy(DiallingRefused):
    cause = "all-trunks-busy"

    def __init__(self) -> None:
        super().__init__("every line of the trunks for this number is in use")


class Session(Protocol):
    """A call out, as its leg needs it."""

    @property
    def over(self) -> bool: ...

    def hang_up(self, reason: str | None = None) -> None: ...
    async def reinvite(self, offer: Sdp) -> Sdp: ...
    def send_info_digit(self, digit: str, duration_ms: int = 250) -> None: ...


class Caller(Protocol):
    """What places the calls: :class:`cti_server.sip.user_agent.UserAgent`."""

    def call(
        self,
        target: str,
        *,
        offer: Sdp,
        listener: SessionListener,
        from_uri: str,
        headers: Sequence[tuple[str, str]] = (),
        credentials: tuple[str, str] | None = None,
        flow: Flow | None = None,
    ) -> Session: ...


class Outbound:
    """Places every call that leaves the server, and counts what the trunks hold."""

    def __init__(
        self,
        caller: Caller,
        plan: NumberPlan,
        realm: str,
        append: Callable[[Event], Logged | None] = lambda event: None,
        called: Callable[[str, int | None], None] = lambda trunk, status: None,
    ) -> None:
        """``called``: how a trunk took a call: None, or the status by which it did not."""
        self.total = self.refused = self.passed_on = 0
        self._caller = caller
        self._plan = plan
        self._realm = realm
        self._append = append
        self._called = called
        self._channels = plan.channels
        self._open: Counter[str] = Counter()
        self._failed_at: dict[str, float] = {}

    @property
    def running(self) -> int:
        """Calls over trunks that are not over."""
        return self._open.total()

    def busy(self, trunk: str) -> int:
        """Calls of ours that it carries."""
        return self._open[trunk]

    def call(
        self,
        target: str,
        *,
        offer: Sdp,
        listener: SessionListener,
        caller_number: str = "",
        queue: str | None = None,
        flow: Flow | None = None,
        headers: Sequence[tuple[str, str]] = (),
        last: Sequence[str] = (),
    ) -> Session:
        """
        Place a call to a SIP URI or a telephone number; the listener hears the rest.

        ``last``: trunks that are asked after the others, in this order, whatever the route says.

        ``headers`` are for the phone at a URI; the network of a number would not pass them on.

        ``caller_number`` is the customer on whose account it is (a transfer, an agent's phone),
        ``queue`` the one whose number is shown. Raises DiallingRefused.
        """
        if is_uri(target):
            return self._caller.call(
                target,
                offer=offer,
                listener=listener,
                from_uri=str(Uri("sip", caller_number or "anonymous", host=self._realm)),
                headers=headers,
                flow=flow,
            )
        try:
            ways = self._free(self._plan.ways(target, queue=queue, caller_number=caller_number))
            ways.sort(key=lambda way: last.index(way.trunk) if way.trunk in last else -1)
        except DiallingRefused as refused:
            self.refused += 1
            log.info("outbound.refused", cause=refused.cause)
            raise
        self.total += 1
        call = TrunkCall(self, ways, offer, listener)
        call.start()
        return call

    def check(self, target: str) -> None:
        """Refuse what cannot be called before anybody is rung. Raises DiallingRefused."""
        if not is_uri(target):
            self._plan.ways(target)

    def shown_to(self, number: str, queue: str) -> str:
        """
        The number of ours that will most likely be seen; empty if none.

        Raises DiallingRefused for what cannot be called, SIP URIs included.
        """
        return self._plan.ways(number, queue=queue)[0].shown

    def _free(self, ways: Sequence[Way]) -> list[Way]:
        """Those with a free line; trunks that failed a moment ago come last."""
        now = asyncio.get_running_loop().time()
        free = [way for way in ways if self.has_room(way.trunk)]
        if not free:
            raise AllTrunksBusy
        return sorted(free, key=lambda way: now - self._failed_at.get(way.trunk, -inf) < RESTS_FOR)

    # --- for its calls ------------------------------------------------------------------------

    def has_room(self, trunk: str) -> bool:
        channels = self._channels.get(trunk)
        return channels is None or self._open[trunk] < channels

    def take(self, trunk: str) -> int:
        """A line of it, by the number of the event that tells so; :meth:`freed` gives it back."""
        self._open[trunk] += 1
        logged = self._append(TrunkLineTaken(trunk=trunk))
        return 0 if logged is None else logged.sequence

    def place(self, way: Way, offer: Sdp, listener: SessionListener) -> Session:
        return self._caller.call(
            way.target,
            offer=offer,
            listener=listener,
            from_uri=way.from_uri,
            headers=way.headers,
            credentials=way.credentials,
        )

    def freed(self, trunk: str, line: int, *, answered: bool) -> None:
        self._open[trunk] -= 1
        self._append(TrunkLineFreed(trunk=trunk, line=line, answered=answered))

    def failed(self, trunk: str, status: int) -> None:
        """The trunk itself did not take a call."""
        self._failed_at[trunk] = asyncio.get_running_loop().time()
        log.warning("outbound.trunk_failed", trunk=trunk, status=status)
        self._called(trunk, status)

    def answers(self, trunk: str) -> None:
        self._failed_at.pop(trunk, None)
        self._called(trunk, None)


class TrunkCall:
    """
    One call to a number, over the first trunk that takes it.

    A session to the leg, a listener to the SIP session of the moment.
    """

    def __init__(
        self, outbound: Outbound, ways: Sequence[Way], offer: Sdp, listener: SessionListener
    ) -> None:
        self._outbound = outbound
        self._ways = list(ways)
        self._offer = offer
        self._listener = listener
        self._way: Way | None = None
        self._session: Session | None = None
        self._line = 0
        self._rang = self._answered = False
        self.asked = ""
        """The trunk that was asked last, also when it has the call no more."""

    @property
    def trunk(self) -> str | None:
        """The one that has the call now."""
        return None if self._way is None else self._way.trunk

    def start(self) -> None:
        """Try the next trunk; there must be one."""
        self._way = self._ways.pop(0)
        self.asked = self._way.trunk
        self._rang = False
        self._line = self._outbound.take(self._way.trunk)
        self._session = self._outbound.place(self._way, self._offer, self)

    @property
    def listener(self) -> SessionListener:
        """The leg's."""
        return self._listener

    @property
    def over(self) -> bool:
        return self._session is not None and self._session.over

    # --- what the leg asks --------------------------------------------------------------------

    def hang_up(self, reason: str | None = None) -> None:
        self._give_back()
        if self._session is not None:
            self._session.hang_up(reason)

    async def reinvite(self, offer: Sdp) -> Sdp:
        if self._session is None:
            raise SessionRefused(481, "Session Is Over")
        return await self._session.reinvite(offer)

    def send_info_digit(self, digit: str, duration_ms: int = 250) -> None:
        if self._session is not None:
            self._session.send_info_digit(digit, duration_ms)

    # --- what the session tells ---------------------------------------------------------------

    def ringing(self, status: int, early_media: Sdp | None) -> None:
        self._heard()
        self._listener.ringing(status, early_media)

    def answered(self, remote: Sdp) -> None:
        self._heard()
        self._answered = True
        self._listener.answered(remote)

    def failed(self, status: int, reason: str) -> None:
        trunk = self.trunk
        self._give_back()
        if trunk is not None and not self._rang and _is_the_trunks(status):
            self._outbound.failed(trunk, status)
            self._ways = [way for way in self._ways if self._outbound.has_room(way.trunk)]
            if self._ways:
                self._outbound.passed_on += 1
                self.start()
                return
        self._listener.failed(status, reason)

    def cancelled(self) -> None:
        """Of calls in; never of one out."""

    def confirmed(self) -> None:
        """Of calls in; never of one out."""

    def offered(self, offer: Sdp) -> Sdp | None:
        return self._listener.offered(offer)

    def digit_received(self, digit: str, duration_ms: int) -> None:
        self._listener.digit_received(digit, duration_ms)

    def ended(self, ended: Ended) -> None:
        self._give_back()
        self._listener.ended(ended)

    # --- inside -------------------------------------------------------------------------------

    def _heard(self) -> None:
        """The called party's side spoke: what comes now is its word, and not the trunk's."""
        if not self._rang and self._way is not None:
            self._rang = True
            self._outbound.answers(self._way.trunk)

    def _give_back(self) -> None:
        if self._way is not None:
            self._outbound.freed(self._way.trunk, self._line, answered=self._answered)
            self._way = None


def _is_the_trunks(status: int) -> bool:
    return status in _TRUNK_FAILED or 500 <= status < 600
