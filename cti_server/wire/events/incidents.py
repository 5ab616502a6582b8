"""What the server's self-check came upon, and what became of it."""

from .base import BaseEvent


class IncidentFound(BaseEvent, frozen=True, kw_only=True, tag="incident.found"):
    """
    Something is as it must not be, and has been for a while.

    ``kind`` is a value of :class:`acd.invariants.Fault`,
    :class:`cti_server.self_check.calls.CallFault`, :class:`cti_server.ends.Fate`,
    :class:`cti_server.backup.incidents.BackupFault` or :class:`cti_server.disk_watch.DiskFault`;
    ``subject`` the id of what it is about.
    """

    incident_id: str
    kind: str
    subject: str
    about_agent: str | None = None
    contact_id: str | None = None
    interaction_id: str | None = None
    leg_id: str | None = None
    detail: str = ""


class IncidentHealed(BaseEvent, frozen=True, kw_only=True, tag="incident.healed"):
    """It is so no more; ``action`` is the verb that was used, empty if it went by itself."""

    incident_id: str
    kind: str
    action: str
    contact_id: str | None = None


AnyIncidentEvent = IncidentFound | IncidentHealed
