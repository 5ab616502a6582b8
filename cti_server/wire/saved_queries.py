"""Saved queries: what administrators write down, and what agents are offered and run."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from crm.labels import Labels
from crm.queries import Definition, Parameter
from crm.queries_values import Scalar

from .resource import Identifier, Page, Resource, Version, Word


class SavedQueryCreate(Resource):
    id: Word
    labels: Labels
    definition: Definition


class SavedQueryEdit(Resource):
    """What is not named stays; a ``definition`` makes a new version of the query."""

    version: Version
    labels: Labels | None = None
    active: bool | None = None
    definition: Definition | None = None


class SavedQueryView(Resource):
    """A query; ``latest`` is the number of the version that is run."""

    id: str
    version: int
    labels: Labels
    active: bool
    latest: int
    definition: Definition
    created_at: datetime
    updated_at: datetime


class SavedQueryPage(Page[SavedQueryView]):
    """Saved queries by their ids."""


class SavedQueryVersionView(Resource):
    query_id: str
    number: int
    definition: Definition
    written_by: str
    written_at: datetime


class ResourceColumnView(Resource):
    """
    A column. ``operators``: by what it can be compared; ``indexed``: one such comparison must
    always hold in a query; ``protected``: masked; ``shown``: whether it can be seen or sorted by.
    """

    name: str
    labels: Labels
    type: str
    operators: list[str]
    indexed: bool
    protected: bool
    shown: bool


class QueryResourceView(Resource):
    """What queries can look in; ``small``: without a comparison by an index, too."""

    name: str
    labels: Labels
    small: bool
    columns: list[ResourceColumnView]


class ColumnOfQuery(Resource):
    name: str
    labels: Labels
    type: str
    protected: bool


class OfferedQuery(Resource):
    """
    A query that whoever asks may run. ``known``: parameters that the contact at hand fills.

    ``spoken``: languages in which its rows can be read to customers.

    ``source``: "records", or the name of the outside database that it looks into.
    """

    id: str
    labels: Labels
    source: str
    resource: str | None
    parameters: list[Parameter]
    known: list[str]
    columns: list[ColumnOfQuery]
    limit: int
    spoken: list[str]


class QueryRun(Resource):
    """
    ``parameters`` by name; what is not given is filled by the contact: the one that is named, or
    the one that the agent has just now. ``reveal``: protected columns whole; it is audited.
    """

    parameters: Annotated[
        dict[Annotated[str, Field(max_length=64)], Scalar | None], Field(max_length=10)
    ] = Field(default={})
    contact_id: Identifier | None = None
    reveal: bool = False


class QueryResult(Resource):
    """
    The rows, in the order of the columns. ``more``: there are more than the query shows.

    ``result_id``: by which rows can be read to the customer of the contact, for some minutes; None
    where the query says nothing to customers, or no contact is at hand.

    ``number``: of the query's version; ``parameters``: with which it was run, numbers masked.
    """

    id: str
    number: int | None
    result_id: str | None
    parameters: dict[str, Any]
    columns: list[ColumnOfQuery]
    rows: list[list[Any]]
    more: bool
    revealed: bool
    kind: Literal["saved", "outside"]
