"""
How a contact leaves a queue without having been served: by the queue's rules, or by a key.

The flow that led it there may have ways of its own, back into it: they go before the queue's.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from config.floor import QueueSettings
from config.overflows import led_to, number_led_to, queue_way
from config.waiting import OverflowSettings
from cti_server.wire.events import CallBackWanted, ContactDiverted, ContactTurnedAway
from ivr.actions import Enqueue, Ways

from . import termination
from .contact import Contact
from .exchange import Exchange
from .leg import Leg
from .losses import wanted_call_back
from .member import Requeue
from .overflow import Situation, looked_at, overflowing
from .prompts import Sentence
from .termination import Over, Termination

log = structlog.get_logger()

CALL_BACK: Final = "call_back"
HANG_UP: Final = "hang_up"
KEY: Final = "key"
MOVED: Final = "moved"
GONE: Final = "gone"
"""Why a queue takes nobody: it is not there any more."""
_CLOSED = OverflowSettings(when="closed", then=HANG_UP, looked_at="on_arrival")
"""Of each queue that has hours, after its own rules."""
_NOBODY = OverflowSettings(when="nobody_there", then=HANG_UP)
_TO_FLOW = "flow:"
_INSTEAD: Mapping[str, str] = {
    "closed": "closed",
    "nobody_there": "nobody",
    "size": "full",
    "waited": "waited",
}
"""By which way a flow's caller comes back to it where a rule of this kind holds."""


_AS_IF = ("full", "closed", "nobody")
_NOWHERE = Situation(open=False, there=0, place=0, expected=None)


@dataclass(frozen=True, slots=True)
class WayOut:
    """Where a contact goes from a queue, and why: a rule's word, "key", or "moved" by somebody."""

    queue: str
    reason: str
    then: str
    say: Mapping[str, str]
    situation: Situation
    moved_by: str | None = None

    @property
    def number(self) -> str | None:
        return number_led_to(self.then)

    @property
    def to_flow(self) -> str | None:
        """The way of :class:`ivr.actions.Ways` by which the caller is back in the flow."""
        return self.then.removeprefix(_TO_FLOW) if self.then.startswith(_TO_FLOW) else None


