"""Roles, and what each of them may do."""

from dataclasses import dataclass
from datetime import datetime

from .errors import NotPermitted

PERMISSIONS: dict[str, frozenset[str]] = {
    "agent": frozenset({"stream", "state.own", "queues.read", "contacts.own", "calls.dial"}),
    "supervisor": frozenset(
        {
            "stream",
            "state.own",
            "state.any",
            "queues.read",
            "floor.read",
            "contacts.own",
            "contacts.read",
            "contacts.control",
            "calls.dial",
            "calls.listen",
            "call_backs.remove",
            "recordings.read",
            "recordings.play",
            "metrics.read",
        }
    ),
    "auditor": frozenset({"contacts.read", "recordings.read", "recordings.play", "metrics.read"}),
    "admin": frozenset(
        {
            "queues.read",
            "floor.read",
            "contacts.read",
            "recordings.read",
            "customers.import",
            "metrics.read",
            "workers.drain",
        }
    ),
}
"""Every permission is named by a route; a role has those listed and no others."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the agent from their token, the roles from the definitions of this moment."""

    agent_id: str
    roles: tuple[str, ...]
    token_id: str
    issued_at: datetime
    expires_at: datetime

    def may(self, permission: str) -> bool:
        return any(permission in PERMISSIONS.get(role, ()) for role in self.roles)

    def need(self, permission: str) -> None:
        """Raises NotPermitted."""
        if not self.may(permission):
            raise NotPermitted(permission)
