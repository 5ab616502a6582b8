"""Recordings as rows of a spreadsheet, none of which it takes for a formula. Pure."""

import csv
import io
from collections.abc import Iterable

from crm.formulas import neutral
from crm.numbers import mask

from .store.recordings import Recording

COLUMNS = (
    *("id", "kind", "started_at", "duration", "caller_number", "dialled_number", "queue"),
    *("agent_id", "contact_id", "interaction_id", "codec", "size", "sha256", "rule", "asked_by"),
)


def header() -> str:
    return _lines([COLUMNS])


def rows(recordings: Iterable[Recording], *, whole: bool) -> str:
    """``whole``: customers' numbers are shown."""
    return _lines([_cell(one, name, whole=whole) for name in COLUMNS] for one in recordings)


def _cell(recording: Recording, name: str, *, whole: bool) -> str:
    value = getattr(recording, name)
    if name == "started_at":
        return recording.started_at.isoformat()
    if name == "caller_number" and not whole:
        value = mask(recording.caller_number)
    if value is None:
        return ""
    return neutral(value) if isinstance(value, str) else str(value)


def _lines(table: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(table)
    return text.getvalue()
