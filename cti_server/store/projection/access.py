"""Sessions of people, and what keys are used for."""

from datetime import datetime

from cti_server.wire import events

from ..api_keys import ApiKeyUse
from ..rows import Rows
from ..sessions import Session
from .fold import Fold
from .peer_text import peer_text


def _session_opened(rows: Rows, event: events.SessionOpened, at: datetime, _: int) -> None:
    rows.add(
        Session,
        event.session_id,
        {
            "id": event.session_id,
            "agent_id": peer_text(event.user_id),
            "method": event.method,
            "address": peer_text(event.address),
            "client": peer_text(event.client),
            "opened_at": at,
            "expires_at": event.expires_at,
            "closed_at": None,
            "closed_by": None,
        },
    )


def _session_renewed(rows: Rows, event: events.SessionRenewed, at: datetime, _: int) -> None:
    session = rows.change(Session, event.session_id)
    if session is not None:
        session["expires_at"] = max(session["expires_at"], event.expires_at)


def _session_closed(rows: Rows, event: events.SessionClosed, at: datetime, _: int) -> None:
    session = rows.change(Session, event.session_id)
    if session is not None and session["closed_at"] is None:
        session["closed_at"] = at
        session["closed_by"] = event.closed_by


def _api_key_used(rows: Rows, event: events.ApiKeyUsed, at: datetime, _: int) -> None:
    use = {"key_id": event.key_id, "last_used_at": at, "address": peer_text(event.address)}
    rows.add(ApiKeyUse, event.key_id, use)


FOLDS: dict[type, Fold] = {
    events.SessionOpened: _session_opened,
    events.SessionRenewed: _session_renewed,
    events.SessionClosed: _session_closed,
    events.ApiKeyUsed: _api_key_used,
}
