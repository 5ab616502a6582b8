"""Queues, skills, teams, flows, rules, targets, templates, and all that a definition ever was."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import AlreadyThere, EditConflict, UnknownRecord

from .base import Base
from .versions import Versioned

Kind = Literal["queue", "number", "skill", "team", "flow", "alert_rule", "target", "template"]
Origin = Literal["file", "edited"]
"""Whose word counts: the configuration file's, or what was said since over REST."""


class RoutingDefinition(Versioned, Base, kw_only=True):
    """
    What of this kind and id is now. ``content`` is checked by who writes it.

    One that was ``removed`` stays, so that its versions go on if it is defined again.
    """

    __tablename__ = "routing_definition"

    kind: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    origin: Mapped[str]
    removed: Mapped[bool] = mapped_column(default=False)


class DefinitionVersion(Base, kw_only=True):
    """
    What a definition was from this version on. ``content``: None where it was removed; ``note``:
    why, by who changed it.
    """

    __tablename__ = "definition_version"

    kind: Mapped[str] = mapped_column(primary_key=True)
    definition_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str]
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(default=None)


class DefinitionVersions:
    """What things of one kind were. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession, kind: str) -> None:
        self._session = session
        self._kind = kind

    def keep(
        self,
        definition_id: str,
        number: int,
        action: str,
        content: Mapping[str, Any] | None,
        by: str,
        now: datetime,
        *,
        note: str | None = None,
    ) -> None:
        self._session.add(
            DefinitionVersion(
                kind=self._kind,
                definition_id=definition_id,
                number=number,
                action=action,
                content=None if content is None else dict(content),
                changed_by=by,
                changed_at=now,
                note=note,
            )
        )

    async def keep_found(
        self, definition_id: str, number: int, content: Mapping[str, Any], by: str, now: datetime
    ) -> None:
        """What it is, unless that is its last version: it was changed where none are kept."""
        last = (
            select(DefinitionVersion)
            .where(*self._of(definition_id))
            .order_by(DefinitionVersion.number.desc())
        )
        kept = (await self._session.scalars(last.limit(1))).first()
        if kept is None or kept.content != content:
            self.keep(definition_id, number, "found", content, by, now)

    async def page(
        self, definition_id: str, limit: int, before: int | None
    ) -> Sequence[DefinitionVersion]:
        """The newest first. Raises UnknownRecord where there never was one."""
        query = (
            select(DefinitionVersion)
            .where(*self._of(definition_id))
            .order_by(DefinitionVersion.number.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(DefinitionVersion.number < before)
        found = (await self._session.scalars(query)).all()
        if not found and before is None:
            raise UnknownRecord(self._kind, definition_id)
        return found

    async def content(self, definition_id: str, number: int) -> dict[str, Any]:
        """What it was then. Raises UnknownRecord, also for the version that removed it."""
        found = await self._session.get(DefinitionVersion, (self._kind, definition_id, number))
        if found is None or found.content is None:
            raise UnknownRecord("version", f"{self._kind} {definition_id} {number}")
        return found.content

    async def created_by_others_than(self, by: str) -> set[str]:
        """The ids of what somebody else defined first, even if it was removed since."""
        query = select(DefinitionVersion.definition_id).where(
            DefinitionVersion.kind == self._kind,
            DefinitionVersion.action == "created",
            DefinitionVersion.changed_by != by,
        )
        return set(await self._session.scalars(query))

    async def forget(self, definition_id: str) -> None:
        """Of something that is gone with all that it was."""
        await self._session.execute(delete(DefinitionVersion).where(*self._of(definition_id)))

    def _of(self, definition_id: str) -> tuple[ColumnElement[bool], ...]:
        return (
            DefinitionVersion.kind == self._kind,
            DefinitionVersion.definition_id == definition_id,
        )


class RoutingDefinitions:
    """What is defined of one kind. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession, kind: Kind) -> None:
        self._session = session
        self._kind = kind
        self.versions = DefinitionVersions(session, kind)

    async def all(self, *, removed: bool = False) -> Sequence[RoutingDefinition]:
        """By id; those that were removed only if they are asked for, too."""
        query = (
            select(RoutingDefinition)
            .where(RoutingDefinition.kind == self._kind)
            .order_by(RoutingDefinition.id)
        )
        if not removed:
            query = query.where(RoutingDefinition.removed.is_(False))
        return (await self._session.scalars(query)).all()

    async def need(
        self, definition_id: str, *, removed: bool = False, locked: bool = False
    ) -> RoutingDefinition:
        """Raises UnknownRecord, for one that was removed unless that is asked for, too."""
        found = await self._session.get(
            RoutingDefinition,
            (self._kind, definition_id),
            with_for_update=locked,
            populate_existing=locked,
        )
        if found is None or (found.removed and not removed):
            raise UnknownRecord(self._kind, definition_id)
        return found

    async def held(self, ids: Collection[str]) -> set[str]:
        """Those of them that there are; they are not taken away before the transaction's end."""
        query = (
            select(RoutingDefinition.id)
            .where(
                RoutingDefinition.kind == self._kind,
                RoutingDefinition.id.in_(ids),
                RoutingDefinition.removed.is_(False),
            )
            .order_by(RoutingDefinition.id)
            .with_for_update(read=True)
        )
        return set(await self._session.scalars(query))

    async def need_version(
        self, definition_id: str, version: int, *, locked: bool = False
    ) -> RoutingDefinition:
        """
        Raises UnknownRecord, and EditConflict if it is another version by now.

        ``locked``: who holds it (:meth:`held`) is waited for, and nobody else does from now on.
        """
        found = await self.need(definition_id, locked=locked)
        if found.version != version:
            raise EditConflict(self._kind, definition_id, found.version)
        return found

    async def create(
        self,
        definition_id: str,
        content: Mapping[str, Any],
        by: str,
        now: datetime,
        *,
        origin: Origin = "edited",
        note: str | None = None,
    ) -> RoutingDefinition:
        """Raises AlreadyThere."""
        found = await self._session.get(RoutingDefinition, (self._kind, definition_id))
        if found is None:
            found = RoutingDefinition(
                kind=self._kind,
                id=definition_id,
                content=dict(content),
                origin=origin,
                created_at=now,
                updated_at=now,
            )
            self._session.add(found)
        elif found.removed:
            found.removed, found.created_at = False, now
        else:
            raise AlreadyThere(f"there is a {self._kind} {definition_id!r} already")
        await self.put(found, content, by, now, action="created", origin=origin, note=note)
        return found

    async def put(
        self,
        found: RoutingDefinition,
        content: Mapping[str, Any],
        by: str,
        now: datetime,
        *,
        action: str = "updated",
        origin: Origin = "edited",
        note: str | None = None,
    ) -> None:
        """It is this from now on; what it was stays among its versions."""
        found.content, found.origin, found.updated_at = dict(content), origin, now
        await self._session.flush()
        self.versions.keep(found.id, found.version, action, content, by, now, note=note)

    async def remove(
        self, found: RoutingDefinition, by: str, now: datetime, *, origin: Origin = "edited"
    ) -> None:
        found.removed, found.origin, found.updated_at = True, origin, now
        await self._session.flush()
        self.versions.keep(found.id, found.version, "deleted", None, by, now)
