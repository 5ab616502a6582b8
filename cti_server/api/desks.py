"""
The agents' desktops on the event stream: who hears what, in what order.

Sequence numbers only grow on every stream, and a snapshot's is below those of all that is sent
after it. So an offer's event waits for the customer's record (:meth:`Desks.present`), and what
follows it for the same agent waits behind it; the snapshot of a desk that joins meanwhile has the
number of the event before the offer (:meth:`Desks.told`). Desks that watch the whole floor wait
for nothing: they hear everything at once, and of offers without the record.

A desk has a bounded inbox; one that falls behind is closed and comes back for a snapshot.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable

import msgspec

from cti_server.wire.events import (
    AccessEvent,
    AgentStateChanged,
    AlertAcknowledged,
    AlertCleared,
    AlertDetailed,
    AlertRaised,
    CoachingNoted,
    Event,
    Logged,
    OfferEnded,
    OfferMade,
    RecordChanged,
)
from cti_server.wire.phone import PhoneTold
from cti_server.wire.stream import Delta, ScreenChanged, ScreenPop

CALL = "voice"
"""The channel whose contacts take an agent whole: they are seen until the wrap-up is over."""
INBOX = 512
DELIVERY_PATIENCE = 0.1  # s; a dead desktop must not hold up the caller


_OF_ALERTS = (AlertRaised, AlertDetailed, AlertAcknowledged, AlertCleared)


def concerns(event: Event) -> str | None:
    """On which agent's own stream it is told."""
    if isinstance(event, CoachingNoted):
        return event.coached
    agent_id: str | None = getattr(event, "agent_id", None)
    return agent_id


class Desk:
    """
    One connected desktop. ``floor`` ones hear every agent's events, and see no records; ``wall``
    ones hear none.

    One with a ``name`` can be the agent's phone (:class:`cti_server.calls.handset.Screen`).
    ``teams``: of whom a floor one hears, beside who is of no team; None for everybody.
    """

    def __init__(
        self,
        agent_id: str,
        *,
        floor: bool,
        wall: bool = False,
        name: str = "",
        teams: frozenset[str] | None = None,
    ) -> None:
        self.agent_id = agent_id
        self.floor = floor
        self.wall = wall
        self.teams = teams
        self.name = name
        self.inbox: asyncio.Queue[bytes] = asyncio.Queue(INBOX)
        self.fell_behind = asyncio.Event()
        self.replaced = asyncio.Event()
        """Another stream says that it is this desktop."""

    def show(self, message: PhoneTold) -> None:
        self.put(msgspec.json.encode(message))

    def put(self, message: bytes) -> None:
        try:
            self.inbox.put_nowait(message)
        except asyncio.QueueFull:
            self.fell_behind.set()


