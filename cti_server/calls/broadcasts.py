"""
The messages that are put on for callers at this moment: in queues, and before numbers' menus.

Read by every call, from memory. What is on is said here; that it is stored, spoken, and over when
its time has come is :mod:`cti_server.broadcast_book`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """
    One message. ``texts`` by language are rendered; ``numbers`` are in their one form.

    Heard by who enters one of the ``queues`` and, where it is ``to_waiting``, once by who waits
    there already; by who calls one of the ``numbers``, before anything else.
    """

    id: str
    queues: frozenset[str]
    numbers: frozenset[str]
    texts: Mapping[str, str]
    to_waiting: bool
    published_at: datetime
    expires_at: datetime | None

    def on_at(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at

    def for_who_waits_since(self, entered_at: datetime) -> bool:
        return self.to_waiting or self.published_at <= entered_at


class Broadcasts:
    """Those that are on, in the order in which they were put on."""

    def __init__(self, now: Callable[[], datetime], line: Callable[[str], str]) -> None:
        """``line``: a number's one form."""
        self._now = now
        self._line = line
        self._on: dict[str, Broadcast] = {}
        self._watching: defaultdict[str, set[Callable[[], None]]] = defaultdict(set)

    def put(self, one: Broadcast) -> None:
        """From now on it is heard."""
        self._on[one.id] = one
        if one.to_waiting:
            told = {watcher for queue in one.queues for watcher in self._watching.get(queue, ())}
            for watcher in told:
                watcher()

    def remove(self, broadcast_id: str) -> None:
        """Nobody hears it any more, but who does at this moment. Harmless if it is not on."""
        self._on.pop(broadcast_id, None)

    def in_queue(self, queue: str) -> list[Broadcast]:
        return [one for one in self._now_on() if queue in one.queues]

    def of_number(self, number: str) -> list[Broadcast]:
        """For who has dialled it."""
        if not self._on:
            return []
        line = self._line(number)
        return [one for one in self._now_on() if line in one.numbers]

    @contextmanager
    def watched(self, queue: str, told: Callable[[], None]) -> Iterator[None]:
        """Have ``told`` called as one is put on there for who waits."""
        self._watching[queue].add(told)
        try:
            yield
        finally:
            self._watching[queue].discard(told)
            if not self._watching[queue]:
                del self._watching[queue]

    def _now_on(self) -> list[Broadcast]:
        """Whatever the due work has still to do: what has expired is not heard."""
        now = self._now()
        return [one for one in self._on.values() if one.on_at(now)]
