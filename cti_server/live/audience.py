"""
Who watches the figures on the stream, and what they are sent: all of it once, then what changed.

Those who see the same get the same bytes, encoded once.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from cti_server.wire.stream import FiguresChanged, FiguresShown

from .rows import Row
from .snapshot import Snapshot, merge_patch

Put = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Scope:
    """
    What somebody sees: an agent themselves, or the floor.

    ``teams``: whose agents beside those of no team; None for everybody's. ``wall``: no agent's, and
    no trunk's.
    """

    agent_id: str | None = None
    teams: frozenset[str] | None = None
    wall: bool = False


class Audience:
    """``team_of``: an agent's team, None for none."""

    def __init__(self, team_of: Callable[[str], str | None]) -> None:
        self._team_of = team_of
        self._members: defaultdict[Scope, set[Put]] = defaultdict(set)
        self._snapshot: Snapshot | None = None
        self._whole: dict[Scope, bytes] = {}
        self._encode = msgspec.json.Encoder().encode

    def join(self, put: Put, scope: Scope) -> None:
        """Have ``put`` called with everything, when there is something, and with each change."""
        self._members[scope].add(put)
        if self._snapshot is not None:
            put(self._all(self._snapshot, scope))

    def leave(self, put: Put, scope: Scope) -> None:
        self._members[scope].discard(put)
        if not self._members[scope]:
            del self._members[scope]

    def sees(self, scope: Scope, agent_id: str) -> bool:
        """Whether this agent's figures are for them."""
        if scope.wall:
            return False
        if scope.agent_id is not None:
            return scope.agent_id == agent_id
        return scope.teams is None or self._team_of(agent_id) in {None, *scope.teams}

    def tell(self, snapshot: Snapshot) -> None:
        """Something changed, or there are figures for the first time."""
        before, self._snapshot = self._snapshot, snapshot
        self._whole.clear()
        for scope, members in list(self._members.items()):
            if before is None:
                message = self._all(snapshot, scope)
            elif patch := self._patch(before, snapshot, scope):
                message = self._encode(
                    FiguresChanged(sequence=snapshot.sequence, at=snapshot.at, patch=patch)
                )
            else:
                continue
            for put in list(members):
                put(message)

    def _all(self, snapshot: Snapshot, scope: Scope) -> bytes:
        if (message := self._whole.get(scope)) is None:
            figures = _visible(snapshot, self._agents(snapshot.agents, scope), scope)
            message = self._whole[scope] = self._encode(
                FiguresShown(sequence=snapshot.sequence, at=snapshot.at, figures=figures)
            )
        return message

    def _patch(self, before: Snapshot, now: Snapshot, scope: Scope) -> dict[str, Any]:
        """Rows that are the same objects as before are not looked into."""
        old = _visible(before, self._agents(before.agents, scope, beside=now.agents), scope)
        new = _visible(now, self._agents(now.agents, scope, beside=before.agents), scope)
        return merge_patch(old, new)

    def _agents(
        self, agents: Mapping[str, Row], scope: Scope, beside: Mapping[str, Row] | None = None
    ) -> dict[str, Row]:
        """Those whom the scope sees, but for who is the same ``beside``."""
        if scope.wall:
            return {}
        if scope.agent_id is not None:
            row = agents.get(scope.agent_id)
            return {} if row is None else {scope.agent_id: row}
        return {
            agent_id: row
            for agent_id, row in agents.items()
            if (beside is None or beside.get(agent_id) is not row) and self.sees(scope, agent_id)
        }


def _visible(snapshot: Snapshot, agents: dict[str, Row], scope: Scope) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "day": snapshot.day.isoformat(),
        "interval_from": snapshot.interval_from.isoformat(),
        "agents": agents,
    }
    if scope.agent_id is None:
        centre = {**snapshot.centre, "trunks": []} if scope.wall else snapshot.centre
        whole |= {"queues": snapshot.queues, "centre": centre}
    return whole
