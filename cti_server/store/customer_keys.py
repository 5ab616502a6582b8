"""Under which keys customers are compared, and which of them are known to be two."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class CustomerKey(Base, kw_only=True):
    """One of :func:`crm.duplicates.keys_of`: customers without a common key are never compared."""

    __tablename__ = "customer_key"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own attribute

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    customer_id: Mapped[str] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class CustomerDistinction(Base, kw_only=True):
    """Somebody has looked at both: they are two. ``first_id`` is the smaller id."""

    __tablename__ = "customer_distinction"

    first_id: Mapped[str] = mapped_column(primary_key=True)
    second_id: Mapped[str] = mapped_column(primary_key=True)
    said_by: Mapped[str]
    said_at: Mapped[datetime]