class Desks:
    """Every connected desk, fed by the event log. ``team_of``: an agent's team, None for none."""

    def __init__(
        self,
        subscribe: Callable[[Callable[[Logged], None]], object],
        team_of: Callable[[str], str | None],
    ) -> None:
        self._team_of = team_of
        self._desks: defaultdict[str, set[Desk]] = defaultdict(set)
        self._floor: defaultdict[frozenset[str] | None, set[Desk]] = defaultdict(set)
        self._walls: set[Desk] = set()
        self._held: dict[str, list[Logged]] = {}  # by agent: an offer, and what came after it
        self._pops: dict[str, ScreenPop] = {}  # of the call that each agent has on the screen
        self._encode = msgspec.json.Encoder().encode
        subscribe(self._hear)

    @property
    def connected(self) -> int:
        return sum(map(len, (*self._desks.values(), *self._floor.values(), self._walls)))

    def join(self, desk: Desk) -> None:
        if desk.wall:
            self._walls.add(desk)
        else:
            (self._floor[desk.teams] if desk.floor else self._desks[desk.agent_id]).add(desk)

    def leave(self, desk: Desk) -> None:
        if desk.wall:
            self._walls.discard(desk)
            return
        if desk.floor:
            self._floor[desk.teams].discard(desk)
            if not self._floor[desk.teams]:
                del self._floor[desk.teams]
            return
        self._desks[desk.agent_id].discard(desk)
        if not self._desks[desk.agent_id]:
            del self._desks[desk.agent_id]

    def hears(self, desk: Desk, event: Event) -> bool:
        """Whether it is told that this happened, be it the agent's or the floor's."""
        if desk.wall or isinstance(event, AccessEvent):
            return False
        if desk.floor:
            return self._is_for(desk.teams, event)
        return concerns(event) == desk.agent_id

    def told(self, desk: Desk, newest: int) -> int:
        """The number up to which the desk gets nothing more, ``newest`` being the log's last."""
        held = None if desk.floor or desk.wall else self._held.get(desk.agent_id)
        return held[0].sequence - 1 if held else newest

    def pop_of(self, agent_id: str) -> ScreenPop | None:
        """What the agent sees of the call in hand; of other channels the tray knows."""
        return self._pops.get(agent_id)

    def present(self, agent_id: str, pop: ScreenPop) -> None:
        """Put the offer on the agent's screen, with the customer's record."""
        if not self._awaits(agent_id, pop.interaction_id):
            return  # the offer ended while the record was looked up
        self._keep(agent_id, pop)
        self._release(agent_id, pop)

    def show(self, agent_id: str, pop: ScreenPop) -> None:
        """Without an offer, or in place of what the agent sees of the same contact."""
        self._keep(agent_id, pop)
        message = self._encode(ScreenChanged(pop=pop))
        for desk in self._desks.get(agent_id, ()):
            desk.put(message)

    def revise(self, contact_id: str, revised: Callable[[ScreenPop], ScreenPop]) -> None:
        """Something of a call is known better now, on whoever's screen it is."""
        for agent_id, pop in [*self._pops.items()]:
            if pop.contact_id == contact_id:
                self.show(agent_id, revised(pop))

    async def delivered(self, agent_id: str) -> None:
        """Wait until the agent's desktops have taken what was sent, a short while at most."""
        desks = self._desks.get(agent_id)
        if not desks:
            return
        try:
            async with asyncio.timeout(DELIVERY_PATIENCE):
                for desk in list(desks):
                    await desk.inbox.join()
        except TimeoutError:
            return

    def _hear(self, logged: Logged) -> None:
        if isinstance(logged.event, AccessEvent):
            return
        agent_id = concerns(logged.event)
        if agent_id is None or self._hold(agent_id, logged):
            self._send(self._watching(logged.event), logged)
            return
        self._send(self._watching(logged.event) | self._desks.get(agent_id, set()), logged)
        match logged.event:
            case AgentStateChanged(state="ready" | "not_ready" | "logged_out"):
                self._pops.pop(agent_id, None)

    def _keep(self, agent_id: str, pop: ScreenPop) -> None:
        if pop.channel == CALL:
            self._pops[agent_id] = pop

    def _watching(self, event: Event) -> set[Desk]:
        """The desks of the floor that hear of it."""
        return set[Desk]().union(
            *(desks for teams, desks in self._floor.items() if self._is_for(teams, event))
        )

    def _is_for(self, teams: frozenset[str] | None, event: Event) -> bool:
        """
        Whoever has teams hears of their agents. A contact that no agent has yet may be another
        team's customer's; of what is nobody's they hear that a record changed, without values.
        """
        if teams is None:
            return True
        if isinstance(event, _OF_ALERTS):
            return False  # they are on the stream as each may see them
        if (agent_id := concerns(event)) is not None:
            return self._team_of(agent_id) in {None, *teams}
        return isinstance(event, RecordChanged)

    def _hold(self, agent_id: str, logged: Logged) -> bool:
        """Whether this has to wait for the record of an offer."""
        match logged.event:
            case OfferMade():
                self._release(agent_id)
                self._held[agent_id] = []
            case OfferEnded(interaction_id=interaction_id):
                if self._awaits(agent_id, interaction_id):
                    self._release(agent_id)
                self._clear_screen(agent_id, interaction_id)
        held = self._held.get(agent_id)
        if held is None:
            return False
        held.append(logged)
        return True

    def _awaits(self, agent_id: str, interaction_id: str) -> bool:
        """Whether it is this offer that the agent's events wait for."""
        match self._held.get(agent_id):
            case [Logged(event=OfferMade(interaction_id=awaited)), *_]:
                return awaited == interaction_id
        return False

    def _release(self, agent_id: str, pop: ScreenPop | None = None) -> None:
        """Send the agent what was held; the record goes with the offer, the first of it."""
        for logged in self._held.pop(agent_id, []):
            self._send(self._desks.get(agent_id, set()), logged, pop)
            pop = None

    def _clear_screen(self, agent_id: str, interaction_id: str) -> None:
        pop = self._pops.get(agent_id)
        if pop is not None and pop.interaction_id == interaction_id:
            del self._pops[agent_id]

    def _send(self, desks: set[Desk], logged: Logged, pop: ScreenPop | None = None) -> None:
        if desks:
            delta = Delta(sequence=logged.sequence, at=logged.at, data=logged.event, pop=pop)
            message = self._encode(delta)
            for desk in desks:
                desk.put(message)
