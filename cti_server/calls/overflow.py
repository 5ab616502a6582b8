"""Which of a queue's rules leads a contact out of it now. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from config.waiting import OverflowSettings


@dataclass(frozen=True, slots=True)
class Situation:
    """A contact that comes to a queue, or waits in it."""

    open: bool  # by the queue's hours
    there: int  # agents who are logged in and could serve it
    place: int  # in the queue, from 1; of who comes, the place that they would get
    expected: timedelta | None  # that the wait will not be longer than, with four of five
    waited: timedelta | None = None  # in this queue; None: it only comes now


def overflowing(
    rules: Iterable[OverflowSettings], situation: Situation
) -> Iterator[OverflowSettings]:
    """Those that hold, in their order: the first one that can be carried out counts."""
    for rule in rules:
        if looked_at(rule, situation.waited) and _holds(rule, situation):
            yield rule


def looked_at(rule: OverflowSettings, waited: timedelta | None) -> bool:
    """
    Whether it can hold now, for all that the clock says.

    What else there is to know costs a look at all queues.
    """
    if waited is None:
        return rule.on_arrival
    too_soon = rule.when == "waited" and rule.time is not None and waited < rule.time
    return rule.while_waiting and not too_soon


def _holds(rule: OverflowSettings, situation: Situation) -> bool:
    match rule.when:
        case "closed":
            return not situation.open
        case "nobody_there":
            return not situation.there
        case "size":
            return rule.size is not None and situation.place > rule.size
        case "waited":
            waited = situation.waited
            return rule.time is not None and waited is not None and waited >= rule.time
        case "expected_wait":
            expected = situation.expected
            return rule.time is not None and expected is not None and expected > rule.time


def next_look(
    rules: Iterable[OverflowSettings], waited: timedelta, every: timedelta
) -> timedelta | None:
    """
    In how long the rules are to be looked at again; None if none of them comes to hold with time.

    The time that somebody has waited is known beforehand; what the others go by changes at any
    moment, and is looked at ``every`` so often.
    """
    ahead = [
        rule.time - waited if rule.when == "waited" and rule.time is not None else every
        for rule in rules
        if rule.while_waiting and not (rule.time and rule.when == "waited" and rule.time <= waited)
    ]
    return min(ahead, default=None)
