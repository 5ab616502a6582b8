"""
What a walk asks of the centre, beside the caller, and what it is told.

Of each kind there is the question, which names the node that it came from, and its reply.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .texts import Value


@dataclass(frozen=True, slots=True)
class LookAtCalendar:
    """Find out whether this calendar is open; answer :class:`CalendarSays`."""

    calendar: str
    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class CalendarSays:
    """Whether the calendar is open at this moment."""

    is_open: bool


@dataclass(frozen=True, slots=True)
class Recognise:
    """Find out who calls, within the look-up's budget; answer :class:`Recognised`."""

    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Recognised:
    """
    Who calls, as far as the records say: the values that :data:`ivr.nodes.WhoCalls` names.

    None if it is nobody, or several people, or the records were not to be had in time.
    """

    customer: Mapping[str, Value] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PromiseCallBack:
    """
    Have the caller called back; answer :class:`CallBackPromised`.

    Who has waited keeps the place with all that belongs to it: first moment, priority and skills;
    ``priority`` and ``requirements`` are of who has not.
    """

    queue: str
    number: str | None = field(default=None, repr=False)  # None: that they call from
    priority: int = 0
    requirements: Mapping[str, int] = field(default_factory=dict)
    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class CallBackPromised:
    """Whether somebody will call: not where there is no such number, or none that we may dial."""

    is_promised: bool


Inquiry = LookAtCalendar | Recognise | PromiseCallBack
Reply = CalendarSays | Recognised | CallBackPromised
