"""Faxes that leave: each call of theirs, page by page."""

from datetime import datetime

from cti_server.wire import events

from ..fax_attempts import FaxAttempt
from ..rows import Rows
from .fold import Fold
from .peer_text import peer_text


def _dialled(rows: Rows, event: events.FaxDialled, at: datetime, _: int) -> None:
    rows.add(
        FaxAttempt,
        event.call_id,
        {
            "id": event.call_id,
            "job_id": event.job_id,
            "at": at,
            "ended_at": None,
            "trunk": "",
            "way": "",
            "answered": False,
            "pages": 0,
            "document_pages": None,
            "sent": False,
            "cause": "",
            "remote_ident": "",
            "bit_rate": None,
            "contact_id": event.contact_id,
            "customer_id": event.customer_id,
        },
    )


def _page_confirmed(rows: Rows, event: events.FaxPageConfirmed, at: datetime, _: int) -> None:
    attempt = rows.change(FaxAttempt, event.call_id)
    if attempt is not None:
        attempt["pages"] = event.page
        attempt["bit_rate"] = event.bit_rate


def _attempted(rows: Rows, event: events.FaxAttempted, at: datetime, _: int) -> None:
    attempt = rows.change(FaxAttempt, event.call_id)
    if attempt is not None:
        attempt |= {
            "ended_at": at,
            "trunk": event.trunk,
            "way": event.way,
            "answered": event.answered,
            "pages": event.pages,
            "document_pages": event.document_pages,
            "sent": event.sent,
            "cause": peer_text(event.cause),
            "remote_ident": peer_text(event.remote_ident),
            "bit_rate": event.bit_rate,
        }


FOLDS: dict[type, Fold] = {
    events.FaxDialled: _dialled,
    events.FaxPageConfirmed: _page_confirmed,
    events.FaxAttempted: _attempted,
}
