"""
Whether a query that somebody wrote down makes sense for what it looks in.

Pure. Refused is what names a column that is not there, compares what cannot be compared, or could
use no index: nobody is to find that out during a call.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import InvalidField
from .labels import Labels
from .queries import DAYS, MOST_DAYS, ORDERED, Condition, Definition, Parameter, check_parameters
from .queries_values import read

_FITS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"is", "is_not", "one_of", "begins", "empty", "filled"}),
    "number": frozenset({"is", "is_not", "one_of", "empty", "filled"} | ORDERED),
    "boolean": frozenset({"is"}),
    "moment": frozenset({"last_days", "next_days", "empty", "filled"} | ORDERED),
    "phone": frozenset({"is"}),
    "customer": frozenset({"is", "empty", "filled"}),
    "contact": frozenset({"is", "empty", "filled"}),
    "list": frozenset(),
    "any": frozenset(),
}
_BY_INDEX = {"is", "one_of", "last_days", "next_days", "at_least"}
_ELSEWHERE = frozenset({"is", "one_of"})
_VALUELESS = {"empty", "filled"}


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
    wanted = "number" if operator in DAYS else column.type
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
    if condition.operator in DAYS and not 0 < float(str(values[0])) <= MOST_DAYS:
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
