"""How far each store knows which recordings were erased."""

from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, SequenceNumber


class ErasedNotes(Base, kw_only=True):
    """
    The store's notes up to this ``page``, which end with this entry of the archive's chain.

    A database that was restored is behind its stores: there are pages after this one then.
    """

    __tablename__ = "erased_notes"

    store: Mapped[str] = mapped_column(primary_key=True)
    page: Mapped[int]
    sequence: Mapped[int] = mapped_column(SequenceNumber)
