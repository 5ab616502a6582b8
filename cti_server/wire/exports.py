"""The resources of exports: what is wanted, and what became of it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from .resource import Identifier, Line, Page, Resource

ExportState = Literal["running", "done", "cancelled", "broken_off", "expired"]
ColumnName = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[a-z][a-z0-9_.]*$")]


class ExportCreate(Resource):
    """
    Whom, as the lists say it (``q`` as in the search, ``owner_id``), and which columns: a
    customer's fields, the centre's own as ``attributes.<name>``; all that the import reads if none
    are named. ``revealed``: whole numbers, addresses and sensitive fields, for whoever may see
    them. ``byte_order_mark``: Excel reads a CSV file in UTF-8 by it. ``language``: of the header.
    """

    format: Literal["csv", "xlsx"] = "csv"
    language: Literal["zh", "en"] = "zh"
    byte_order_mark: bool = True
    columns: Annotated[list[ColumnName], Field(min_length=1, max_length=250)] | None = None
    revealed: bool = False
    q: Line | None = None
    owner_id: Identifier | None = None


class ExportView(Resource):
    """
    An export. ``rows``: written so far; the file can be downloaded until ``expires_at``.

    ``reason`` says why one that is broken off is.
    """

    id: str
    state: ExportState
    format: str
    revealed: bool
    rows: int
    size: int | None
    reason: str | None
    created_by: str
    created_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None


class ExportPage(Page[ExportView]):
    """Exports, the newest first."""
