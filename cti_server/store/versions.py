"""Records that people edit: each edit says which version it is based on."""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Mapped, MappedAsDataclass, declared_attr, mapped_column

from crm.errors import EditConflict


class Versioned(MappedAsDataclass, kw_only=True):
    """
    A record with a version, which each UPDATE of its row raises by one.

    A change of what hangs on it alone (its numbers, its tags) does not touch the row: whoever
    edits sets ``updated_at``. Two edits at once: the UPDATE of the second finds no row of its
    version (StaleDataError, which :class:`cti_server.store.changes.Changes` makes a conflict).
    """

    version: Mapped[int] = mapped_column(init=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class _Edited(Protocol):
    __tablename__: str
    id: Any
    version: Any


def check_version(record: _Edited, version: int) -> None:
    """Raises EditConflict if the edit was based on another version than the record's."""
    if record.version != version:
        raise EditConflict(record.__tablename__, record.id, record.version)
