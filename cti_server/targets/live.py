"""A target's figure as the live figures have it, in one of their windows. Pure."""

from typing import Literal

from cti_server.live.snapshot import Snapshot
from cti_server.wire.targets import Target, TargetReading

Window = Literal["recent", "interval"]


def reading(target: Target, snapshot: Snapshot, window: Window) -> TargetReading:
    """Teams, what customers say and reviews have no live figures: they are "none"."""
    match target.subject:
        case "queue":
            row = snapshot.queues.get(target.name or "", {})
        case "centre" if target.kpi == "blocked_rate":
            row = snapshot.centre.get("calls", {})
        case "centre":
            row = snapshot.centre.get("queues", {})
        case _:
            row = {}
    value = row.get(window, {}).get(target.kpi)
    return TargetReading(value=value, light=target.light(value))
