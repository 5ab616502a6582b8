"""
Who watches the channel map, and what they are sent: all of it once, then what changed.

While nobody watches nothing is done here, and no worker measures anything: what they were asked for
runs out by itself, also where this process dies.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec

from crm.numbers import mask
from cti_server.live.snapshot import merge_patch
from cti_server.media.worker_reports import LegAccount, LevelsHeard
from cti_server.wire.channels import (
    ChannelLevels,
    ChannelNow,
    ChannelsChanged,
    ChannelsShown,
    ChannelView,
    Level,
)

from .rows import Account, CallRows

EVERY: Final = 0.5  # seconds between two looks at the calls, while somebody watches
LEASE: Final = 5.0  # seconds for which workers measure without another word
RENEWED_EVERY: Final = 4  # looks
FIRST_LOOK: Final = 1.6  # seconds until a worker has told of every leg

Put = Callable[[bytes], None]
_UNKNOWN: Final[Level] = (None, None)


class Meters(Protocol):
    """Where levels come from: the media plane."""

    on_levels: Callable[[LevelsHeard], None] | None

    def watch_levels(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Sight:
    """
    What somebody sees: calls of ``teams`` and of those in none, None being everybody's; whether
    numbers are shown ``whole``, and whether supervisors are (``listeners``).

    Of a call that is nobody's yet they see the number where the customer is nobody's either.
    """

    teams: frozenset[str] | None
    whole: bool
    listeners: bool


class ChannelMap:
    """``look``: the calls that run, as they are; ``team_of``: an agent's team, None for none."""

    def __init__(
        self,
        look: Callable[[Account], Sequence[CallRows]],
        meters: Meters,
        team_of: Callable[[str], str | None],
    ) -> None:
        self._look = look
        self._meters = meters
        self._team_of = team_of
        self._watchers: defaultdict[Sight, set[Put]] = defaultdict(set)
        self._with_meters = set[Put]()
        self._shown: dict[Sight, dict[str, dict[str, Any]]] = {}
        self._accounts: dict[str, LegAccount] = {}
        self._levels: dict[str, Level] = {}
        self._strangers: set[str] = set()  # of whom workers told, and no call has them
        self._timer: asyncio.TimerHandle | None = None
        self._looks = 0
        self._began = float("-inf")  # loop time
        self._last_asked = float("-inf")  # the same, over REST
        self._encode = msgspec.json.Encoder().encode
        meters.on_levels = self.hear

    def join(self, put: Put, sight: Sight, *, levels: bool = True) -> None:
        """Have ``put`` called with everything at once, and with each change; ``levels``, too."""
        rows = self._shown.get(sight)
        if rows is None:
            rows = self._shown[sight] = _as_json(self._rows(sight))
        self._watchers[sight].add(put)
        if levels:
            self._with_meters.add(put)
        heard = self._levels_of(rows) if levels else {}
        put(self._encode(ChannelsShown(channels=rows, levels=heard)))
        if self._timer is None:
            self._begin()

    def leave(self, put: Put, sight: Sight) -> None:
        self._watchers[sight].discard(put)
        self._with_meters.discard(put)
        if not self._watchers[sight]:
            del self._watchers[sight]
            self._shown.pop(sight, None)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    async def now(self, sight: Sight) -> list[ChannelNow]:
        """
        All that there is at this moment.

        Who is the first to ask waits until there are levels; they are measured for a while then.
        """
        self._last_asked = now = asyncio.get_running_loop().time()
        if self._timer is None:
            self._begin()
        if (wait := self._began + FIRST_LOOK - now) > 0:
            await asyncio.sleep(wait)
        rows = []
        for row in self._rows(sight).values():
            said, heard = self._levels.get(row.leg_id, _UNKNOWN)
            rows.append(ChannelNow(**dict(row), said=said, heard=heard))
        return rows

    # --- what there is ------------------------------------------------------------------------

    def _rows(
        self, sight: Sight, calls: Iterable[CallRows] | None = None
    ) -> dict[str, ChannelView]:
        if calls is None:
            calls = self._look(self._accounts.get)
        rows: dict[str, ChannelView] = {}
        for call in calls:
            if not self.sees(sight, call.staff):
                continue
            hidden = not sight.whole or (sight.teams is not None and call.known and not call.staff)
            for row in call.rows:
                if row.role != "supervisor" or sight.listeners:
                    rows[row.leg_id] = _seen(row, numbers=not hidden, listeners=sight.listeners)
        return rows

    def sees(self, sight: Sight, staff: Collection[str]) -> bool:
        """Whether a call that these agents are in, or rung for, is theirs to know of."""
        if sight.teams is None or not staff:
            return True
        return any(self._team_of(agent) in {None, *sight.teams} for agent in staff)

    # --- while somebody watches ---------------------------------------------------------------

    @property
    def _watched(self) -> bool:
        asked = asyncio.get_running_loop().time() - self._last_asked
        return bool(self._watchers) or asked < LEASE

    def _begin(self) -> None:
        self._looks = 0
        self._began = asyncio.get_running_loop().time()
        self._tick()

    def _tick(self) -> None:
        self._timer = None
        if not self._watched:
            self._meters.watch_levels(0)
            self._levels.clear()
            self._accounts.clear()
            return
        if self._looks % RENEWED_EVERY == 0:
            self._meters.watch_levels(LEASE)
        self._looks += 1
        self._timer = asyncio.get_running_loop().call_later(EVERY, self._tick)
        self._tell()

    def _tell(self) -> None:
        """What is another than at the look before."""
        calls = self._look(self._accounts.get)
        self._forget({row.leg_id for call in calls for row in call.rows})
        for sight, watchers in self._watchers.items():
            before, rows = self._shown.get(sight, {}), _as_json(self._rows(sight, calls))
            self._shown[sight] = rows
            if patch := merge_patch(before, rows):
                _put_all(watchers, self._encode(ChannelsChanged(patch=patch)))
            new = self._levels_of(rows.keys() - before.keys())  # told when nobody saw them
            self._tell_levels(watchers, new)

    def _levels_of(self, legs: Iterable[str]) -> dict[str, Level]:
        return {leg: self._levels[leg] for leg in legs if leg in self._levels}

    def _forget(self, there: set[str]) -> None:
        """Legs that are gone; one that no call has yet may be on the way to it until next time."""
        strangers = (self._levels.keys() | self._accounts.keys()) - there
        for leg in strangers & self._strangers:
            self._levels.pop(leg, None)
            self._accounts.pop(leg, None)
        self._strangers = strangers

    def hear(self, report: LevelsHeard) -> None:
        """For the media plane: one worker's levels."""
        if self._timer is None:
            return  # they were on their way when the last one left
        self._accounts |= report.accounts
        levels = {leg: (level.said, level.heard) for leg, level in report.levels.items()}
        self._levels |= levels
        for sight, watchers in self._watchers.items():
            shown = self._shown.get(sight, {})
            self._tell_levels(watchers, {leg: one for leg, one in levels.items() if leg in shown})

    def _tell_levels(self, watchers: set[Put], levels: dict[str, Level]) -> None:
        if levels and (with_meters := watchers & self._with_meters):
            _put_all(with_meters, self._encode(ChannelLevels(levels=levels)))


def _seen(row: ChannelView, *, numbers: bool, listeners: bool) -> ChannelView:
    changes: dict[str, Any] = {}
    if not numbers:
        changes["number"] = mask(row.number)
        if row.role == "expert" and row.party is not None:
            changes["party"] = mask(row.party)
    if not listeners:
        changes["listeners"] = []
    return row.model_copy(update=changes) if changes else row


def _as_json(rows: Mapping[str, ChannelView]) -> dict[str, dict[str, Any]]:
    return {leg: row.model_dump(mode="json") for leg, row in rows.items()}


def _put_all(watchers: Iterable[Put], message: bytes) -> None:
    for put in list(watchers):
        put(message)
