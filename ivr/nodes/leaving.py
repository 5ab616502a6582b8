"""Nodes that lead the caller out of the flow."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field

from ivr.actions import Action, Enqueue, HangUp, Transfer
from ivr.prompts import Language, Text
from ivr.texts import filled, placeholders

from .node import GoTo, Name, Node, Place, Turn, Word

Level = Annotated[int, Field(ge=1, le=10)]


class ToQueue(Node):
    """
    Ends the flow in a queue.

    The skills asked for are on top of the queue's own; those of ``language_skills`` hold for
    callers in that language. ``attributes`` join what was collected; ``{name}`` stands for a
    collected or known value.
    """

    reaches_person: ClassVar[bool] = True

    type: Literal["queue"] = "queue"
    queue: Annotated[str, Field(min_length=1)]
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    skills: Mapping[str, Level] = {}
    language_skills: Mapping[Language, Mapping[str, Level]] = {}
    attributes: Mapping[Name, str] = {}

    def step(self, turn: Turn) -> Action | GoTo:
        return Enqueue(
            self.queue,
            self.priority,
            {**self.skills, **self.language_skills.get(turn.language, {})},
            {name: filled(text, turn.values) for name, text in self.attributes.items()},
            node=turn.node,
        )

    def placeholders(self) -> Iterator[tuple[Place, str]]:
        for name, text in self.attributes.items():
            yield from ((("attributes", name), found) for found in placeholders(text))


class ToParty(Node):
    """Ends the flow with a transfer to a number or SIP URI, which may hold ``{name}``."""

    reaches_person: ClassVar[bool] = True

    type: Literal["transfer"] = "transfer"
    target: Text

    def step(self, turn: Turn) -> Action | GoTo:
        # What a caller typed or is called must not become a parameter or header of the URI.
        values = {name: quote(value, safe="+*") for name, value in turn.values.items()}
        return Transfer(filled(self.target, values), node=turn.node)

    def placeholders(self) -> Iterator[tuple[Place, str]]:
        yield from ((("target",), found) for found in placeholders(self.target))


class Ending(Node):
    """Ends the call."""

    type: Literal["hang_up"] = "hang_up"
    reason: Word = "completed"

    def step(self, turn: Turn) -> Action | GoTo:
        return HangUp(self.reason, node=turn.node)
