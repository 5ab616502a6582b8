"""Agents through the state table, with what goes along: alarms, wrap-ups, what is kept for them."""

from datetime import datetime

from .agents import AgentEvent, AgentState, step
from .alarms import Alarm, Alarms, Due
from .effects import AgentChanged, Effect
from .model import ContactId, Rules
from .openings import Openings
from .places import Places
from .seats import Seat, Seats
from .wrap_ups import WrapUps


class Moves:
    """Who has room after one is among the openings."""

    def __init__(
        self,
        seats: Seats,
        places: Places,
        wrap_ups: WrapUps,
        alarms: Alarms,
        rules: Rules,
        openings: Openings,
    ) -> None:
        self._seats = seats
        self._places = places
        self._wrap_ups = wrap_ups
        self._alarms = alarms
        self._rules = rules
        self._openings = openings

    def move(
        self,
        seat: Seat,
        event: AgentEvent,
        now: datetime,
        reason: str | None = None,
        contact_id: ContactId | None = None,
    ) -> list[Effect]:
        """Raises :class:`IllegalTransition`, and has changed nothing then."""
        before = seat.agent
        after = step(before, event, now, reason, contact_id)
        if after is before:
            return []
        if before.state is AgentState.WRAP_UP and after.state is not AgentState.WRAP_UP:
            self._wrap_ups.end(before.id)
        another = (after.state, after.reason) != (before.state, before.reason)
        if another and before.state is AgentState.NOT_READY:
            self._alarms.cancel(Alarm(Due.REST_ENDS, before.id))
        self._seats.update(seat, after, now)
        if another and seat.always_ready and seat.rests:
            # Nobody sits at an always-ready seat to press ready again: time does.
            self._alarms.set(Alarm(Due.REST_ENDS, after.id), now + self._rules.seat_rest)
        if seat.free:
            self._openings.seats[seat] = None
        if after.state is AgentState.LOGGED_OUT:
            self._places.open_kept(seat)
        return [AgentChanged(after, before)]

    def let_rest(self, seat: Seat, now: datetime, *, always_ready: bool) -> None:
        """Whether somebody sits there, or time is to press ready again for who is not."""
        if seat.always_ready == always_ready:
            return
        seat.always_ready = always_ready
        if always_ready and seat.rests:
            self._alarms.set(Alarm(Due.REST_ENDS, seat.agent.id), now + self._rules.seat_rest)
        else:
            self._alarms.cancel(Alarm(Due.REST_ENDS, seat.agent.id))
