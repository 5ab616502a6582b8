"""The words of what agents noted of contacts, by which recordings of them are found."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.words import words

from .base import Base, by_bytes
from .bulk import insert_all

MOST_WORDS = 200  # of one note
LONGEST_WORD = 32  # characters


class NoteWord(Base, kw_only=True):
    """
    A word of a note.

    ``source_id``: the interaction of whose disposition it is, or the number of the event by which
    it was noted.
    """

    __tablename__ = "note_word"

    word: Mapped[str] = mapped_column(by_bytes(), primary_key=True)
    contact_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    source_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def rows_of(text: str, contact_id: str, source_id: str, at: datetime) -> list[dict[str, Any]]:
    """What is stored of a note: each of its words once."""
    found = dict.fromkeys(word[:LONGEST_WORD] for word in words(text))
    about = {"contact_id": contact_id, "source_id": source_id, "at": at}
    return [{"word": word, **about} for word in list(found)[:MOST_WORDS]]


async def put_words(
    session: AsyncSession, text: str | None, contact_id: str, source_id: str, at: datetime
) -> None:
    """In place of those that this source had. The caller owns the transaction."""
    theirs = (NoteWord.contact_id == contact_id, NoteWord.source_id == source_id)
    await session.execute(delete(NoteWord).where(*theirs))
    rows: Iterable[dict[str, Any]] = rows_of(text, contact_id, source_id, at) if text else ()
    await session.run_sync(insert_all, NoteWord, list(rows))
