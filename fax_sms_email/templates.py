"""
Texts with places for values, in Jinja2's language, of which they have a small part. Pure.

Whoever writes them is not to be trusted with the server: there are values, conditions, and loops
over a list that was given, one deep. No attribute, call, arithmetic or range: what a text costs is
bounded by its own length and its lists'.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .errors import ChannelError

LONGEST: Final = 20_000  # characters that come out
DEEPEST: Final = 12
PLAIN: Final = ("upper", "lower", "trim", "length")
"""Jinja's own filters that there are."""

_ALLOWED: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const),
    *(nodes.If, nodes.CondExpr, nodes.For, nodes.Filter, nodes.Concat),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Getattr),
)
_OF_LOOPS: Final = frozenset({"index", "first", "last"})

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
        try:
            code = environment.compile(tree)
            template = environment.template_class.from_code(environment, code, {})
            return _bounded(template.generate(values))
        except (TemplateError, TypeError, ValueError, SyntaxError) as error:
            raise TemplateInvalid(f"cannot be filled: {error}") from None

    def names(self, text: str) -> set[str]:
        """The values that it takes. Raises TemplateInvalid."""
        environment = self._environment()
        return set(meta.find_undeclared_variables(_parsed(environment, text)))

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
    try:
        tree = environment.parse(text)
    except (TemplateError, ValueError) as error:  # a number of thousands of digits is the latter
        raise TemplateInvalid(f"is no template: {error}") from None
    except RecursionError:
        raise TemplateInvalid("is too deep") from None
    _check(tree, environment.filters)
    return tree


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
