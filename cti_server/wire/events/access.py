"""
Who came in, who was kept out, and what they were refused.

For the audit trail alone: no desktop's stream carries them, for they tell where people log in from.
The log takes them with the others.
"""

from datetime import datetime

from .base import BaseEvent


class AccessEvent(BaseEvent, frozen=True, kw_only=True):
    """``address`` is where the request came from: an IP address, empty if unknown."""


class SessionOpened(AccessEvent, frozen=True, kw_only=True, tag="session.opened"):
    """
    Somebody logged in.

    ``method`` is "password", "second_factor" or "oidc"; ``client`` what the browser calls itself.
    """

    session_id: str
    user_id: str
    method: str
    address: str
    client: str
    expires_at: datetime


class SessionRenewed(AccessEvent, frozen=True, kw_only=True, tag="session.renewed"):
    """A session that is used ends later than it was to."""

    session_id: str
    user_id: str
    expires_at: datetime


class SessionClosed(AccessEvent, frozen=True, kw_only=True, tag="session.closed"):
    """By a log-out, or because somebody revoked it: themselves or an administrator."""

    session_id: str
    user_id: str
    closed_by: str


class SessionsClosed(AccessEvent, frozen=True, kw_only=True, tag="session.all_closed"):
    """
    Every session that this user had open until now is over.

    ``reason``: "asked", "password_changed", "password_reset", "disabled", "deleted",
    "second_factor".
    """

    user_id: str
    closed_by: str
    reason: str


class IdentityConfirmed(AccessEvent, frozen=True, kw_only=True, tag="session.confirmed"):
    """Somebody who is logged in proved again who they are, for one purpose."""

    session_id: str
    user_id: str
    purpose: str
    address: str


class LogInFailed(AccessEvent, frozen=True, kw_only=True, tag="session.refused"):
    """
    A log-in that did not come to pass.

    ``reason`` is "password", "code" (the second factor's) or "provider" (single sign-on). A name
    that nobody has is not kept: people type their passwords there.
    """

    user_id: str
    address: str
    reason: str


class LockedOut(AccessEvent, frozen=True, kw_only=True, tag="session.locked_out"):
    """Too many wrong passwords for this name: no further one is tried for some seconds."""

    user_id: str
    address: str
    seconds: int


class AccessRefused(AccessEvent, frozen=True, kw_only=True, tag="access.refused"):
    """Somebody asked for what their roles do not give, and what is worth an eye."""

    refused: str
    permission: str
    route: str
    address: str


class ApiKeyUsed(AccessEvent, frozen=True, kw_only=True, tag="api_key.used"):
    """A key was used; told once in a while, not for every request."""

    key_id: str
    address: str


AnyAccessEvent = (
    SessionOpened
    | SessionRenewed
    | SessionClosed
    | SessionsClosed
    | IdentityConfirmed
    | LogInFailed
    | LockedOut
    | AccessRefused
    | ApiKeyUsed
)
