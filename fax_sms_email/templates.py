"""
Texts with places for values, in Jinja2's language, of which they have a small part. Pure.

Whoever writes them is not to be trusted with the server: there are values, conditions, and loops
over a list that was given, one deep; of a table's row also its cells, by ``row.name``. No other
attribute, no call, arithmetic or range: what a text costs is bounded by its own length and its
lists', and what it makes of values on the way is counted first.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from .errors import ChannelError

LONGEST: Final = 20_000  # characters that come out
HEAVIEST: Final = 10 * LONGEST
"""Characters that filters, joins and searches go through on the way, at most."""
DEEPEST: Final = 12
PLAIN: Final = ("upper", "lower", "trim", "length")
"""Jinja's own filters that there are."""

_ALLOWED: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const),
    *(nodes.If, nodes.CondExpr, nodes.For, nodes.Filter, nodes.Concat),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Getattr),
)
_OF_LOOPS: Final = frozenset({"index", "first", "last"})
_SHORT: Final = 32  # characters: a number, a truth
_CELL: Final = "cell of a row"  # no name that a text could give
_ESCAPED: Final = "as what it is written in has it"

Way = Callable[[Any], str]


class TemplateInvalid(ChannelError):
    """The text is none that can be kept or filled; the message says why."""


@dataclass(frozen=True, slots=True)
class Language:
    """
    How values are written in it. ``ways``: by the names that a text can give them.

    ``escaped``: any value in a text whose signs mean something, such as Markdown's.
    """

    ways: Mapping[str, Way]
    escaped: Callable[[str], str] | None = None

    def filled(self, text: str, values: Mapping[str, Any], usual: Mapping[str, str]) -> str:
        """
        The text with the values. ``usual``: the way of a name where the text gives none.

        Raises TemplateInvalid.
        """
        environment = self._environment()
        tree = _checked(environment, text, values)
        _CellsOfRows().visit(tree)
        _write_as_usual(tree, usual, escaped=self.escaped is not None)
        if _work(tree, values) > HEAVIEST:
            raise TemplateInvalid("makes too much of its values on the way")
        with _refused("cannot be filled"):
            environment.filters |= self._hidden()
            code = environment.compile(tree)
            template = environment.template_class.from_code(environment, code, {})
            return _bounded(template.generate(values))

    def names(self, text: str) -> set[str]:
        """The values that it takes. Raises TemplateInvalid."""
        tree = _parsed(self._environment(), text)
        with _refused("is no template"):
            return set(meta.find_undeclared_variables(tree))

    def _hidden(self) -> dict[str, Callable[..., Any]]:
        escaped = self.escaped or str
        return {_CELL: _cell, _ESCAPED: lambda value: escaped(str(value))}

    def _environment(self) -> ImmutableSandboxedEnvironment:
        environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined,
            autoescape=False,  # what comes out is no HTML
            trim_blocks=True,
            lstrip_blocks=True,
            cache_size=0,
        )
        own = {name: environment.filters[name] for name in PLAIN}
        environment.filters = {**own, **self.ways}
        environment.tests = {}
        environment.globals = {}
        return environment


def _parsed(environment: ImmutableSandboxedEnvironment, text: str) -> nodes.Template:
    """Raises TemplateInvalid for what is not of the language."""
    with _refused("is no template"):
        tree = environment.parse(text)
    _check(tree, environment.filters)
    return tree


@contextmanager
def _refused(what: str) -> Iterator[None]:
    """Jinja's errors as ours, and Python's: of a number's length, of depth, of what is no text."""
    try:
        yield
    except (TemplateError, TypeError, ValueError, SyntaxError) as error:
        raise TemplateInvalid(f"{what}: {error}") from None
    except RecursionError:
        raise TemplateInvalid("is too deep") from None


def _checked(
    environment: ImmutableSandboxedEnvironment, text: str, values: Mapping[str, Any]
) -> nodes.Template:
    tree = _parsed(environment, text)
    for loop in tree.find_all(nodes.For):
        if isinstance(loop.iter, nodes.Name) and not isinstance(values.get(loop.iter.name), list):
            raise TemplateInvalid(f"{loop.iter.name!r} is no list to go through")
    return tree


def _check(tree: nodes.Template, filters: Mapping[str, object]) -> None:
    """Level by level: what is nested deeper than may be is not gone into."""
    level: list[tuple[nodes.Node, str | None]] = [(tree, None)]
    for _ in range(DEEPEST):
        below: list[tuple[nodes.Node, str | None]] = []
        for node, row in level:
            _check_one(node, filters, row)
            inside = row
            if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
                inside = node.target.name
            below += [(child, inside) for child in node.iter_child_nodes()]
        level = below
    if level:
        raise TemplateInvalid("is too deep")


