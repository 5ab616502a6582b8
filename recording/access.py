"""Of which queues somebody may list, play and export recordings. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from config.recording import ProtectionSettings

Action = Literal["list", "play", "export"]
Queues = frozenset[str] | None
"""None: of every queue, and of none."""


@dataclass(frozen=True, slots=True)
class Right:
    """What is not listed can be neither played nor exported."""

    listed: Queues = None
    played: Queues = None
    exported: Queues = None

    def to(self, action: Action) -> Queues:
        match action:
            case "list":
                return self.listed
            case "play":
                return _both(self.listed, self.played)
            case "export":
                return _both(self.listed, self.exported)


def reach(own: Right | None, of_roles: Sequence[Right | None], action: Action) -> Queues:
    """
    What is said of somebody themselves counts alone, else all that their roles have together.

    Of a role that nothing is said of every queue is.
    """
    if own is not None:
        return own.to(action)
    found: frozenset[str] = frozenset()
    for right in of_roles or [None]:
        queues = None if right is None else right.to(action)
        if queues is None:
            return None
        found |= queues
    return found


def asks_again(protection: ProtectionSettings, roles: Collection[str], queue: str) -> bool:
    """Whether the password is asked before a recording of this queue is played to them."""
    return (
        protection.confirm_play
        or queue in protection.confirm_play_queues
        or not set(roles).isdisjoint(protection.confirm_play_roles)
    )


def _both(one: Queues, other: Queues) -> Queues:
    if one is None or other is None:
        return other if one is None else one
    return one & other
