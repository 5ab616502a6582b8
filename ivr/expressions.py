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
LONGEST_TEXT: Final = 1000  # characters of a value: none grows from step to step
FUNCTIONS: Final = frozenset(
    ("contains", "double", "endsWith", "int", "matches", "size", "startsWith", "string")
)
"""What an expression may call, beside its operators."""

_SIGNS = re.compile(
    r"""
    (?P<odd> \b[rb]{1,2}["'] | \"{3} | '{3} | // | ` )
  | (?P<text> "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' )
  | \.\s*(?P<after_a_dot> [a-z_]\w* )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL | re.ASCII,
)


class ExpressionFailed(IvrError):
    """It has no value here: a word where a number is needed, a division by zero."""


class Expression:
    """A condition or a calculation. What nobody knows is the empty text to it."""

    def __init__(self, source: str) -> None:
        """Raises ValueError for what is no expression."""
        self.source = source
        if len(source) > LONGEST:
            raise ValueError(f"is longer than {LONGEST} characters")
        _refuse_what_is_not_for_flows(source)
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
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            raise ExpressionFailed(f"'{self.source}': {_fault(error)}") from None
        if not isinstance(found, Value):
            raise ExpressionFailed(f"'{self.source}': comes to no text, number or truth")
        if isinstance(found, str) and len(found) > LONGEST_TEXT:
            message = f"'{self.source}': comes to more than {LONGEST_TEXT} characters"
            raise ExpressionFailed(message)
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


def _refuse_what_is_not_for_flows(source: str) -> None:
    """
    Whatever goes through lists: inside one another such macros would keep every call waiting.

    So nothing but our functions may come after a dot, and nothing that would hide what does.
    """
    for found in _SIGNS.finditer(source):
        sign = found["odd"] or found["after_a_dot"]
        if sign is not None and sign not in FUNCTIONS:
            raise ValueError(f"'{source}': {sign} is not for flows")


def _fault(error: Exception) -> str:
    """The library's own words for it, without the source and its long advice."""
    said = str(error).partition("Syntax error: ")[2] or str(error)
    return said.splitlines()[0].split(". ")[0].strip()
