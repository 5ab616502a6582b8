"""
Queries that a centre writes down as data, for its agents to run while they talk. No SQL.

Pure. A query looks in one resource, by conditions that fixed values or parameters complete, and
shows some columns of so many rows. What makes no sense is refused when it is written down, and so
is what could not use an index: nobody is to find that out during a call.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from .errors import CrmError, InvalidField
from .labels import Labels
from .queries_values import Scalar, Type, Value, read

MOST_ROWS = 200
MOST_DAYS = 3_660
_Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
_Path = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]*$", max_length=80)]
_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][\w.:-]*$", max_length=64)]
_Names = Annotated[list[_Name], Field(max_length=50)]

Fill = Annotated[
    str,
    StringConstraints(
        pattern=r"^(customer|contact|caller_number|queue|agent|attribute\.[A-Za-z0-9_]{1,64})$"
    ),
]
"""What of the contact at hand a parameter is, unless somebody says otherwise."""

Operator = Literal[
    "is",
    "is_not",
    "one_of",
    "begins",
    "at_least",
    "less_than",
    "last_days",
    "next_days",
    "empty",
    "filled",
]
_ORDERED = {"at_least", "less_than"}
_FITS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"is", "is_not", "one_of", "begins", "empty", "filled"}),
    "number": frozenset({"is", "is_not", "one_of", "empty", "filled"} | _ORDERED),
    "boolean": frozenset({"is"}),
    "moment": frozenset({"last_days", "next_days", "empty", "filled"} | _ORDERED),
    "phone": frozenset({"is"}),
    "customer": frozenset({"is", "empty", "filled"}),
    "contact": frozenset({"is", "empty", "filled"}),
    "list": frozenset(),
    "any": frozenset(),
}
_BY_INDEX = {"is", "one_of", "last_days", "next_days", "at_least"}
_ELSEWHERE = frozenset({"is", "one_of"})
_VALUELESS = {"empty", "filled"}
_DAYS = {"last_days", "next_days"}


class QueryTooSlow(CrmError):
    """It was broken off when its time was over."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the query was broken off after {seconds:g} s; narrow it down")


