"""Merges of customers, with what it takes to undo them."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class CustomerMerge(Base, kw_only=True):
    """``records``: what both were and what became of the survivor, as JSON of ``Merger``."""

    __tablename__ = "customer_merge"

    id: Mapped[str] = mapped_column(primary_key=True)
    survivor_id: Mapped[str] = mapped_column(index=True)
    merged_id: Mapped[str] = mapped_column(index=True)
    merged_at: Mapped[datetime]
    merged_by: Mapped[str]
    records: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None] = mapped_column(default=None)
    undone_by: Mapped[str | None] = mapped_column(default=None)
