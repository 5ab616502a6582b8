"""What a flow keeps of other systems' answers: which part, and which values it can hold. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import jmespath
from pydantic import PlainValidator

from .errors import IvrError
from .expressions import LONGEST, LONGEST_TEXT
from .texts import Value

_LARGEST: Final = 2**53 - 1  # RFC 8259 section 6: what every JSON reader has exactly
_INSIDE_THE_FIRST = ("subexpression", "index_expression", "pipe", "flatten", "slice")
_LOOPS = ("projection", "value_projection", "filter_projection")


class NotKept(IvrError):
    """The answer has no such value, or one that a flow cannot hold; the message never has it."""


class Selection:
    """A part of an answer, in JMESPath."""

    def __init__(self, source: str) -> None:
        """Raises ValueError for what is no JMESPath."""
        self.source = source
        if len(source) > LONGEST:
            raise ValueError(f"is longer than {LONGEST} characters")
        try:
            self._path = jmespath.compile(source)
        except jmespath.exceptions.JMESPathError:
            raise ValueError(f"'{source}' is no JMESPath") from None
        self.fields: frozenset[str] = frozenset(_fields(self._path.parsed))
        """The answer's own fields in which it looks."""

    def of(self, answer: Any) -> Value:
        """Raises NotKept."""
        try:
            found = self._path.search(answer)
        except (
            ArithmeticError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:  # Python's own, too
            raise NotKept(f"'{self.source}': {type(error).__name__}") from None
        return kept(self.source, found)

    def __repr__(self) -> str:
        return f"Selection({self.source!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Selection) and other.source == self.source

    def __hash__(self) -> int:
        return hash(self.source)


def kept(where: str, found: Any) -> Value:
    """
    A text, a number or a truth; a moment is its text (RFC 3339).

    Nothing is cut and nothing made up: what is missing, a list, a number that no reader has
    exactly, a text without end are refused. Raises NotKept.
    """
    match found:
        case bool():
            return found
        case datetime():
            return found.isoformat()
        case int() | float() if -_LARGEST <= found <= _LARGEST:  # no NaN is
            return found
        case int() | float():
            raise NotKept(f"'{where}': too large a number")
        case str() if len(found) > LONGEST_TEXT:
            raise NotKept(f"'{where}': more than {LONGEST_TEXT} characters")
        case str() if not all(sign.isprintable() or sign in "\r\n\t" for sign in found):
            raise NotKept(f"'{where}': characters that cannot be printed")
        case str():
            return found
        case None:
            raise NotKept(f"'{where}': is not in the answer")
    raise NotKept(f"'{where}': is no text, number or truth")


def _fields(node: Mapping[str, Any]) -> set[str]:
    """Those that are looked up in the answer itself, not in a part of it."""
    inside = node["children"]
    match node["type"]:
        case "field":
            return {node["value"]}
        case "expref":  # of each of the things that the function goes through
            return set()
        case kind if kind in _INSIDE_THE_FIRST or kind in _LOOPS:
            return _fields(inside[0])
    return set().union(*map(_fields, inside))


def _read(source: Any) -> Selection:
    if not isinstance(source, str):
        raise ValueError("must be a JMESPath, as text")  # noqa: TRY004 - pydantic's way
    return Selection(source)


Selected = Annotated[Selection, PlainValidator(_read)]
"""A part of an answer, in a flow file."""