def _check_one(node: nodes.Node, filters: Mapping[str, object], row: str | None) -> None:
    """``row``: what the loop around it calls each of its list."""
    match node:
        case nodes.For():
            if row is not None or node.recursive:
                raise TemplateInvalid("a loop within a loop is not for templates")
            if not isinstance(node.iter, nodes.Name) or not isinstance(node.target, nodes.Name):
                raise TemplateInvalid("loops go through one list that is given")
        case nodes.Getattr():
            of = node.node.name if isinstance(node.node, nodes.Name) else None
            of_loop = of == "loop" and node.attr in _OF_LOOPS
            if row is None or not (of_loop or of == row):
                raise TemplateInvalid(f"{node.attr!r}: values have no attributes")
        case nodes.Filter():
            if node.name not in filters or node.args or node.kwargs:
                known = ", ".join(sorted(filters))
                raise TemplateInvalid(f"{node.name!r}: there are {known}, each by its name alone")
        case _ if not isinstance(node, _ALLOWED):
            raise TemplateInvalid(f"{type(node).__name__} is not for templates")


class _CellsOfRows(NodeTransformer):
    """``row.name`` is the cell of that name, and nothing else that Python knows of a row."""

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Expr:  # noqa: N802 - Jinja calls it so
        if isinstance(node.node, nodes.Name) and node.node.name == "loop":
            return node
        return _by(_CELL, node.node, nodes.Const(node.attr, lineno=node.lineno))


def _cell(row: object, name: str) -> object:
    if not isinstance(row, Mapping):
        raise TemplateInvalid(f"{name!r}: only rows of a table have cells")
    if name not in row:
        raise TemplateInvalid(f"the table has no column {name!r}")
    return "" if row[name] is None else row[name]


def _write_as_usual(tree: nodes.Template, usual: Mapping[str, str], *, escaped: bool) -> None:
    """A value that stands there by itself is written as its kind is."""

    def written(one: nodes.Expr) -> nodes.Expr:
        if isinstance(one, nodes.TemplateData):
            return one
        if isinstance(one, nodes.Name) and one.name in usual:
            one = _by(usual[one.name], one)
        return _by(_ESCAPED, one) if escaped else one

    for output in tree.find_all(nodes.Output):
        output.nodes = [written(one) for one in output.nodes]


def _by(name: str, of: nodes.Expr, *given: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(of, name, list(given), [], None, None, lineno=of.lineno)


def _work(node: nodes.Node, values: Mapping[str, Any]) -> int:
    """How many characters are gone through for it at most, whichever way conditions go."""
    own, times = 0, 1
    match node:
        case nodes.For(target=nodes.Name(name=one), iter=nodes.Name(name=given)):
            through = values[given]
            times = max(1, len(through))
            values = {**values, one: max(through, key=_written, default="")}
        case nodes.Concat():
            own = _length(node, values)
        case nodes.Filter(node=nodes.Node() as of):
            own = _length(of, values)
        case nodes.Compare(expr=first, ops=others):
            sides = [_length(side, values) for side in (first, *(other.expr for other in others))]
            own = sum(
                within * sought
                for other, (sought, within) in zip(others, pairwise(sides), strict=True)
                if other.op in ("in", "notin")
            )
    return own + times * sum(_work(below, values) for below in node.iter_child_nodes())


def _length(node: nodes.Node, values: Mapping[str, Any]) -> int:
    """Of the text that an expression becomes, at most."""
    match node:
        case nodes.Name(name=name):
            return _written(values.get(name))
        case nodes.Const(value=value):
            return _written(value)
        case nodes.Concat(nodes=joined):
            return sum(_length(one, values) for one in joined)
        case nodes.Filter(node=nodes.Node() as of, name=name) if name != "length":
            return _length(of, values)
        case nodes.And() | nodes.Or() | nodes.CondExpr():
            return max(_length(one, values) for one in node.iter_child_nodes())
        case _:
            return _SHORT


def _written(value: object) -> int:
    """How many characters there are of it, about."""
    match value:
        case str():
            return len(value)
        case list():
            return sum(map(_written, value)) + 2 * len(value)
        case dict():
            return sum(map(_written, value.values()))
        case int():
            return max(_SHORT, value.bit_length())
        case _:
            return _SHORT


def _bounded(pieces: Iterator[str]) -> str:
    found: list[str] = []
    length = 0
    for piece in pieces:
        found.append(piece)
        length += len(piece)
        if length > LONGEST:
            raise TemplateInvalid(f"becomes longer than {LONGEST} characters")
    return "".join(found)


def listed(separator: str) -> Way:
    """How a list is written, with this between any two."""

    def join(values: Sequence[str]) -> str:
        return separator.join(values)

    return join
