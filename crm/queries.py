"""
Queries that a centre writes down as data, for its agents to run while they talk. No SQL.

Pure. A query looks in one resource, by conditions that fixed values or parameters complete, and
shows some columns of so many rows. Which of them make sense, :mod:`crm.queries_checks` knows.
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
CALLER_NUMBER = "caller_number"

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
ORDERED = frozenset({"at_least", "less_than"})
DAYS = frozenset({"last_days", "next_days"})
"""Counted from now."""


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

    @property
    def needed(self) -> bool:
        """Whether who asks without a contact at hand must give a value."""
        return self.required and self.default is None

    @property
    def protected(self) -> bool:
        """Whether its value is masked for whoever has not asked to see it whole."""
        return self.type == "phone" or self.fill == CALLER_NUMBER

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
Spoken = Annotated[
    dict[Literal["zh", "en"], Annotated[str, Field(min_length=1, max_length=500)]],
    Field(min_length=1),
]
"""How one row is read to a customer, by language: a text with places ``{column:kind}``."""


class Definition(_Data):
    """A whole query. A condition on a parameter that was not given is left out."""

    resource: _Word
    parameters: Parameters = []
    conditions: Annotated[list[Condition], Field(max_length=12)] = []
    columns: Annotated[list[Column], Field(min_length=1, max_length=30)]
    order: Annotated[list[Order], Field(max_length=3)] = []
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50
    offered_to: OfferedTo = OfferedTo()
    spoken: Spoken | None = None


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
    spoken: Spoken | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A condition with its value. ``since`` and ``until`` are of days counted from now."""

    column: str
    operator: str
    value: Value | Sequence[Value] | None = None
    since: datetime | None = None
    until: datetime | None = None


def check_parameters(parameters: Sequence[Parameter]) -> None:
    """Raises InvalidField."""
    names = [each.name for each in parameters]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise InvalidField("parameters", f"{repeated} is there twice")
    for each in parameters:
        if each.fill == CALLER_NUMBER and each.type != "phone":
            raise InvalidField("parameters", f"{each.name}: the caller's number is a phone")


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
    if operator in DAYS:
        if not 0 < float(value) <= MOST_DAYS:
            raise InvalidField(f"parameters.{condition.parameter}", f"1 to {MOST_DAYS} days")
        days = timedelta(days=float(value))
        since, until = (now - days, None) if operator == "last_days" else (now, now + days)
        return Comparison(column, operator, since=since, until=until)
    if operator in ORDERED and isinstance(value, str):
        value = read("moment", value, column)
    return Comparison(column, operator, value)


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
