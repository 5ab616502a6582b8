"""
Who watches the waiting list, and what they are sent: all of it once, then what changed.

While nobody watches nothing is done here. Those who see the same get the same bytes, encoded once;
of a contact of which nothing has changed nothing is made anew.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec

from acd.estimate import Estimate
from acd.waits import QueueWaits, Wait
from cti_server.live.snapshot import merge_patch
from cti_server.wire.waiting import QueueWaitingView, WaitingChanged, WaitingShown

from .rows import Known, Row, Sight, row_of, seen

EVERY: Final = 1.0  # seconds between two looks, while somebody watches
FIRST: Final = 50  # contacts of each queue that are on the stream
EXPECTED_FOR: Final = 10.0  # seconds for which the stream takes an expected wait for true
UNKNOWN: Final = Known("")

Put = Callable[[bytes], None]
_Json = dict[str, Any]


class Line(Protocol):
    """Who waits: the floor."""

    def queue_names(self) -> Iterable[str]: ...

    def waits(self, queue: str, most: int) -> QueueWaits:
        """Raises UnknownQueue."""

    def expected_wait(self, contact_id: str) -> Estimate | None: ...


@dataclass(slots=True)
class _Kept:
    """A row, and what it was made of."""

    wait: Wait
    known: Known
    expected: Estimate | None
    expected_at: float  # loop time
    row: Row


class WaitingList:
    """``about``: what is known of a contact; ``team_of``: an agent's team, None for none."""

    def __init__(
        self,
        line: Line,
        about: Callable[[str], Known | None],
        team_of: Callable[[str], str | None],
    ) -> None:
        self._line = line
        self._about = about
        self._team_of = team_of
        self._watchers: defaultdict[Sight, set[Put]] = defaultdict(set)
        self._shown: dict[Sight, _Json] = {}
        self._whole: dict[Sight, bytes] = {}  # what is shown, encoded
        self._seen: dict[Sight, dict[str, tuple[Row, _Json | None]]] = {}
        self._kept: dict[str, _Kept] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._encode = msgspec.json.Encoder().encode

    def now(self, queue: str, sight: Sight, most: int) -> QueueWaitingView:
        """The first of a queue, at this moment. Raises UnknownQueue."""
        waits = self._line.waits(queue, most)
        rows = [self._fresh(wait) for wait in waits.first]
        views = [seen(row, sight, self._team_of) for row in rows]
        return QueueWaitingView(
            queue=queue,
            waiting=waits.waiting,
            offered=waits.offered,
            contacts=[view for view in views if view is not None],
        )

    def join(self, put: Put, sight: Sight) -> None:
        """Have ``put`` called with everything at once, and with each change."""
        if sight not in self._shown:
            self._shown[sight] = self._as_seen(sight, self._look())
        self._watchers[sight].add(put)
        if sight not in self._whole:
            self._whole[sight] = self._encode(WaitingShown(queues=self._shown[sight]))
        put(self._whole[sight])
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(EVERY, self._tick)

    def leave(self, put: Put, sight: Sight) -> None:
        self._watchers[sight].discard(put)
        if not self._watchers[sight]:
            del self._watchers[sight]
            for known in (self._shown, self._whole, self._seen):
                known.pop(sight, None)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    # --- while somebody watches ---------------------------------------------------------------

    def _tick(self) -> None:
        self._timer = None
        if not self._watchers:
            self._kept.clear()
            return
        self._timer = asyncio.get_running_loop().call_later(EVERY, self._tick)
        queues = self._look()
        for sight, watchers in self._watchers.items():
            before, after = self._shown[sight], self._as_seen(sight, queues)
            self._shown[sight] = after
            if patch := merge_patch(before, after):
                self._whole.pop(sight, None)
                message = self._encode(WaitingChanged(patch=patch))
                for put in list(watchers):
                    put(message)

    def _look(self) -> dict[str, tuple[QueueWaits, list[Row]]]:
        """Every queue, with the rows of its first contacts."""
        at, kept = asyncio.get_running_loop().time(), dict[str, _Kept]()
        found = dict[str, tuple[QueueWaits, list[Row]]]()
        for queue in self._line.queue_names():
            waits = self._line.waits(queue, FIRST)
            for wait in waits.first:
                kept[wait.contact.id] = self._row(wait, at)
            found[queue] = waits, [kept[wait.contact.id].row for wait in waits.first]
        self._kept = kept
        return found

    def _row(self, wait: Wait, at: float) -> _Kept:
        known = self._about(wait.contact.id) or UNKNOWN
        before = self._kept.get(wait.contact.id)
        as_before = before is not None and before.wait == wait and before.known == known
        if before is not None and as_before and at - before.expected_at < EXPECTED_FOR:
            return before
        expected = self._expected(wait)
        return _Kept(wait, known, expected, at, row_of(wait, known, expected))

    def _fresh(self, wait: Wait) -> Row:
        return row_of(wait, self._about(wait.contact.id) or UNKNOWN, self._expected(wait))

    def _expected(self, wait: Wait) -> Estimate | None:
        return None if wait.position is None else self._line.expected_wait(wait.contact.id)

    def _as_seen(self, sight: Sight, queues: dict[str, tuple[QueueWaits, list[Row]]]) -> _Json:
        before, after = self._seen.get(sight, {}), dict[str, tuple[Row, _Json | None]]()
        shown: _Json = {}
        for queue, (waits, rows) in queues.items():
            contacts: _Json = {}
            for row in rows:
                name = row.view.contact_id
                there = before.get(name)
                if there is None or there[0] is not row:
                    there = row, self._json(row, sight)
                after[name] = there
                if there[1] is not None:
                    contacts[name] = there[1]
            shown[queue] = {
                "waiting": waits.waiting,
                "offered": waits.offered,
                "contacts": contacts,
            }
        self._seen[sight] = after
        return shown

    def _json(self, row: Row, sight: Sight) -> _Json | None:
        view = seen(row, sight, self._team_of)
        return None if view is None else view.model_dump(mode="json")
