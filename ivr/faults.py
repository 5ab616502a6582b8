"""What is wrong with a file's data: pydantic's words into ours, each at its line."""

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .errors import Problem
from .model import line_of
from .nodes import Place
from .source import Source

_A_KEY = "[key]"  # pydantic's word for "the key, not the value"


def refused(file: str, source: Source, error: ValidationError) -> Iterator[tuple[Problem, Place]]:
    """Each fault as a problem of the file, and where in the source it lies."""
    for fault in error.errors(include_url=False, include_context=True):
        place = _place(source, fault["loc"])
        yield problem(file, line_of(source.lines, place), place, _said(fault)), place


def _place(source: Source, loc: Place) -> Place:
    """Where in the file: without what pydantic puts between the keys."""
    match loc:
        case ("nodes", node, _type, *inside):
            loc = ("nodes", node, *inside)
    place: Place = ()
    for step in loc[:-1]:
        if isinstance(step, str) or (*place, step) in source.lines:  # else one that stood alone
            place = (*place, step)
    return place if loc[-1] == _A_KEY else (*place, loc[-1])


def problem(file: str, line: int, place: Place, message: str) -> Problem:
    """A fault at a place of the file; ``{path}`` in the message is the path inside its node."""
    match place:
        case ("nodes", str(node), *inside):
            return Problem(file, line, node, _inside(inside, message))
        case _:
            return Problem(file, line, None, _inside(list(place), message))


def _inside(keys: list[str | int], message: str) -> str:
    """The message, with the path of the key that it is about put in."""
    path = ".".join(str(key) for key in keys)
    if "{path}" in message:
        return message.replace("{path}", path)
    return f"{path}: {message}" if path else message


def _said(fault: ErrorDetails) -> str:
    context = fault.get("ctx", {})
    match fault["type"]:
        case "extra_forbidden":
            return "unknown key '{path}'"
        case "missing":
            return "missing key '{path}'"
        case "union_tag_not_found":
            return "missing key 'type'"
        case "union_tag_invalid":
            return f"unknown type '{context['tag']}'; there are {context['expected_tags']}"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "must be a mapping"
        case "string_pattern_mismatch":
            return f"'{fault['input']}' does not match {context['pattern']}"
        case "value_error":
            return str(context["error"])
        case _:
            return fault["msg"][0].lower() + fault["msg"][1:]
