"""How long somebody waited."""

from datetime import datetime

from ..rows import Row


def waited(contact: Row, until: datetime) -> float | None:
    if contact["queued_at"] is None:
        return None
    return float((until - contact["queued_at"]).total_seconds())
