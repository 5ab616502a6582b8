"""
Texts with places for values, in Jinja2's language, of which they have a small part. Pure.

Whoever writes them is not to be trusted with the server: there are values, conditions, and loops
over a list that was given, one deep. No attribute, call, arithmetic or range: what a text costs is
bounded by its own length and its lists', and what it makes of values on the way is counted first.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

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

Way = Callable[[Any], str]


class TemplateInvalid(ChannelError):
    """The text is none that can be kept or filled; the message says why."""


@dataclass(frozen=True, slots=True)
class Language:
    """How values are written in it. ``ways``: by the names that a text can give them."""

    ways: Mapping[str, Way]

    def filled(self, text: str, values: Mapping[str, Any], usual: Mapping[str, str]) -> str:
        """
        The text with the values. ``usual``: the way of a name where the text gives none.

        Raises TemplateInvalid.
        """
        environment = self._environment()
        tree = _checked(environment, text, values)
        _write_as_usual(tree, usual)
        if _work(tree, values) > HEAVIEST:
            raise TemplateInvalid("makes too much of its values on the way")
        with _refused("cannot be filled"):
            code = environment.compile(tree)
            template = environment.template_class.from_code(environment, code, {})
            return _bounded(template.generate(values))

    def names(self, text: str) -> set[str]:
        """The values that it takes. Raises TemplateInvalid."""
        tree = _parsed(self._environment(), text)
        with _refused("is no template"):
            return set(meta.find_undeclared_variables(tree))

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
    level: list[tuple[nodes.Node, bool]] = [(tree, False)]
    for _ in range(DEEPEST):
        below: list[tuple[nodes.Node, bool]] = []
        for node, looping in level:
            _check_one(node, filters, looping=looping)
            inside = looping or isinstance(node, nodes.For)
            below += [(child, inside) for child in node.iter_child_nodes()]
        level = below
    if level:
        raise TemplateInvalid("is too deep")


def _check_one(node: nodes.Node, filters: Mapping[str, object], *, looping: bool) -> None:
    match node:
        case nodes.For():
            if looping or node.recursive:
                raise TemplateInvalid("a loop within a loop is not for templates")
            if not isinstance(node.iter, nodes.Name) or not isinstance(node.target, nodes.Name):
                raise TemplateInvalid("loops go through one list that is given")
        case nodes.Getattr():
            of_loop = isinstance(node.node, nodes.Name) and node.node.name == "loop"
            if not (looping and of_loop and node.attr in _OF_LOOPS):
                raise TemplateInvalid(f"{node.attr!r}: values have no attributes")
        case nodes.Filter():
            if node.name not in filters or node.args or node.kwargs:
                known = ", ".join(sorted(filters))
                raise TemplateInvalid(f"{node.name!r}: there are {known}, each by its name alone")
        case _ if not isinstance(node, _ALLOWED):
            raise TemplateInvalid(f"{type(node).__name__} is not for templates")


def _write_as_usual(tree: nodes.Template, usual: Mapping[str, str]) -> None:
    """A value that stands there by itself is written as its kind is."""
    for output in tree.find_all(nodes.Output):
        output.nodes = [
            nodes.Filter(one, usual[one.name], [], [], None, None, lineno=one.lineno)
            if isinstance(one, nodes.Name) and one.name in usual
            else one
            for one in output.nodes
        ]


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
