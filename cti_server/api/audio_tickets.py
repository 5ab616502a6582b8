"""
Leave to hear one recording by its URL alone, for players that can send no header. Pure.

Of one session, for some minutes; the session is asked for again whenever the URL is.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .errors import NotLoggedIn
from .permissions import Identity

HOLDS = timedelta(minutes=10)
MOST = 2000
"""At once, of everybody; the oldest make room."""


@dataclass(slots=True)
class AudioTicket:
    """``told``: the versions whose playing is in the audit trail, once for all of their ranges."""

    who: Identity
    recording_id: str
    expires_at: datetime
    told: set[int] = field(default_factory=set)


class AudioTickets:
    """In memory: after a restart a player asks anew."""

    def __init__(self) -> None:
        self._tickets: dict[str, AudioTicket] = {}  # the oldest first

    def issue(self, who: Identity, recording_id: str, now: datetime) -> tuple[str, datetime]:
        """Its secret, and until when it holds."""
        for secret, ticket in list(self._tickets.items()):
            if ticket.expires_at > now and len(self._tickets) < MOST:
                break
            del self._tickets[secret]
        secret, until = secrets.token_urlsafe(24), min(now + HOLDS, who.expires_at)
        self._tickets[secret] = AudioTicket(who, recording_id, until)
        return secret, until

    def need(self, secret: str, recording_id: str, now: datetime) -> AudioTicket:
        """Raises NotLoggedIn."""
        ticket = self._tickets.get(secret)
        if ticket is None or ticket.recording_id != recording_id or ticket.expires_at <= now:
            raise NotLoggedIn("the ticket is of another recording, or holds no longer")
        return ticket
