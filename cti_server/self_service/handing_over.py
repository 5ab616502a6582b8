"""A customer whom a flow in writing leads to people: the contact becomes an agent's work."""

from collections.abc import Sequence
from typing import Final

from acd.errors import QueueFull, UnknownQueue
from cti_server.calls.exchange import Exchange
from cti_server.channels.tray import Tray
from cti_server.channels.work import NOBODY, REACHED_AT, About
from cti_server.wire.events import ContactAnnotated
from ivr.actions import Enqueue, LeftQueue

from .model import Ended, Wanted

TRANSCRIPT: Final = "transcript"
"""The attribute that has the lines so far, for who takes the customer over."""
_AS_IF: Final = ("full", "closed", "nobody")


class HandingOver:
    """Of one contact."""

    def __init__(self, exchange: Exchange, tray: Tray, wanted: Wanted, contact_id: str) -> None:
        self._exchange = exchange
        self._tray = tray
        self._wanted = wanted
        self._contact_id = contact_id

    def way_back(self, wish: Enqueue) -> str | None:
        """
        The flow's own way, if the queue takes nobody by its hours, or is not there any more.

        That no agent is there at the moment is none: what is written waits.
        """
        queue, back = self._exchange.queues.get(wish.queue), wish.back
        if queue is None:
            return next((way for way in _AS_IF if back is not None and way in back), None)
        if back is None or not back.closed:
            return None
        is_open = self._exchange.is_open(queue.hours, self._exchange.clock.now())
        return None if is_open else "closed"

    async def to_agents(
        self, wish: Enqueue, number: str, transcript: str, path: Sequence[str]
    ) -> Ended | LeftQueue:
        """With what was learnt and the lines so far; ``number``: where the customer is reached."""
        customer = await self._exchange.customers.look_up(number) if number else NOBODY
        attributes = {**wish.attributes, TRANSCRIPT: transcript, REACHED_AT: number}
        self._exchange.append(ContactAnnotated(contact_id=self._contact_id, attributes=attributes))
        about = About(
            channel=self._wanted.channel,
            address=number,
            subject=self._wanted.title,
            attributes=attributes,
            path=tuple(path),
        )
        try:
            self._tray.take_over(
                about,
                wish.queue,
                self._contact_id,
                priority=wish.priority,
                requirements=wish.requirements,
                customer=customer if customer.customers else NOBODY,
            )
        except QueueFull:
            if wish.back is not None and wish.back.full:
                return LeftQueue("full")
            return Ended("turned_away", "queue-full")
        except UnknownQueue:
            return Ended("turned_away", "queue-gone")
        return Ended("handled", "handed-over", handed_over=True)
