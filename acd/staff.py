"""What agents do, and what is done to them: coming and going, breaks, equipment."""

from datetime import datetime

from .agents import Agent, AgentEvent, AgentState
from .contacts import Contacts
from .effects import AgentChanged, Effect, FitnessChanged
from .endings import Endings
from .errors import InvalidValue
from .model import (
    FINISHING,
    LOGGED_IN,
    PHONE_LOST,
    SERVER_RESTARTED,
    UNREACHABLE,
    AgentId,
    Outcome,
)
from .moves import Moves
from .offers import Offers
from .openings import Openings
from .places import Places
from .profile import Profile
from .seats import Seats
from .tally import Shift


class Staff:
    """Each by their id; :class:`UnknownAgent` for who is not there."""

    def __init__(
        self,
        seats: Seats,
        places: Places,
        moves: Moves,
        offers: Offers,
        endings: Endings,
        contacts: Contacts,
        openings: Openings,
    ) -> None:
        self._seats = seats
        self._places = places
        self._moves = moves
        self._offers = offers
        self._endings = endings
        self._contacts = contacts
        self._openings = openings

    # --- coming and going ---------------------------------------------------------------------

    def put(
        self, agent_id: AgentId, profile: Profile, now: datetime, *, always_ready: bool
    ) -> list[Effect]:
        seat = self._seats.put(agent_id, profile, now)
        self._offers.allow(seat)
        self._places.open_kept(seat, self._offers.rung_for(seat))
        self._moves.let_rest(seat, now, always_ready=always_ready)
        self._openings.seats[seat] = None
        effects = list[Effect]()
        if seat.leaving:  # and was to log out: they stay after all
            seat.leaving = False
            effects = self._moves.move(seat, AgentEvent.LOG_IN, now, LOGGED_IN)
        if always_ready and seat.agent.state is AgentState.LOGGED_OUT:
            effects += self.log_in(agent_id, now) + self.set_ready(agent_id, now)
        return effects

    def remove(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        seat = self._seats[agent_id]
        seat.leaving = True
        effects = self.log_out(agent_id, now, give_back=True)
        if seat.agent.state is AgentState.LOGGED_OUT:
            self._seats.forget(seat)
        return effects

    def restore(
        self,
        agent_id: AgentId,
        state: AgentState,
        since: datetime,
        reason: str | None,
        now: datetime,
        shift: Shift | None,
    ) -> list[Effect]:
        seat = self._seats[agent_id]
        if seat.agent.state is not AgentState.LOGGED_OUT:
            return []
        before = Agent(agent_id, state, since, shift.idle_since if shift else since, reason)
        match state:
            case AgentState.NOT_READY if reason == FINISHING:
                after = Agent(agent_id, AgentState.LOGGED_OUT, now, now)
            case AgentState.RINGING:
                after = Agent(agent_id, AgentState.READY, now, before.idle_since)
            case AgentState.TALKING | AgentState.WRAP_UP:
                after = Agent(agent_id, AgentState.NOT_READY, now, now, SERVER_RESTARTED)
            case _:
                after = before
        self._seats.restore(seat, after, shift, now)
        self._openings.seats[seat] = None
        return [] if after is before else [AgentChanged(after, before)]

    def log_in(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        seat = self._seats[agent_id]
        if seat.leaving:
            return []
        effects = self._moves.move(seat, AgentEvent.LOG_IN, now, LOGGED_IN)
        seat.fruitless.clear()
        return effects

    def log_out(self, agent_id: AgentId, now: datetime, *, give_back: bool) -> list[Effect]:
        seat = self._seats[agent_id]
        if seat.agent.state is AgentState.RINGING and seat.offer_id is not None:
            effects = self._endings.decline(seat.offer_id, now, AgentEvent.LOG_OUT)
        else:
            effects = self._moves.move(seat, AgentEvent.LOG_OUT, now)
        for offer_id in list(seat.beside) if give_back else ():
            effects += self._contacts.give_back(offer_id, now)
        return effects

    # --- ready or not -------------------------------------------------------------------------

    def set_ready(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        seat = self._seats[agent_id]
        if seat.leaving:
            return []
        effects = self._moves.move(seat, AgentEvent.READY, now)
        seat.fruitless.clear()
        return effects

    def set_not_ready(self, agent_id: AgentId, reason: str | None, now: datetime) -> list[Effect]:
        seat = self._seats[agent_id]
        return [] if seat.leaving else self._moves.move(seat, AgentEvent.NOT_READY, now, reason)

    def reachable_again(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        seat = self._seats[agent_id]
        del seat.fruitless[Outcome.UNREACHABLE]
        if seat.agent.state is AgentState.NOT_READY and seat.agent.reason == UNREACHABLE:
            return self._moves.move(seat, AgentEvent.READY, now)
        return []

    def phone_lost(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        seat = self._seats[agent_id]
        chosen = seat.agent.next
        away = chosen is not None and chosen.state is not AgentState.READY
        if away or seat.agent.state is not AgentState.TALKING:
            return []
        return self._moves.move(seat, AgentEvent.NOT_READY, now, PHONE_LOST)

    # --- what else routing goes by ------------------------------------------------------------

    def set_open_work(self, agent_id: AgentId, open_work: int) -> None:
        if open_work < 0:
            raise InvalidValue(f"agent {agent_id!r} cannot have {open_work} pieces of open work")
        seat = self._seats[agent_id]
        if seat.tally.open_work != open_work:
            self._seats.set_open_work(seat, open_work)

    def set_fitness(
        self, agent_id: AgentId, unfit: tuple[str, ...], voiceless: tuple[str, ...]
    ) -> list[Effect]:
        seat = self._seats[agent_id]
        if (seat.unfit, seat.load.voiceless) == (unfit, voiceless):
            return []
        self._seats.set_fitness(seat, unfit, voiceless)
        self._openings.seats[seat] = None
        return [FitnessChanged(agent_id, unfit, voiceless)]
