"""
YAML as a person wrote it: plain data, and the line of every key.

Stricter than YAML: keys are text (``1:`` is the key "1", ``no:`` the language "no"), nothing is
said twice, nothing is left empty (``terminator: #`` is a comment to YAML), there are no tags. An
alias is allowed and counts each time it is used, so a small file cannot become a huge flow.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from config.yaml_text import LOADER, REFUSED

from .errors import IvrError
from .nodes import Place

Value = str | int | float | bool | list["Value"] | dict[str, "Value"]

MOST_CHARACTERS = 512 * 1024
MOST_VALUES = 20_000
MOST_LEVELS = 20

_TAG = "tag:yaml.org,2002:"
_SCALARS = {_TAG + kind for kind in ("str", "int", "float", "bool", "timestamp", "merge", "value")}
_TRUE = ("true", "yes", "on")


class SourceInvalid(IvrError):
    """The text is no usable YAML: line and message of each fault."""

    def __init__(self, *faults: tuple[int, str]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"line {line}: {message}" for line, message in faults))


@dataclass(slots=True)
class Source:
    """What the text says, where it says it, and what could not be taken over."""

    data: dict[str, Value] = field(default_factory=dict)
    lines: dict[Place, int] = field(default_factory=dict)
    faults: list[tuple[int, Place, str]] = field(default_factory=list)


def read(text: str) -> Source:
    """Raises :class:`SourceInvalid` where nothing can be read at all."""
    if len(text) > MOST_CHARACTERS:
        raise SourceInvalid((1, f"longer than {MOST_CHARACTERS} characters"))
    try:
        root = _composed(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise SourceInvalid((line, "a character that YAML does not allow")) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise SourceInvalid((mark.line + 1 if mark else 1, f"not YAML: {error.problem}")) from None
    if not isinstance(root, yaml.MappingNode):
        raise SourceInvalid((1, "a flow is a mapping with 'start', 'prompts' and 'nodes'"))
    reading = _Reading()
    reading.mapping(root, (), reading.source.data)
    return reading.source


def _composed(text: str) -> yaml.Node | None:
    """By libyaml; what it refuses, by the one in Python, which says where and what."""
    try:
        _refuse_depth(text, LOADER)
        return yaml.compose(text, Loader=LOADER)
    except REFUSED:
        _refuse_depth(text, yaml.SafeLoader)
        return yaml.compose(text, Loader=yaml.SafeLoader)


def _refuse_depth(text: str, loader: Any) -> None:
    """Before composing, which recurses."""
    level, line = 0, 1
    try:
        for event in yaml.parse(text, Loader=loader):
            line = _line(event)
            if isinstance(event, yaml.CollectionStartEvent):
                level += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                level -= 1
            if level > MOST_LEVELS:
                raise SourceInvalid((line, f"nested more than {MOST_LEVELS} levels deep"))
    except UnicodeError:
        raise  # half a character, to libyaml
    except (ValueError, OverflowError):  # PyYAML lets out what chr() says to "\UFFFFFFFF"
        raise SourceInvalid((line, "an escape that names no character")) from None


def _line(where: yaml.Event | yaml.Node) -> int:
    return where.start_mark.line + 1 if where.start_mark else 1


class _Reading:
    def __init__(self) -> None:
        self.source = Source()
        self._values = 0

    def mapping(self, node: yaml.MappingNode, place: Place, into: dict[str, Value]) -> None:
        for key, value in node.value:
            line = _line(key)
            if not isinstance(key, yaml.ScalarNode):
                self._fault(line, place, "a key must be plain text")
                continue
            name = str(key.value)
            inside = (*place, name)
            if inside in self.source.lines:
                self._fault(line, inside, "given twice")
                continue
            self.source.lines[inside] = line
            if (read := self._value(value, inside)) is not None:
                into[name] = read

    def _value(self, node: yaml.Node, place: Place) -> Value | None:
        self._values += 1
        line = _line(node)
        if self._values > MOST_VALUES or len(place) > MOST_LEVELS:
            raise SourceInvalid((line, "too much, or an alias inside itself"))
        match node:
            case yaml.MappingNode() if node.tag == _TAG + "map":
                data: dict[str, Value] = {}
                self.mapping(node, place, data)
                return data
            case yaml.SequenceNode() if node.tag == _TAG + "seq":
                return self._sequence(node, place)
            case yaml.ScalarNode() if node.tag == _TAG + "null":
                self._fault(
                    self.source.lines[place], place, "has no value (a bare '#' begins a comment)"
                )
            case yaml.ScalarNode() if node.tag in _SCALARS:
                return _scalar(node.tag.removeprefix(_TAG), node.value)
            case _:
                self._fault(line, place, f"tag '{node.tag}' is not allowed")
        return None

    def _sequence(self, node: yaml.SequenceNode, place: Place) -> Value:
        items: list[Value] = []
        for index, item in enumerate(node.value):
            inside = (*place, index)
            self.source.lines[inside] = _line(item)
            if (read := self._value(item, inside)) is not None:
                items.append(read)
        return items

    def _fault(self, line: int, place: Place, message: str) -> None:
        self.source.faults.append((line, place, message))


def _scalar(kind: str, text: str) -> Value:
    """Numbers only as people write them: 1:30 is no number of seconds, 1_000 no thousand."""
    if kind == "bool":
        return text.lower() in _TRUE
    if kind == "int" and re.fullmatch(r"[-+]?[0-9]{1,15}", text):
        return int(text)
    if kind == "float" and re.fullmatch(r"[-+]?[0-9]{0,15}\.[0-9]{0,15}", text):
        return float(text)
    return text