class OutsideUnavailable(CrmError):
    """Another system's database does not answer, or not as its look-up says."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Choice(_Data):
    value: Annotated[str, Field(min_length=1, max_length=200)]
    labels: Labels


class Parameter(_Data):
    """What whoever runs the query says; ``fill``: what it is when they say nothing."""

    name: _Word
    labels: Labels
    type: Type = "text"
    required: bool = True
    default: Scalar | None = None
    fill: Fill | None = None
    choices: Annotated[list[Choice], Field(max_length=100)] = []

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.choices and self.type != "text":
            raise ValueError("choices: only a text has them")
        if self.default is not None:
            try:
                self.read(self.default)
            except InvalidField as error:
                raise ValueError(f"default: {error.rule}") from None
        return self

    @property
    def sure(self) -> bool:
        """Whether it always has a value."""
        return self.required or self.default is not None

    def read(self, given: Any) -> Value:
        """Raises InvalidField."""
        where = f"parameters.{self.name}"
        value = read(self.type, given, where)
        if self.choices and value not in {choice.value for choice in self.choices}:
            raise InvalidField(
                where, f"one of {', '.join(choice.value for choice in self.choices)}"
            )
        return value


class Condition(_Data):
    """A column, compared with a fixed ``value`` or a ``parameter``."""

    column: _Path
    operator: Operator = "is"
    value: Scalar | Annotated[list[Scalar], Field(min_length=1, max_length=100)] | None = None
    parameter: _Word | None = None


class Column(_Data):
    """What is shown; without ``labels`` by those of the resource."""

    column: _Path
    labels: Labels | None = None


class Order(_Data):
    column: _Path
    descending: bool = False


class OfferedTo(_Data):
    """
    Whom a query is for: an empty list limits nothing. Of ``queues`` the contact at hand must be.
    """

    roles: _Names = []
    teams: _Names = []
    queues: _Names = []

    def includes(self, roles: Collection[str], team: str | None, queue: str | None) -> bool:
        return (
            (not self.roles or any(role in self.roles for role in roles))
            and (not self.teams or team in self.teams)
            and (not self.queues or queue in self.queues)
        )


Parameters = Annotated[list[Parameter], Field(max_length=10)]


class Definition(_Data):
    """A whole query. A condition on a parameter that was not given is left out."""

    resource: _Word
    parameters: Parameters = []
    conditions: Annotated[list[Condition], Field(max_length=12)] = []
    columns: Annotated[list[Column], Field(min_length=1, max_length=30)]
    order: Annotated[list[Order], Field(max_length=3)] = []
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50
    offered_to: OfferedTo = OfferedTo()


class LookupColumn(_Data):
    """What a look-up gives under this name, in the order of its SELECT."""

    column: _Word
    labels: Labels
    protected: bool = False


class Lookup(_Data):
    """
    A query into another system's database, in that database's SQL, with ``:parameters``.

    Operations write it into a file; it is never made or changed over the API.
    """

    labels: Labels
    database: _Word
    sql: Annotated[str, Field(min_length=1, max_length=20_000)]
    parameters: Parameters = []
    columns: Annotated[list[LookupColumn], Field(min_length=1, max_length=50)]
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50
    offered_to: OfferedTo = OfferedTo()


@dataclass(frozen=True, slots=True)
class ResourceColumn:
    """
    ``indexed``: it begins an index; ``protected``: masked for whoever may not reveal it;
    ``elsewhere``: kept in another table, so rows that have a value are found, and no others;
    ``shown``: whether it can be a column of the result.
    """

    type: str
    labels: Labels
    indexed: bool = False
    protected: bool = False
    elsewhere: bool = False
    shown: bool = True

    @property
    def operators(self) -> frozenset[str]:
        return _FITS[self.type] & _ELSEWHERE if self.elsewhere else _FITS[self.type]


@dataclass(frozen=True, slots=True)
class Resource:
    """What can be asked of one kind of record; ``small``: there are never many of them."""

    columns: Mapping[str, ResourceColumn]
    small: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """A condition with its value. ``since`` and ``until`` are of days counted from now."""

    column: str
    operator: str
    value: Value | Sequence[Value] | None = None
    since: datetime | None = None
    until: datetime | None = None


def check(definition: Definition, resource: Resource) -> None:
    """Raises InvalidField, which names what is at fault and the rule."""
    check_parameters(definition.parameters)
    named = {each.name: each for each in definition.parameters}
    used = set()
    for number, condition in enumerate(definition.conditions):
        _check_condition(condition, f"conditions.{number}", resource, named)
        used.add(condition.parameter)
    if unused := next((name for name in named if name not in used), None):
        raise InvalidField("parameters", f"{unused} is used by no condition")
    for number, shown in enumerate(definition.columns):
        _shown(resource, shown.column, f"columns.{number}.column")
    names = [each.column for each in definition.columns]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise InvalidField("columns", f"{repeated} is there twice")
    for number, order in enumerate(definition.order):
        column = _shown(resource, order.column, f"order.{number}.column")
        if column.type in {"list", "any", "phone"}:
            raise InvalidField(f"order.{number}.column", f"a {column.type} has no order")
    _check_index(definition, resource, named)


def check_parameters(parameters: Sequence[Parameter]) -> None:
    """Raises InvalidField."""
    names = [each.name for each in parameters]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise InvalidField("parameters", f"{repeated} is there twice")


def filled(
    parameters: Sequence[Parameter], given: Mapping[str, Any], at_hand: Mapping[str, Any]
) -> dict[str, Value]:
    """
    The parameters' values: what was ``given``, else what is ``at_hand``, else their defaults.

    Raises InvalidField.
    """
    known = {each.name for each in parameters}
    if unknown := next((name for name in given if name not in known), None):
        raise InvalidField(f"parameters.{unknown}", "the query has no such parameter")
    values: dict[str, Value] = {}
    for each in parameters:
        value = given.get(each.name)
        if value is None and each.fill is not None:
            value = at_hand.get(each.fill)
        if value is None:
            value = each.default
        if value is not None:
            values[each.name] = each.read(value)
        elif each.required:
            raise InvalidField(f"parameters.{each.name}", "is required")
    return values


def comparisons(
    definition: Definition, values: Mapping[str, Value], now: datetime
) -> list[Comparison]:
    """The conditions that hold for these values, at this moment."""
    found = []
    for each in definition.conditions:
        if each.parameter is not None and each.parameter not in values:
            continue
        value = each.value if each.parameter is None else values[each.parameter]
        found.append(_test(each, value, now))
    return found


def _test(condition: Condition, value: Any, now: datetime) -> Comparison:
    column, operator = condition.column, condition.operator
    if operator in _DAYS:
        if not 0 < float(value) <= MOST_DAYS:
            raise InvalidField(f"parameters.{condition.parameter}", f"1 to {MOST_DAYS} days")
        days = timedelta(days=float(value))
        since, until = (now - days, None) if operator == "last_days" else (now, now + days)
        return Comparison(column, operator, since=since, until=until)
    if operator in _ORDERED and isinstance(value, str):
        value = read("moment", value, column)
    return Comparison(column, operator, value)


def _check_condition(
    condition: Condition, where: str, resource: Resource, named: Mapping[str, Parameter]
) -> None:
    column = _known(resource, condition.column, f"{where}.column")
    operator = condition.operator
    if operator not in column.operators:
        fitting = ", ".join(sorted(column.operators)) or "none"
        raise InvalidField(f"{where}.operator", f"for {condition.column}: {fitting}")
    given = (condition.value is not None) + (condition.parameter is not None)
    if operator in _VALUELESS and given:
        raise InvalidField(f"{where}.value", f"{operator} takes none")
    if operator not in _VALUELESS and given != 1:
        raise InvalidField(f"{where}.value", "either value or parameter")
    wanted = "number" if operator in _DAYS else column.type
    if condition.parameter is not None:
        parameter = named.get(condition.parameter)
        if parameter is None:
            raise InvalidField(f"{where}.parameter", f"there is no {condition.parameter}")
        if parameter.type != wanted or operator == "one_of":
            raise InvalidField(f"{where}.parameter", f"must be a {wanted}, compared by one value")
    elif condition.value is not None:
        _check_value(condition, wanted, where)


def _check_value(condition: Condition, wanted: str, where: str) -> None:
    several = condition.operator == "one_of"
    if several != isinstance(condition.value, list):
        raise InvalidField(f"{where}.value", "a list" if several else "one value")
    values = condition.value if isinstance(condition.value, list) else [condition.value]
    for value in values:
        read(wanted, value, f"{where}.value")
    if condition.operator in _DAYS and not 0 < float(str(values[0])) <= MOST_DAYS:
        raise InvalidField(f"{where}.value", f"1 to {MOST_DAYS} days")


def _known(resource: Resource, name: str, where: str) -> ResourceColumn:
    column = resource.columns.get(name)
    if column is None:
        raise InvalidField(where, f"there is no {name}; there is {', '.join(resource.columns)}")
    return column


def _shown(resource: Resource, name: str, where: str) -> ResourceColumn:
    column = _known(resource, name, where)
    if not column.shown:
        raise InvalidField(where, f"{name} can only be compared")
    return column


def _check_index(
    definition: Definition, resource: Resource, named: Mapping[str, Parameter]
) -> None:
    if resource.small:
        return
    for each in definition.conditions:
        sure = each.parameter is None or named[each.parameter].sure
        if sure and each.operator in _BY_INDEX and resource.columns[each.column].indexed:
            return
    indexed = [name for name, column in resource.columns.items() if column.indexed]
    raise InvalidField(
        "conditions",
        "none that always holds can use an index: with a million records all would be read; "
        f"compare one of {', '.join(indexed)}",
    )


@dataclass(frozen=True, slots=True)
class AtHand:
    """What is known of the contact in whose service a query is run."""

    agent: str
    contact: str | None = None
    customer: str | None = None
    caller_number: str | None = None
    queue: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        """By what :data:`Fill` calls them."""
        plain = {
            name: getattr(self, name)
            for name in ("agent", "contact", "customer", "caller_number", "queue")
        }
        return plain | {f"attribute.{name}": value for name, value in self.attributes.items()}
