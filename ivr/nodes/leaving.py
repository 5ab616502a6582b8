"""Nodes that lead the caller out of the flow."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field

from ivr.actions import Enqueue, HangUp, Transfer
from ivr.prompts import Language, Text
from ivr.texts import filled, placeholders, written

from .node import Back, Name, Node, Place, Read, Step, Turn, Word

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

    def step(self, turn: Turn) -> Step:
        return Enqueue(
            self.queue,
            self.priority,
            {**self.skills, **self.language_skills.get(turn.language, {})},
            {name: filled(text, turn.values) for name, text in self.attributes.items()},
            node=turn.node,
        )

    def languages(self) -> Iterator[tuple[Place, str]]:
        yield from ((("language_skills", language), language) for language in self.language_skills)

    def reads(self) -> Iterator[Read]:
        for name, text in self.attributes.items():
            yield from (Read(("attributes", name), found.name) for found in placeholders(text))


class ToParty(Node):
    """Ends the flow with a transfer to a number or SIP URI, which may hold ``{name}``."""

    reaches_person: ClassVar[bool] = True

    type: Literal["transfer"] = "transfer"
    target: Text

    def step(self, turn: Turn) -> Step:
        # What a caller typed or is called must not become a parameter or header of the URI.
        values = {name: quote(written(value), safe="+*") for name, value in turn.values.items()}
        return Transfer(filled(self.target, values), node=turn.node)

    def reads(self) -> Iterator[Read]:
        yield from (Read(("target",), found.name) for found in placeholders(self.target))


class Ending(Node):
    """Ends the call."""

    type: Literal["hang_up"] = "hang_up"
    reason: Word = "completed"

    def step(self, turn: Turn) -> Step:
        return HangUp(self.reason, node=turn.node)


class Return(Node):
    """Ends a flow that another one walks through: that one goes on."""

    leads_on: ClassVar[bool] = True

    type: Literal["return"] = "return"

    def step(self, turn: Turn) -> Step:
        return Back()
