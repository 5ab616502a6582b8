"""All contacts that are no calls, as long as they are open."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from acd.model import Offer
from cti_server.wire.screen import ScreenPop

from .errors import NoSuchWork, NotRinging, NotTheirs
from .work import Holding, Work


class Works:
    def __init__(self, language: str) -> None:
        """``language``: the one that agents' screens name for them."""
        self._language = language
        self._works: dict[str, Work] = {}

    def __len__(self) -> int:
        return len(self._works)

    def __iter__(self) -> Iterator[Work]:
        """Over those of this moment, whatever comes or ends meanwhile."""
        return iter([*self._works.values()])

    def add(self, work: Work) -> None:
        self._works[work.id] = work

    def remove(self, contact_id: str) -> None:
        del self._works[contact_id]

    def get(self, contact_id: str) -> Work | None:
        return self._works.get(contact_id)

    def need(self, contact_id: str) -> Work:
        """Raises NoSuchWork."""
        work = self._works.get(contact_id)
        if work is None:
            raise NoSuchWork(contact_id)
        return work

    def rung(self, contact_id: str, agent_id: str) -> tuple[Work, Offer]:
        """Raises NoSuchWork, and NotRinging where the agent is not rung for it (any more)."""
        work = self.need(contact_id)
        if work.offer is None or work.offer.agent_id != agent_id:
            raise NotRinging(contact_id, agent_id)
        return work, work.offer

    def held(self, contact_id: str, agent_id: str) -> tuple[Work, Holding]:
        """Raises NoSuchWork, and NotTheirs where the agent has it not in hand."""
        work = self.need(contact_id)
        if work.holding is None or work.holding.agent_id != agent_id:
            raise NotTheirs(contact_id, agent_id)
        return work, work.holding

    def pop(self, work: Work, offer: Offer, now: datetime) -> ScreenPop:
        """What the agent is shown who is rung for it."""
        return work.pop(offer.id, offer.queue, offer.expires_at, now, self._language)

    def on_desk(self, agent_id: str, now: datetime) -> list[tuple[ScreenPop, bool]]:
        """What rings at the agent's desktop and what they have, each with whether they have it."""
        found = list[tuple[ScreenPop, bool]]()
        for work in self._works.values():
            held, offer = work.holding, work.offer
            if held is not None and held.agent_id == agent_id:
                found.append((self._held_pop(work, held, now), True))
            elif offer is not None and offer.agent_id == agent_id:
                found.append((self.pop(work, offer, now), False))
        return found

    def screens_with(self, contact_id: str, now: datetime) -> list[tuple[str, ScreenPop]]:
        """The agents who have it or are rung for it, with what they are shown."""
        work, found = self._works.get(contact_id), list[tuple[str, ScreenPop]]()
        if work is not None and work.holding is not None:
            found.append((work.holding.agent_id, self._held_pop(work, work.holding, now)))
        if work is not None and work.offer is not None:
            found.append((work.offer.agent_id, self.pop(work, work.offer, now)))
        return found

    def _held_pop(self, work: Work, held: Holding, now: datetime) -> ScreenPop:
        return work.pop(held.interaction_id, held.queue, now, now, self._language)

    def in_hand(self) -> dict[str, list[Work]]:
        """By agent, what they have, as it came in; who has nothing is not there."""
        found: defaultdict[str, list[Work]] = defaultdict(list)
        for work in self._works.values():
            if work.holding is not None:
                found[work.holding.agent_id].append(work)
        return found
