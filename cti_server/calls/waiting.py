"""
What a caller hears who waits, and does: music, place and time, broadcasts, keys that lead away.

The queue's rules for who waits are looked at beside.
"""

import asyncio
import math
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from acd.model import ContactId
from config.floor import QueueSettings

from .announced_wait import AnnouncedWait, announced
from .broadcast_hearing import INTERRUPTED, BroadcastHearing
from .broadcasts import Broadcast
from .contact import Contact
from .exchange import Exchange
from .leg import Leg
from .overflow import next_look
from .ways_out import CALL_BACK, WayOut, WaysOut

log = structlog.get_logger()

LOOKED_AT_EVERY: Final = timedelta(seconds=5)
"""How often rules are looked at that go by what others do: who comes, who logs out."""


class QueueWait:
    """
    One wait in a queue, beside the search for an agent.

    :meth:`start` makes its task, to be cancelled when the wait is over; what plays then goes on
    until something else is played. If it fails, the caller waits in silence. ``leave`` is told once
    that the contact leaves the queue, and which way.
    """

    def __init__(
        self,
        exchange: Exchange,
        contact: Contact,
        caller: Leg,
        queue: QueueSettings,
        ways: WaysOut,
        leave: Callable[[WayOut], None],
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._caller = caller
        self._queue = queue
        self._ways = ways
        self._leave = leave
        self._announced: AnnouncedWait | None = None
        self._hearing = BroadcastHearing(exchange, contact, caller)
        self._entered_at = exchange.clock.now()
        self._since = self._announce_at = self._look_at = self._news_at = math.inf
        self._patience: asyncio.Timeout | None = None

    def start(self, first: Sequence[Path] = ()) -> asyncio.Task[None]:
        """``first`` comes before all of it."""
        wait = asyncio.create_task(self.run(first))
        wait.add_done_callback(_report)
        return wait

    async def run(self, first: Sequence[Path] = ()) -> None:
        """Ends when the contact leaves by a rule or a key, else only by being cancelled."""
        if self._keys:
            self._caller.take_digits()  # they were meant for the menu
        now = asyncio.get_running_loop().time()
        self._since, every = now, self._queue.announce_position_every
        self._announce_at = now + every.total_seconds() if every is not None else math.inf
        self._look_again(now)
        with self._exchange.broadcasts.watched(self._queue.name, self._news):
            await self._welcome(first)
            await self._wait_on(every)

    async def _welcome(self, first: Sequence[Path]) -> None:
        """All of it, unless a key ends it."""
        if await self._hear(first) and await self._hear_news():
            await self._hear(self._offers())
        self._play_music()

    async def _wait_on(self, every: timedelta | None) -> None:
        while True:
            key = await self._key_before(min(self._announce_at, self._look_at, self._news_at))
            way = self._way_out(key, asyncio.get_running_loop().time())
            if way is not None:
                self._leave(way)
                return
            if key is not None:
                await self._no_way(key)
            elif asyncio.get_running_loop().time() >= self._news_at:
                if self._next_news() is not None:
                    await self._hear_news()
                    self._play_music()
            elif asyncio.get_running_loop().time() >= self._announce_at and every is not None:
                await self._announce()
                self._announce_at = asyncio.get_running_loop().time() + every.total_seconds()

    # --- ways out -----------------------------------------------------------------------------

    def _way_out(self, key: str | None, now: float) -> WayOut | None:
        waited = timedelta(seconds=now - self._since)
        if key is not None:
            return self._ways.by_key(self._queue, key, waited)
        if now < self._look_at:
            return None
        if self._exchange.floor.position(self._contact.id) is None:  # an agent is being rung
            self._look_at = now + LOOKED_AT_EVERY.total_seconds()
            return None
        self._look_again(now)
        return self._ways.while_waiting(self._queue, waited)

    def _look_again(self, now: float) -> None:
        waited = timedelta(seconds=now - self._since)
        ahead = next_look(self._ways.rules(self._queue), waited, LOOKED_AT_EVERY)
        self._look_at = now + ahead.total_seconds() if ahead is not None else math.inf

    @property
    def _keys(self) -> Collection[str]:
        """Those that mean something while the caller waits."""
        return self._queue.exits.keys() | self._ways.keys_to_flow

    async def _no_way(self, key: str) -> None:
        """Who asks for a call-back and has no number hears so; other keys mean nothing."""
        chosen = self._queue.exits.get(key)
        if chosen is not None and chosen.then == CALL_BACK:
            await self._say(self._exchange.prompts.sentence("no_call_back", self._contact.language))

    async def _key_before(self, moment: float) -> str | None:
        """The next key; None if it has not come by then, or keys mean nothing here."""
        try:
            async with asyncio.timeout_at(moment if moment < math.inf else None) as self._patience:
                if self._keys:
                    return await self._caller.digits.get()
                await asyncio.get_running_loop().create_future()
        except TimeoutError:
            pass
        finally:
            self._patience = None
        return None

    # --- what is heard ------------------------------------------------------------------------

    async def _announce(self) -> None:
        """Place and time, unless an agent is being rung for the contact at this moment."""
        place = self._exchange.floor.position(self._contact.id)
        if place is None:
            return
        prompts, language = self._exchange.prompts, self._contact.language
        await self._say([*prompts.position(place, language), *self._time_left(), *self._offers()])

    def _time_left(self) -> list[Path]:
        """How long it will probably take, if that is known."""
        floor, now = self._exchange.floor, self._exchange.clock.now()
        contact_id = ContactId(self._contact.id)
        estimate = floor.estimates.of(contact_id) if self._queue.announce_wait else None
        if estimate is None:
            return []
        told = announced(estimate, self._announced, now, self._queue.announced_wait_limit)
        self._announced = told
        if told.until is not None:
            floor.estimates.promised(contact_id, told.until, now)
        return self._exchange.prompts.wait(
            told.minutes, self._contact.language, more=told.until is None
        )

    def _offers(self) -> list[Path]:
        """Which key is for what."""
        return [
            file
            for key, one in self._queue.exits.items()
            if key not in self._ways.keys_to_flow
            for file in self._exchange.prompts.of_queue(one.offer, self._contact.language)
        ]

    async def _say(self, files: Sequence[Path]) -> None:
        """Something, if there is something, and music afterwards; a key ends it."""
        await self._hear(files)
        self._play_music()

    async def _hear(self, files: Sequence[Path]) -> bool:
        """Whether no key was pressed meanwhile."""
        if not files:
            return True
        return await self._caller.media.play(files, barge_in=bool(self._keys)) != INTERRUPTED

    def _play_music(self) -> None:
        self._caller.media.start_play([self._exchange.prompts.music], repeat=True)

    # --- broadcasts ---------------------------------------------------------------------------

    def _news(self) -> None:
        """One was put on: it is heard after what is being said."""
        self._news_at = asyncio.get_running_loop().time()
        if self._patience is not None and not self._patience.expired():
            self._patience.reschedule(self._news_at)

    async def _hear_news(self) -> bool:
        """The broadcasts that the caller has missed; whether no key was pressed meanwhile."""
        while (one := self._next_news()) is not None:
            barge_in = bool(self._keys)
            if not await self._hearing.hear(one, self._queue.name, barge_in=barge_in):
                self._hear_news_later()
                return False
        return True

    def _next_news(self) -> Broadcast | None:
        """None while an agent is rung for the contact: should that come to nothing, then."""
        self._news_at = math.inf
        broadcasts = self._exchange.broadcasts.in_queue(self._queue.name)
        theirs = [one for one in broadcasts if one.for_who_waits_since(self._entered_at)]
        one = self._hearing.first_missed(theirs)
        if one is None or self._exchange.floor.position(self._contact.id) is not None:
            return one
        self._hear_news_later()
        return None

    def _hear_news_later(self) -> None:
        self._news_at = asyncio.get_running_loop().time() + LOOKED_AT_EVERY.total_seconds()


def without_ways(queue: QueueSettings) -> QueueSettings:
    """For who is to be served here: no rule and no key leads away."""
    return queue.model_copy(update={"exits": {}, "overflow": ()})


def _report(wait: asyncio.Task[None]) -> None:
    if not wait.cancelled() and (error := wait.exception()) is not None:
        log.error("call.music_failed", exc_info=error)
