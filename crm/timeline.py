"""What happened between a customer and us, whatever the channel, in one order. Pure."""

import heapq
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where an entry stands on a timeline: by its moment, then by its id."""

    at: datetime
    id: str

    def __lt__(self, other: "Place") -> bool:
        return (self.at, self.id) < (other.at, other.id)


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing: a call, a ticket, an order, a visit of our web pages.

    ``kind`` says what ``id`` is an id of, ``data`` what is worth seeing at a glance; the whole is
    found by the id.
    """

    at: datetime
    kind: str
    id: str
    data: dict[str, Any]

    @property
    def place(self) -> Place:
        return Place(self.at, self.id)


def newest(sources: Iterable[Sequence[TimelineEntry]], limit: int) -> list[TimelineEntry]:
    """The newest entries of all the sources, each of which has its own newest first."""
    merged = heapq.merge(*sources, key=lambda entry: entry.place, reverse=True)
    return list(islice(merged, limit))
