"""Forms as data, and what was filled in, a typed column for each kind of value."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, ForeignKeyConstraint, Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord
from crm.forms import Cell

from .base import Base
from .versions import Versioned


class Form(Versioned, Base, kw_only=True):
    """``latest``: the number of the version that is filled in now; ``queues``: all if empty."""

    __tablename__ = "form"

    id: Mapped[str] = mapped_column(primary_key=True)
    labels: Mapped[dict[str, str]]
    queues: Mapped[list[str]]
    latest: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)


class FormVersion(Base, kw_only=True):
    """What the form asked for then. It never changes: filled forms are read by it."""

    __tablename__ = "form_version"

    form_id: Mapped[str] = mapped_column(ForeignKey("form.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    written_by: Mapped[str]
    written_at: Mapped[datetime]


class FilledForm(Base, kw_only=True):
    """
    A form as somebody filled it in, by which version, for whom or what.

    ``number`` is what the customer is told; forms of earlier releases have none.
    """

    __tablename__ = "filled_form"
    __table_args__ = (
        ForeignKeyConstraint(
            ["form_id", "form_version"], ["form_version.form_id", "form_version.number"]
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    form_id: Mapped[str]
    form_version: Mapped[int]
    number: Mapped[str | None] = mapped_column(default=None, unique=True, index=True)
    contact_id: Mapped[str | None] = mapped_column(default=None, index=True)
    customer_id: Mapped[str | None] = mapped_column(default=None, index=True)
    team: Mapped[str | None] = mapped_column(default=None)
    filled_by: Mapped[str]
    filled_at: Mapped[datetime]


Index("ix_filled_form_form_id_filled_at", FilledForm.form_id, FilledForm.filled_at)


class FormValue(Base, kw_only=True):
    """
    One value; exactly one of the four columns is set, for all versions of a form the same one.

    One table with typed columns: a table or view for each form would be made and changed while
    the server runs, differently in each database; the types are what analysis needs. ``form_id``
    is repeated so that a question about a field of a form is answered by an index alone.
    """

    __tablename__ = "form_value"

    filled_form_id: Mapped[str] = mapped_column(
        ForeignKey("filled_form.id", ondelete="CASCADE"), primary_key=True
    )
    field: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[str]
    text: Mapped[str | None] = mapped_column(default=None)
    number: Mapped[float | None] = mapped_column(Float(53), default=None)
    boolean: Mapped[bool | None] = mapped_column(default=None)
    moment: Mapped[datetime | None] = mapped_column(default=None)


Index("ix_form_value_form_id_field_number", FormValue.form_id, FormValue.field, FormValue.number)
Index("ix_form_value_form_id_field_moment", FormValue.form_id, FormValue.field, FormValue.moment)


class Forms:
    """The stored forms. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def need(self, form_id: str) -> Form:
        """Raises UnknownRecord."""
        form = await self._session.get(Form, form_id)
        if form is None:
            raise UnknownRecord("form", form_id)
        return form

    async def all(self) -> Sequence[Form]:
        return (await self._session.scalars(select(Form).order_by(Form.id))).all()

    async def in_use(self) -> list[tuple[Form, FormVersion]]:
        """Each with what is filled in now."""
        forms = [form for form in await self.all() if form.active]
        latest = await self.latest(forms)
        return [(form, latest[form.id]) for form in forms]

    async def versions(self, form_id: str, limit: int, before: int | None) -> Sequence[FormVersion]:
        """What it asked for, the newest version first."""
        query = (
            select(FormVersion)
            .where(FormVersion.form_id == form_id)
            .order_by(FormVersion.number.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(FormVersion.number < before)
        return (await self._session.scalars(query)).all()

    async def version(self, form_id: str, number: int) -> FormVersion:
        """Raises UnknownRecord."""
        found = await self._session.get(FormVersion, (form_id, number))
        if found is None:
            raise UnknownRecord("form_version", f"{form_id}/{number}")
        return found

    async def latest(self, forms: Sequence[Form]) -> dict[str, FormVersion]:
        """The newest version of each of these, by the form's id."""
        query = select(FormVersion).join(Form, Form.id == FormVersion.form_id)
        query = query.where(
            Form.id.in_([form.id for form in forms]), FormVersion.number == Form.latest
        )
        return {version.form_id: version for version in await self._session.scalars(query)}

    async def fill(self, filled: FilledForm, values: Sequence[Cell]) -> None:
        self._session.add(filled)
        await self._session.flush()
        self._session.add_all(
            FormValue(
                filled_form_id=filled.id,
                form_id=filled.form_id,
                field=cell.field,
                position=cell.position,
                text=cell.text,
                number=cell.number,
                boolean=cell.boolean,
                moment=cell.moment,
            )
            for cell in values
        )

    async def filled(self, filled_id: str, teams: frozenset[str] | None) -> FilledForm:
        """Raises UnknownRecord, also for another team's."""
        found = await self._session.get(FilledForm, filled_id)
        if found is None or not (teams is None or found.team is None or found.team in teams):
            raise UnknownRecord("filled_form", filled_id)
        return found

    async def remove(self, filled_id: str) -> None:
        if (found := await self._session.get(FilledForm, filled_id)) is not None:
            await self._session.delete(found)

    async def cells(self, filled_ids: Collection[str]) -> dict[str, list[Cell]]:
        query = select(FormValue).where(FormValue.filled_form_id.in_(filled_ids))
        found: defaultdict[str, list[Cell]] = defaultdict(list)
        for one in await self._session.scalars(query):
            cell = Cell(one.field, one.position, one.text, one.number, one.boolean, one.moment)
            found[one.filled_form_id].append(cell)
        return found
