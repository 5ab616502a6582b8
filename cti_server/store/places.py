"""Lists that go on where the last page ended: by a moment, then by the id."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.sql.elements import SQLCoreOperations

from crm.timeline import Place

Moment = SQLCoreOperations[datetime] | SQLCoreOperations[datetime | None]


def before(
    at: Moment, id: SQLCoreOperations[str], place: Place | None
) -> list[ColumnElement[bool]]:
    """What is older than the place, for a query's WHERE: none without one."""
    if place is None:
        return []
    # The first condition alone would do; it is what the index can be used for.
    return [at <= place.at, or_(at < place.at, and_(at == place.at, id < place.id))]


def behind(
    at: Moment, id: SQLCoreOperations[str], place: Place | None
) -> list[ColumnElement[bool]]:
    """What is newer than the place, in the same way."""
    if place is None:
        return []
    return [at >= place.at, or_(at > place.at, and_(at == place.at, id > place.id))]
