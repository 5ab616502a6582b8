"""
Saved queries at work: checked when they are written, run for whoever they are offered to.

One who runs a query sees no row and no value that the other ways would not show them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import phonenumbers
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import InvalidField
from crm.import_columns import ATTRIBUTE
from crm.labels import Labels
from crm.numbers import mask, normalise
from crm.queries import (
    Comparison,
    Definition,
    Lookup,
    Spoken,
    comparisons,
)
from crm.queries_checks import Resource, ResourceColumn, check
from crm.queries_values import Value

from .saved_queries_spoken import KeptResults, check_spoken
from .store.customer_fields import CustomerField, CustomerFields
from .store.customers import Customers
from .store.database import Database
from .store.outside_data import OutsideData
from .store.saved_queries import SavedQueries
from .store.saved_queries_resources import SOURCES, Source, Viewer
from .store.saved_queries_run import Found, find, statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """What running them takes; ``lookups``: those into other systems' databases, by name."""

    database: Database
    outside: OutsideData
    lookups: Mapping[str, Lookup]
    budget: timedelta
    region: str
    shown: KeptResults = field(default_factory=KeptResults)
    """What agents may have read to the customer at hand."""

    async def run(
        self, definition: Definition, values: Mapping[str, Value], viewer: Viewer, now: datetime
    ) -> Found:
        """Raises QueryTooSlow, InvalidField, and UnknownRecord for a customer unseen by them."""
        source = SOURCES[definition.resource]
        wanted = comparisons(definition, values, now)
        async with self.database.readers() as session:
            same = await self._same(session, source, wanted, viewer)
        query = statement(definition, source, wanted, viewer, same)
        seconds = self.budget.total_seconds()
        found = await self.database.in_slow_look(
            seconds, lambda connection, left: find(connection, query, definition.limit, left)
        )
        return replace(found, rows=[_own_fields(definition, row) for row in found.rows])

    async def spoken(self) -> dict[str, Spoken]:
        """What customers are told of each query that tells them something."""
        async with self.database.readers() as session:
            versions = [version for _, version in await SavedQueries(session).all()]
        saved = {one.query_id: Definition.model_validate(one.definition) for one in versions}
        what: dict[str, Definition | Lookup] = {**saved, **self.lookups}
        return {name: one.spoken for name, one in what.items() if one.spoken is not None}

    async def _same(
        self,
        session: AsyncSession,
        source: Source,
        wanted: Sequence[Comparison],
        viewer: Viewer,
    ) -> dict[Any, Sequence[Any]]:
        """A customer under every id that they had; a number in all the ways it is written."""
        found: dict[Any, Sequence[Any]] = {}
        for one in wanted:
            kind = source.columns[one.column].type
            if one.operator == "is" and kind == "customer" and isinstance(one.value, str):
                customers = Customers(session)
                customer = await customers.need(one.value, viewer.teams)
                found[one.value] = await customers.names_of(customer.id)
            elif one.operator == "is" and kind == "phone" and isinstance(one.value, str):
                found[one.value] = _written(one.value, self.region)
        return found


def _written(number: str, region: str) -> Sequence[str]:
    """Trunks show the same number with and without its country."""
    whole = normalise(number, region).text
    ways = {number: None, whole: None}
    if whole.startswith("+"):
        ways[whole[1:]] = None
    country = f"+{phonenumbers.country_code_for_region(region)}"
    if whole.startswith(country):
        national = whole.removeprefix(country)
        ways |= {national: None, "0" + national: None}
    return list(ways)


async def resource_of(session: AsyncSession, name: str) -> Resource | None:
    """With the centre's own fields, which can be shown; None if there is none of this name."""
    source = SOURCES.get(name)
    if source is None:
        return None
    if not source.own_fields:
        return source.resource
    own = {ATTRIBUTE + one.id: _column(one) for one in await CustomerFields(session).all()}
    return Resource({**source.resource.columns, **own}, source.resource.small)


def _column(field: CustomerField) -> ResourceColumn:
    labels = Labels.model_validate(field.labels)
    return ResourceColumn("any", labels, protected=field.sensitive)


async def checked(session: AsyncSession, definition: Definition) -> Resource:
    """The resource of a definition that makes sense. Raises InvalidField."""
    resource = await resource_of(session, definition.resource)
    if resource is None:
        raise InvalidField("resource", f"one of {', '.join(SOURCES)}")
    check(definition, resource)
    check_spoken(definition.spoken, [each.column for each in definition.columns])
    return resource


def masked(value: Any, kind: str) -> Any:
    """A protected value for whoever may not see it whole."""
    if value is None:
        return None
    return mask(str(value)) if kind == "phone" else "***"


def _own_fields(definition: Definition, row: Sequence[Any]) -> list[Any]:
    return [
        (cell or {}).get(shown.column.removeprefix(ATTRIBUTE))
        if shown.column.startswith(ATTRIBUTE)
        else cell
        for shown, cell in zip(definition.columns, row, strict=True)
    ]
