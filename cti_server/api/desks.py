"""
The agents' desktops on the event stream: who hears what, in what order.

A desk has a bounded inbox; one that falls behind is closed and comes back for a snapshot. An
offer's event waits for the customer's record (:meth:`Desks.present`), and what follows it for the
same agent waits behind it, so that sequence numbers only grow on every stream.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable

import msgspec

from cti_server.wire.events import Logged, OfferEnded, OfferMade
from cti_server.wire.stream import Delta, ScreenPop

INBOX = 512
DELIVERY_PATIENCE = 0.1  # s; a dead desktop must not hold up the caller


class Desk:
    """One connected desktop. ``floor`` ones hear every agent's events."""

    def __init__(self, agent_id: str, *, floor: bool) -> None:
        self.agent_id = agent_id
        self.floor = floor
        self.inbox: asyncio.Queue[bytes] = asyncio.Queue(INBOX)
        self.fell_behind = asyncio.Event()

    def put(self, message: bytes) -> None:
        try:
            self.inbox.put_nowait(message)
        except asyncio.QueueFull:
            self.fell_behind.set()


class Desks:
    """Every connected desk, fed by the event log."""

    def __init__(self, subscribe: Callable[[Callable[[Logged], None]], object]) -> None:
        self._desks: defaultdict[str, set[Desk]] = defaultdict(set)
        self._floor: set[Desk] = set()
        self._offers: dict[str, Logged] = {}  # by interaction, until presented
        self._held: defaultdict[str, list[Logged]] = defaultdict(list)  # by agent
        self._pops: dict[str, ScreenPop] = {}  # what each agent has on the screen
        self._encode = msgspec.json.Encoder().encode
        subscribe(self._hear)

    @property
    def connected(self) -> int:
        return sum(map(len, self._desks.values())) + len(self._floor)

    def join(self, desk: Desk) -> None:
        (self._floor if desk.floor else self._desks[desk.agent_id]).add(desk)

    def leave(self, desk: Desk) -> None:
        if desk.floor:
            self._floor.discard(desk)
            return
        self._desks[desk.agent_id].discard(desk)
        if not self._desks[desk.agent_id]:
            del self._desks[desk.agent_id]

    def pop_of(self, agent_id: str) -> ScreenPop | None:
        """What stands on the agent's screen now."""
        return self._pops.get(agent_id)

    def present(self, agent_id: str, pop: ScreenPop) -> None:
        """Put the offer on the agent's screen, with the customer's record."""
        logged = self._offers.pop(pop.interaction_id, None)
        if logged is None:
            return  # the offer ended while the record was looked up
        self._pops[agent_id] = pop
        self._send(agent_id, logged, pop)
        self._release(agent_id)

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
        agent_id: str | None = getattr(logged.event, "agent_id", None)
        if agent_id is None:
            self._send_to(self._floor, logged, None)
            return
        match logged.event:
            case OfferMade(interaction_id=interaction_id):
                self._offers[interaction_id] = logged
                self._held[agent_id] = []
                return
            case OfferEnded(interaction_id=interaction_id):
                unseen = self._offers.pop(interaction_id, None)
                if unseen is not None:
                    self._send(agent_id, unseen, None)
                    self._release(agent_id)
                self._clear_screen(agent_id, interaction_id)
        if agent_id in self._held:
            self._held[agent_id].append(logged)
            return
        self._send(agent_id, logged, None)
        if getattr(logged.event, "state", None) in {"ready", "not_ready", "logged_out"}:
            self._pops.pop(agent_id, None)

    def _release(self, agent_id: str) -> None:
        for logged in self._held.pop(agent_id, []):
            self._send(agent_id, logged, None)

    def _clear_screen(self, agent_id: str, interaction_id: str) -> None:
        pop = self._pops.get(agent_id)
        if pop is not None and pop.interaction_id == interaction_id:
            del self._pops[agent_id]

    def _send(self, agent_id: str, logged: Logged, pop: ScreenPop | None) -> None:
        self._send_to(self._desks.get(agent_id, set()) | self._floor, logged, pop)

    def _send_to(self, desks: set[Desk], logged: Logged, pop: ScreenPop | None) -> None:
        if desks:
            delta = Delta(sequence=logged.sequence, at=logged.at, data=logged.event, pop=pop)
            message = self._encode(delta)
            for desk in desks:
                desk.put(message)
