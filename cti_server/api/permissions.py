"""
Roles, and what each of them may do: the permission matrix.

Every permission is named by a route; a role has those listed and no others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .errors import NotPermitted

_AGENT = frozenset(
    {
        *("stream", "state.own", "queues.read", "contacts.own", "calls.dial"),
        *("customers.read", "customers.write", "timeline.read", "timeline.note"),
        *("tickets.read", "tickets.write", "orders.read", "orders.write"),
        *("tasks.own", "knowledge.read", "knowledge.vote", "knowledge.draft"),
        *("forms.read", "forms.fill", "queries.run", "connectors.use", "account.own"),
        *("sales.read", "sales.write", "campaigns.read", "call_backs.ask", "work.create"),
        *("quality.own", "templates.read", "faxes.send"),
    }
)
_SUPERVISOR = _AGENT | {
    *("state.any", "floor.read", "contacts.read", "contacts.control", "calls.listen"),
    "channels.watch",
    *("call_backs.remove", "recordings.read", "recordings.play", "metrics.read"),
    *("recordings.edit", "recordings.play_original"),
    *("recordings.export", "recordings.approve"),
    *("customers.merge", "customers.reveal", "customers.assign", "tickets.manage"),
    *("tickets.report", "work_orders.report", "orders.manage", "tasks.any"),
    *("knowledge.approve", "reports.read", "sales.manage", "campaigns.manage"),
    *("agents.release", "incidents.read", "system.read", "work.withdraw"),
    *("alerts.read", "alerts.acknowledge", "alerts.manage", "outbox.read", "outbox.manage"),
    *("broadcasts.manage", "targets.manage", "wall.watch"),
    *("quality.read", "quality.review", "quality.manage"),
}
_AUDITOR = frozenset(
    {
        *("contacts.read", "recordings.read", "recordings.play", "metrics.read"),
        "recordings.play_original",
        *("recordings.export", "recordings.approve"),
        *("customers.read", "timeline.read", "tickets.read", "orders.read", "forms.read"),
        *("audit.read", "users.read", "account.own", "rows.all", "reports.read"),
        *("sales.read", "campaigns.read", "incidents.read", "alerts.read"),
        *("outbox.read", "archive.read", "quality.read"),
    }
)
_ADMIN = frozenset(
    {
        *("queues.read", "floor.read", "contacts.read", "recordings.read", "metrics.read"),
        *("channels.watch", "wall.watch"),
        *("customers.read", "customers.write", "customers.merge", "customers.import"),
        *("customers.export", "customers.erase", "customers.schema", "customers.assign"),
        *("timeline.read", "timeline.write", "tickets.read", "tickets.manage"),
        *("tickets.types", "tickets.report", "work_orders.report", "routing.manage"),
        *("orders.read", "orders.manage", "catalogue.manage", "tasks.any"),
        *("knowledge.read", "knowledge.approve", "forms.read", "forms.manage"),
        *("queries.run", "queries.manage", "connectors.use"),
        *("users.read", "users.manage", "keys.manage", "audit.read"),
        *("retention.manage", "webhooks.manage", "feed.read", "workers.drain"),
        *("account.own", "rows.all", "reports.read"),
        *("sales.read", "sales.manage", "campaigns.read", "campaigns.manage"),
        *("care.manage", "promises.manage", "agents.release", "incidents.read"),
        "system.read",
        *("archive.read", "archive.manage"),
        *(
            "work.create",
            "work.withdraw",
            "alerts.read",
            "alerts.manage",
            "targets.manage",
            "outbox.read",
            "outbox.manage",
        ),
        *("quality.read", "quality.manage"),
        *("broadcasts.manage", "templates.read", "templates.manage"),
    }
)

_FIELD = frozenset(
    {
        *("customers.read", "customers.write", "customers.reveal", "timeline.read"),
        *("timeline.note", "tickets.read", "tickets.write", "work_orders.report"),
        *("orders.read", "orders.write"),
        *("tasks.own", "sales.read", "sales.write", "forms.read", "account.own"),
        *("knowledge.read", "knowledge.vote"),
    }
)
"""
Out with customers: their records, with where they live and how they are called (which is audited),
and what is to be done there; no contact of the centre's.
"""

_WALL = frozenset({"wall.watch", "account.own"})

PERMISSIONS: dict[str, frozenset[str]] = {
    "agent": _AGENT,
    "supervisor": _SUPERVISOR,
    "auditor": _AUDITOR,
    "admin": _ADMIN,
    "field": _FIELD,
    "wall": _WALL,
}

WALL = ("wall",)
"""The roles of what is no person at work: a screen on a wall, with nobody before it."""

OWN = frozenset(
    {
        *("stream", "state.own", "contacts.own", "calls.dial", "calls.listen", "tasks.own"),
        *("wall.watch", "state.any", "contacts.control", "account.own", "knowledge.vote"),
        *("quality.own", "quality.review"),
        "recordings.export",  # for which the password is asked
        "recordings.approve",
    }
)
"""What only a person can do; an API key gets none of them."""

SCOPES = frozenset().union(*PERMISSIONS.values()) - OWN
"""What an API key can be given."""

SENSITIVE = frozenset(
    {
        *("recordings.export", "recordings.approve"),
        *(
            "recordings.play",
            "calls.listen",
            "channels.watch",
            "audit.read",
            "users.read",
            "users.manage",
        ),
        *("keys.manage", "customers.reveal", "customers.export", "customers.erase"),
        *("customers.import", "customers.merge", "retention.manage", "webhooks.manage"),
        *("feed.read", "workers.drain", "agents.release"),
        *("recordings.edit", "recordings.play_original"),
    }
)
"""Who asks for one of these and does not have it is in the audit trail."""

MASKED = {
    "customer.numbers": "customers.reveal",
    "customer.addresses": "customers.reveal",
    "customer.sensitive_attributes": "customers.reveal",
}
"""Fields that are masked, and the permission that shows them whole; each showing is audited."""


def granted_by(roles: Iterable[str], permission: str) -> bool:
    return any(permission in PERMISSIONS.get(role, ()) for role in roles)


@dataclass(frozen=True, slots=True)
class Identity:
    """
    Who asks: the agent from their token, roles and team from the definitions of this moment.

    ``granted``: what an API key may do, or the only part of the roles' permissions that a session
    has until its agent has chosen a password or enrolled a second factor; None for all of them.
    """

    agent_id: str
    roles: tuple[str, ...]
    token_id: str
    issued_at: datetime
    expires_at: datetime
    team: str | None = None
    granted: frozenset[str] | None = None

    def may(self, permission: str) -> bool:
        if self.granted is not None:
            return permission in self.granted
        return granted_by(self.roles, permission)

    def need(self, permission: str) -> None:
        """Raises NotPermitted."""
        if not self.may(permission):
            raise NotPermitted(permission)

    @property
    def teams(self) -> frozenset[str] | None:
        """
        Whose records they see beside those that are nobody's; None for everybody's.

        Who is in no team sees everything: small centres have none.
        """
        if self.team is None or self.may("rows.all"):
            return None
        return frozenset({self.team})
