"""The words of what an agent wrote down for whoever has the contact next."""

from datetime import datetime

from cti_server.wire import events

from ..note_words import NoteWord, rows_of
from ..rows import Rows
from .fold import Fold


def _contact_noted(rows: Rows, event: events.ContactNoted, at: datetime, sequence: int) -> None:
    for row in rows_of(event.text, event.contact_id, str(sequence), at):
        rows.add(NoteWord, f"{sequence} {row['word']}", row)


FOLDS: dict[type, Fold] = {events.ContactNoted: _contact_noted}
