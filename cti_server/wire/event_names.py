"""
Which events somebody wants to hear of, by name. Pure.

An event goes by the name of its tag (``contact.queued``); a change of a record also by what was
done to which (``ticket.created``). A pattern is such a name, ``contact.*`` or ``*``.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from .events import Event, RecordChanged

Pattern = Annotated[
    str, Field(max_length=100, pattern=r"^(\*|[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*(\.\*)?)$")
]


def name_of(event: Event) -> str:
    """The event's name on the wire."""
    return str(type(event).__struct_config__.tag)


def names_of(event: Event) -> tuple[str, ...]:
    """All names that the event goes by."""
    match event:
        case RecordChanged(record=record, action=action):
            return name_of(event), f"{record}.{action}"
        case _:
            return (name_of(event),)


def wanted(event: Event, patterns: Sequence[str]) -> bool:
    """Whether one of the patterns means the event."""
    names = names_of(event)
    return any(_means(pattern, name) for pattern in patterns for name in names)


def _means(pattern: str, name: str) -> bool:
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1])
    return pattern == name
