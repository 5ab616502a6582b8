"""
Conditions and values that a flow's author writes, in CEL.

The Common Expression Language (github.com/google/cel-spec): no statements, and here no loops; no
way to anything but the values that it is given; its regular expressions are linear.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

import cel
from pydantic import PlainValidator

from .errors import IvrError
from .texts import Value

LONGEST: Final = 500  # characters
FUNCTIONS: Final = frozenset(
    ("bool", "contains", "double", "endsWith", "int", "matches", "size", "startsWith", "string")
)
"""What an expression may call, beside its operators."""

_OVER_ALL = re.compile(r"\.\s*(map|filter|all|exists|exists_one)\s*\(")
"""Macros that go through lists: inside one another they would keep every call waiting."""


class ExpressionFailed(IvrError):
    """It has no value here: a word where a number is needed, a division by zero."""


class Expression:
    """A condition or a calculation. What nobody knows is the empty text to it."""

    def __init__(self, source: str) -> None:
        """Raises ValueError for what is no expression."""
        self.source = source
        if len(source) > LONGEST:
            raise ValueError(f"is longer than {LONGEST} characters")
        if (macro := _OVER_ALL.search(source)) is not None:
            raise ValueError(f"'{source}': '{macro[1]}' is not for flows")
        try:
            self._program = cel.compile(source)
        except ValueError as error:
            raise ValueError(f"'{source}' is not an expression: {_fault(error)}") from None
        called = {name for name in self._program.functions() if name.isidentifier()}
        if unknown := sorted(called - FUNCTIONS):
            known = ", ".join(sorted(FUNCTIONS))
            raise ValueError(f"'{source}': no function '{unknown[0]}'; there are {known}")
        self.names: tuple[str, ...] = tuple(sorted(self._program.variables()))

    def value(self, values: Mapping[str, Value]) -> Value:
        """Raises ExpressionFailed."""
        try:
            found = self._program.execute({name: values.get(name, "") for name in self.names})
        except (ArithmeticError, RuntimeError, TypeError, ValueError) as error:
            raise ExpressionFailed(f"'{self.source}': {_fault(error)}") from None
        if not isinstance(found, Value):
            raise ExpressionFailed(f"'{self.source}': comes to no text, number or truth")
        return found

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether it is true. Raises ExpressionFailed, also for what is neither true nor false."""
        found = self.value(values)
        if not isinstance(found, bool):
            raise ExpressionFailed(f"'{self.source}': is neither true nor false")
        return found

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.source == self.source

    def __hash__(self) -> int:
        return hash(self.source)


def _read(source: Any) -> Expression:
    if not isinstance(source, str):
        raise ValueError("must be an expression, as text")  # noqa: TRY004 - pydantic's way
    return Expression(source)


Written = Annotated[Expression, PlainValidator(_read)]
"""An expression in a flow file."""


def _fault(error: Exception) -> str:
    """The library's own words for it, without the source and its long advice."""
    said = str(error).partition("Syntax error: ")[2] or str(error)
    return said.splitlines()[0].split(". ")[0].strip()
