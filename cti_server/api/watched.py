"""What a stream shows beside events: figures, the channel map, who waits, open alerts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from cti_server.alerts.watching import Sight as AlertsInSight
from cti_server.channel_map.watching import Sight as CallsInSight
from cti_server.live.audience import Scope
from cti_server.waiting_list.rows import Sight as WaitingInSight
from cti_server.wire.stream import Hello

from . import channels, waiting
from .parts import Parts
from .permissions import Identity

Put = Callable[[bytes], None]


def needed(hello: Hello) -> list[str]:
    """Who asks for any of these, and nothing of their own, needs no more than that."""
    if hello.wall:
        return ["wall.watch"]  # it asks for nothing else
    needs = [channels.NEEDS] if hello.channels else []
    if hello.alerts:
        needs.append("alerts.read")
    if hello.floor or hello.waiting:
        needs.append(waiting.NEEDS)
    if not hello.floor and (hello.figures or hello.desk is not None or not needs):
        needs.append("stream")
    return needs


@dataclass(frozen=True, slots=True)
class Watched:
    """
    As far as its agent sees each of them; None where the hello did not ask for it.

    ``teams``: of which somebody sees the floor, None for all of it.
    """

    figures: Scope | None
    channels: CallsInSight | None
    levels: bool
    waiting: WaitingInSight | None
    alerts: AlertsInSight | None
    teams: frozenset[str] | None

    @classmethod
    def by(cls, here: Parts, who: Identity, hello: Hello) -> Self:
        return cls(
            figures=_figures(who, hello),
            channels=channels.sight_of(here, who) if hello.channels else None,
            levels=hello.levels,
            waiting=waiting.sight_of(who) if hello.waiting else None,
            alerts=AlertsInSight(who.teams) if hello.alerts else None,
            teams=who.teams if hello.floor else None,
        )

    async def join(self, here: Parts, put: Put) -> None:
        if self.figures is not None:
            here.figures.audience.join(put, self.figures)
        if self.channels is not None:
            here.channels.join(put, self.channels, levels=self.levels)
        if self.waiting is not None:
            here.waiting.join(put, self.waiting)
        if self.alerts is not None:
            await here.alerts.join(put, self.alerts)

    def leave(self, here: Parts, put: Put) -> None:
        if self.figures is not None:
            here.figures.audience.leave(put, self.figures)
        if self.channels is not None:
            here.channels.leave(put, self.channels)
        if self.waiting is not None:
            here.waiting.leave(put, self.waiting)
        if self.alerts is not None:
            here.alerts.leave(put, self.alerts)


def _figures(who: Identity, hello: Hello) -> Scope | None:
    if hello.wall:
        return Scope(wall=True)
    if not hello.figures:
        return None
    return Scope(teams=who.teams) if hello.floor else Scope(agent_id=who.agent_id)
