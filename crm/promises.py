"""
What a customer was promised: how long to wait in a queue, how long a ticket may take. Pure.

A promise is one customer's (a contract) or a tier's; the contract counts before the tier, a queue
or type by name before any, the stricter of what is left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .ticket_types import A_YEAR, ClockKind, Identifier, Priority, Word


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Wait(_Part):
    """Seconds from the first moment in a queue to an agent; ``queue`` None: in any."""

    queue: Identifier | None = None
    seconds: Annotated[int, Field(ge=1, le=86_400)]


class Time(_Part):
    """Minutes of opening hours; ``type`` and ``priority`` None stand for any."""

    type: Word | None = None
    priority: Priority | None = None
    response: Annotated[int, Field(ge=1, le=A_YEAR)] | None = None
    resolution: Annotated[int, Field(ge=1, le=A_YEAR)] | None = None

    def minutes(self, clock: ClockKind) -> int | None:
        return self.response if clock == "response" else self.resolution


class Terms(_Part):
    """What is promised."""

    waits: Annotated[tuple[Wait, ...], Field(max_length=100)] = ()
    tickets: Annotated[tuple[Time, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _promises_something(self) -> Self:
        if not self.waits and not self.tickets:
            raise ValueError("promises nothing: give waits or tickets")
        return self


@dataclass(frozen=True, slots=True)
class Promise:
    """Whose it is (a customer's or a tier's) and from when to when, the end exclusive."""

    terms: Terms
    tier: str | None = None
    customer_id: str | None = None
    active_from: datetime | None = None
    active_to: datetime | None = None

    def holds(self, at: datetime) -> bool:
        begun = self.active_from is None or self.active_from <= at
        return begun and (self.active_to is None or at < self.active_to)


def wait(promises: Iterable[Promise], queue: str, at: datetime) -> int | None:
    """Seconds that a customer with these promises may wait there; None: nothing was promised."""
    found = [
        ((promise.customer_id is not None, one.queue is not None, -one.seconds), one.seconds)
        for promise in promises
        if promise.holds(at)
        for one in promise.terms.waits
        if one.queue in {None, queue}
    ]
    return max(found)[1] if found else None


def ticket_minutes(
    promises: Iterable[Promise], type: str, clock: ClockKind, priority: str, at: datetime
) -> int | None:
    """The same for a ticket's clock; a named priority counts after a named type."""
    found = [
        (
            (
                promise.customer_id is not None,
                one.type is not None,
                one.priority is not None,
                -minutes,
            ),
            minutes,
        )
        for promise in promises
        if promise.holds(at)
        for one in promise.terms.tickets
        if one.type in {None, type} and one.priority in {None, priority}
        if (minutes := one.minutes(clock)) is not None
    ]
    return max(found)[1] if found else None
