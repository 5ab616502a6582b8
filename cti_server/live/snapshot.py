"""The figures at one moment, for all who read them; nothing in it is changed any more. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """As of the event ``sequence``; agents with today's figures only."""

    sequence: int
    at: datetime
    day: datetime
    interval_from: datetime
    queues: Mapping[str, Row] = field(default_factory=dict)
    agents: Mapping[str, Row] = field(default_factory=dict)
    centre: Row = field(default_factory=dict)


def merge_patch(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """
    What makes ``after`` of ``before`` (RFC 7396): changed members, and null for those gone.

    A member that is null counts as none, as it does for whoever applies the patch.
    """
    patch: dict[str, Any] = {
        name: None for name, value in before.items() if value is not None and name not in after
    }
    for name, new in after.items():
        old = before.get(name)
        if new is old or new == old:
            continue
        if isinstance(new, dict):
            patch[name] = merge_patch(old if isinstance(old, dict) else {}, new)
        else:
            patch[name] = new
    return patch
