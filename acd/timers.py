"""What happens by itself when its time has come."""

from collections import deque
from datetime import datetime

from .agents import AgentEvent
from .alarms import Alarm, Alarms, Due
from .effects import Effect
from .endings import Endings
from .matches import Matches
from .model import AgentId
from .moves import Moves
from .notes import Notes
from .places import Places
from .queues import Waiting
from .seats import Seats


class Timers:
    """The answers to :class:`.Alarms`."""

    def __init__(
        self,
        alarms: Alarms,
        seats: Seats,
        waiting: Waiting,
        places: Places,
        moves: Moves,
        endings: Endings,
        notes: Notes,
        matches: Matches,
    ) -> None:
        self._alarms = alarms
        self._seats = seats
        self._waiting = waiting
        self._places = places
        self._moves = moves
        self._endings = endings
        self._notes = notes
        self._matches = matches

    def handle(self, now: datetime) -> list[Effect]:
        """Should one of it raise, the rest is due still."""
        due = deque[Alarm]()
        try:
            return self._due(due, now)
        finally:
            for alarm in due:
                self._alarms.set(alarm, now)

    def _due(self, due: deque[Alarm], now: datetime) -> list[Effect]:
        effects = list[Effect]()
        while (alarm := self._alarms.pop_due(now)) is not None:
            place = self._waiting.places.get(alarm.contact_id or alarm.id)
            match alarm.kind:
                case Due.BACKOFF_ENDS if place is not None:
                    self._places.forgive(place, AgentId(alarm.id))
                case Due.STEP_COMES if place is not None:
                    effects.append(self._places.take_step(place, now))
                case Due.KEPT_NO_LONGER if place is not None:
                    self._places.open_to_all(place)
                case _:
                    due.append(alarm)
        # All of these have come true before anybody decides, and the most urgent contact goes
        # first: else one that is less urgent would win by its alarm's number.
        effects += self._matches.settle(now)
        while due:
            effects += self._ring(due.popleft(), now) + self._matches.settle(now)
        return effects

    def _ring(self, alarm: Alarm, now: datetime) -> list[Effect]:
        match alarm.kind:
            case Due.OFFER_EXPIRES:
                return self._endings.expire(alarm.id, now)
            case Due.WRAP_UP_ENDS:
                return self._notes.time_is_over(AgentId(alarm.id), now)
            case Due.REST_ENDS:
                return self._moves.move(self._seats[alarm.id], AgentEvent.READY, now)
            case Due.BACKOFF_ENDS | Due.STEP_COMES | Due.KEPT_NO_LONGER:
                return []  # of a contact that has left
