"""The resources of imports: a file, what is in it, and what became of it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from .resource import Page, Resource

ImportState = Literal["uploaded", "running", "done", "cancelled", "broken_off"]
Header = Annotated[str, Field(max_length=200)]


class ImportColumns(Resource):
    """
    What columns mean where their names do not say it: a field by header, null to leave one out.

    A field is one of a customer's, or "attributes." and the name of one of the centre's own.
    """

    columns: Annotated[dict[Header, Annotated[str, Field(max_length=80)] | None], Field()] = Field(
        default_factory=dict, max_length=500
    )


class ImportView(Resource):
    """
    An import. ``rows``: read so far, of which some made or changed a customer, others were refused.

    ``reason`` says why one that is broken off is; it goes on where it was when it is started again.
    """

    id: str
    state: ImportState
    filename: str
    size: int
    rows: int
    created: int
    updated: int
    refused: int
    reason: str | None
    created_by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class ImportPage(Page[ImportView]):
    """Imports, the newest first."""


class ColumnView(Resource):
    """A column; ``field`` is what it is read as, None if it is left out."""

    header: str
    field: str | None


class ProblemView(Resource):
    """Why a row would be left out. Row 1 is the header; row 0 is the file itself."""

    row: int
    field: str
    rule: str


class RowView(Resource):
    """
    A row as it is in the file; ``customer_id``: whom it would change, None if it makes a new one.
    """

    row: int
    cells: list[str]
    customer_id: str | None


class ImportPreview(Resource):
    """
    What the first rows of a file would do; nothing is stored.

    ``created``, ``updated`` and ``refused`` are of the ``rows`` that were looked at; ``whole``
    says whether that is all of them.
    """

    kind: Literal["csv", "xlsx"]
    columns: list[ColumnView]
    first_rows: list[RowView]
    problems: list[ProblemView]
    rows: int
    whole: bool
    created: int
    updated: int
    refused: int
