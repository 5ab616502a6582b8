"""The fields that a centre has added to its customers' records."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.schema import Field

from .base import Base
from .versions import Versioned


class CustomerField(Versioned, Base, kw_only=True):
    """
    A field's definition; ``id`` is its name in the customers' attributes.

    It is retired, never removed: records may have values of it.
    """

    __tablename__ = "customer_field"

    id: Mapped[str] = mapped_column(primary_key=True)
    section: Mapped[str]
    type: Mapped[str]
    labels: Mapped[dict[str, str]]
    applies_to: Mapped[str] = mapped_column(default="both")
    required: Mapped[bool] = mapped_column(default=False)
    sensitive: Mapped[bool] = mapped_column(default=False)
    choices: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default_factory=list)
    minimum: Mapped[float | None] = mapped_column(default=None)
    maximum: Mapped[float | None] = mapped_column(default=None)
    position: Mapped[int] = mapped_column(default=0)
    retired: Mapped[bool] = mapped_column(default=False)

    @property
    def rule(self) -> Field:
        """What :mod:`crm.schema` has to know of it."""
        return Field(
            name=self.id,
            type=self.type,
            applies_to=self.applies_to,
            required=self.required,
            sensitive=self.sensitive,
            choices=tuple(choice["value"] for choice in self.choices),
            minimum=self.minimum,
            maximum=self.maximum,
            retired=self.retired,
        )


class CustomerFields:
    """The defined fields. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, field: CustomerField) -> None:
        self._session.add(field)

    async def get(self, name: str) -> CustomerField | None:
        return await self._session.get(CustomerField, name)

    async def all(self) -> Sequence[CustomerField]:
        """In the order in which a form shows them; the retired ones, too."""
        query = select(CustomerField).order_by(CustomerField.position, CustomerField.id)
        return (await self._session.scalars(query)).all()
