"""What somebody may do only when somebody else has approved it, and exactly that. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from config.recording import TakenByTwo

WAITS = timedelta(days=7)
"""Nobody decides on what was asked longer ago."""
REPEATED: frozenset[TakenByTwo] = frozenset({"play_original"})
"""What may be done again and again while an approval holds; all else once."""


def fingerprint(action: TakenByTwo, about: Mapping[str, Any]) -> str:
    """What an approval is good for, and for nothing that differs in anything."""
    told = json.dumps([action, about], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


def state_at(
    now: datetime,
    *,
    asked_at: datetime,
    approved: bool | None,
    valid_until: datetime | None,
    used_at: datetime | None,
) -> str:
    """``approved``: None as long as nobody has decided."""
    match approved:
        case False:
            return "refused"
        case None:
            return "waiting" if now < asked_at + WAITS else "expired"
        case True if used_at is not None:
            return "used"
        case _:
            return "approved" if valid_until is not None and now < valid_until else "expired"