class WaysOut:
    """Of one contact: which of them is open now, and the way along it."""

    def __init__(self, exchange: Exchange, contact: Contact, caller: Leg) -> None:
        self._exchange = exchange
        self._contact = contact
        self._caller = caller
        self._failed = set[tuple[str, str]]()  # queues, and what was not reached from there

    # --- finding them -------------------------------------------------------------------------

    def on_arrival(self, queue: QueueSettings) -> WayOut | None:
        """Of a contact that would wait in the queue from now on."""
        return self._by_rules(queue, None)

    def while_waiting(self, queue: QueueSettings, waited: timedelta) -> WayOut | None:
        """Of one that waits, and is offered to nobody at the moment."""
        return self._by_rules(queue, waited)

    def when_full(self, queue: QueueSettings) -> WayOut | None:
        """Back into the flow, if it is to hear that the queue takes nobody more."""
        return self._into_flow(queue, "full", "full", self._situation(queue, None))

    def when_gone(self, wish: Enqueue) -> WayOut | None:
        """
        Back into the flow that leads to a queue that is not there any more, if it has a way.

        As from one that takes nobody: it says whatever it says to who cannot wait there.
        """
        back = wish.back
        way = next((one for one in _AS_IF if back is not None and one in back), None)
        return None if way is None else WayOut(wish.queue, GONE, f"{_TO_FLOW}{way}", {}, _NOWHERE)

    def by_key(self, queue: QueueSettings, key: str, waited: timedelta) -> WayOut | None:
        """None for a key that means nothing, and for a call-back to no number."""
        if key in self.keys_to_flow:
            return self._into_flow(queue, key, KEY, self._situation(queue, waited))
        chosen = queue.exits.get(key)
        if chosen is None or (chosen.then == CALL_BACK and not self.can_be_called_back(queue)):
            return None
        situation = self._situation(queue, waited)
        return WayOut(queue.name, KEY, chosen.then, chosen.say, situation)

    def moved(self, queue: QueueSettings, target: str, moved_by: str, waited: timedelta) -> WayOut:
        """Into another queue, as a supervisor wants it."""
        situation = self._situation(queue, waited)
        return WayOut(queue.name, MOVED, queue_way(target), {}, situation, moved_by)

    def can_be_called_back(self, queue: QueueSettings) -> bool:
        return self._call_back(queue.name) is not None

    def rules(self, queue: QueueSettings) -> Sequence[OverflowSettings]:
        """
        Those that hold for the contact, the first one first.

        A flow that says how long its callers wait is not contradicted.
        """
        closed = [_CLOSED] if queue.hours is not None else []
        if (back := self._back) is None:
            return [*queue.overflow, *closed]
        rules = [*closed] if back.closed else []
        rules += [_NOBODY] if back.nobody else []
        if back.waited is None:
            return [*rules, *queue.overflow, *closed]
        patience = timedelta(seconds=back.waited)
        rules.append(OverflowSettings(when="waited", time=patience, then=HANG_UP))
        return [*rules, *(rule for rule in queue.overflow if rule.when != "waited"), *closed]

    @property
    def keys_to_flow(self) -> Set[str]:
        """The keys by which the caller comes back into the flow."""
        return frozenset() if self._back is None else self._back.keys

    @property
    def _back(self) -> Ways | None:
        return self._contact.wish.back if self._contact.wish is not None else None

    def _into_flow(
        self, queue: QueueSettings, way: str, reason: str, situation: Situation
    ) -> WayOut | None:
        if self._back is None or way not in self._back:
            return None
        return WayOut(queue.name, reason, f"{_TO_FLOW}{way}", {}, situation)

    def _by_rules(self, queue: QueueSettings, waited: timedelta | None) -> WayOut | None:
        rules = self.rules(queue)
        if not any(looked_at(rule, waited) for rule in rules):
            return None
        situation = self._situation(queue, waited)
        for rule in overflowing(rules, situation):
            instead = _INSTEAD.get(rule.when, "")
            if (back := self._into_flow(queue, instead, rule.when, situation)) is not None:
                return back
            if (queue.name, rule.then) in self._failed:
                continue
            if rule.then != CALL_BACK or self.can_be_called_back(queue):
                return WayOut(queue.name, rule.when, rule.then, rule.say, situation)
        return None

    def _situation(self, queue: QueueSettings, waited: timedelta | None) -> Situation:
        """As for who comes now where nothing was waited for yet."""
        floor, comes = self._exchange.floor, waited is None
        found = floor.prospect(queue.name, None if comes else self._contact.id)
        estimate = floor.estimates.by(found, comes=comes)
        return Situation(
            open=self._exchange.is_open(queue.hours, self._exchange.clock.now()),
            there=found.there,
            place=found.position,
            expected=None if estimate is None else timedelta(seconds=estimate.p80),
            waited=waited,
        )

    # --- going --------------------------------------------------------------------------------

    async def go(self, way: WayOut) -> Enqueue | str:
        """
        Leave by it: the other queue, or the number outside, to which the customer is to be led.

        Raises Over where the call ends with it. The first moment stays the contact's, whatever the
        queue.
        """
        say = self._exchange.prompts.of_queue(way.say, self._contact.language)
        if way.then == HANG_UP:
            self.left(way)
            closed = way.reason == "closed"
            await self._end(
                say, "closed" if closed else "turned_away", _END[way.reason == KEY, closed]
            )
        if way.then == CALL_BACK:
            self.left(way)
            wanted = self._call_back(way.queue)
            if wanted is not None and self._contact.call_back is None:  # a flow may have been first
                self._exchange.append(wanted)
                self._contact.call_back = wanted
            await self._end(say, "call_back", termination.CALL_BACK_PROMISED)
        self.left(way)
        if say:
            await self._caller.media.play(say)
        if (number := way.number) is not None:
            return number
        return replace(self._contact.wish or Enqueue(""), queue=led_to(way.then) or "")

    def not_reached(self, way: WayOut) -> Requeue:
        """
        No rule leads the contact there once more, and it is where it was.

        Who had waited already does so again at the old place; who had not is still to be let in.
        """
        self._failed.add((way.queue, way.then))
        wish = self._contact.wish or Enqueue(way.queue)
        return Requeue(wish, back=way.situation.waited is not None)

    async def _end(self, say: list[Path], about: Sentence, why: Termination) -> None:
        await self._caller.media.play(
            say or self._exchange.prompts.sentence(about, self._contact.language)
        )
        raise Over(why)

    def left(self, way: WayOut) -> None:
        """To the log: turned away by the queue, or gone another way."""
        log.info("call.left_queue", queue=way.queue, reason=way.reason, then=_kind(way.then))
        contact, situation = self._contact, way.situation
        if way.then == HANG_UP and situation.waited is None:
            self._exchange.append(
                ContactTurnedAway(contact_id=contact.id, queue=way.queue, reason=way.reason)
            )
            return
        expected = situation.expected
        self._exchange.append(
            ContactDiverted(
                contact_id=contact.id,
                queue=way.queue,
                queued_at=self._first_moment,
                reason=way.reason,
                to=_kind(way.then),
                target=led_to(way.then) or way.number,
                place=situation.place,
                expected=None if expected is None else expected.total_seconds(),
                moved_by=way.moved_by,
            )
        )

    @property
    def _first_moment(self) -> datetime:
        return self._contact.queued_at or self._exchange.clock.now()

    def _call_back(self, queue: str) -> CallBackWanted | None:
        contact = self._contact
        return wanted_call_back(
            contact.id,
            contact.caller_number,
            queue,
            self._first_moment,
            "asked",
            self._exchange.region,
            priority=contact.priority,
            requirements=contact.wish.requirements if contact.wish is not None else {},
            language=contact.language,
        )


def _kind(then: str) -> str:
    """Without its target: "queue", "number", "flow", "call_back" or "hang_up"."""
    return then.partition(":")[0]


_END = {
    (True, False): termination.LEFT_QUEUE,
    (False, False): termination.OVERFLOWED,
    (False, True): termination.QUEUE_CLOSED,
}
"""By whether the caller pressed a key, and whether the queue is closed."""
