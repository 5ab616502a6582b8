"""Nodes that lead the caller out of the flow."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field

from ivr.actions import Enqueue, HangUp, LeftQueue, NotConnected, Transfer, Ways
from ivr.prompts import Language, Section, Text
from ivr.texts import filled, placeholders, written

from .node import Back, GoTo, Key, Name, Node, Place, Read, Route, Seconds, Step, Turn, Word

Level = Annotated[int, Field(ge=1, le=10)]
A_DAY = 86_400.0  # seconds


class Patience(Section):
    """Where whoever has waited for so many seconds goes."""

    after: Annotated[float, Field(ge=1, le=A_DAY, allow_inf_nan=False)]
    go_to: str


class InQueue(Node):
    """
    Names a queue, and what is asked of its agents on top of the queue's own skills.

    Those of ``language_skills`` hold for callers in that language.
    """

    queue: Annotated[str, Field(min_length=1)]
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    skills: Mapping[str, Level] = {}
    language_skills: Mapping[Language, Mapping[str, Level]] = {}

    def requirements(self, turn: Turn) -> Mapping[str, int]:
        return {**self.skills, **self.language_skills.get(turn.language, {})}

    def languages(self) -> Iterator[tuple[Place, str]]:
        yield from ((("language_skills", language), language) for language in self.language_skills)

    def queues(self) -> Iterator[tuple[Place, str]]:
        yield ("queue",), self.queue


class ToQueue(InQueue):
    """
    Has the caller wait in a queue, and there the flow ends, unless a way leads back.

    ``attributes`` join what was collected; ``{name}`` stands for a collected or known value. The
    agent is shown the ``form``, with what was collected filled in. Who comes back into the flow and
    then to the queue once more has kept the place.
    """

    reaches_person: ClassVar[bool] = True

    type: Literal["queue"] = "queue"
    attributes: Mapping[Name, str] = {}
    form: Word | None = None
    exits: Mapping[Key, str] = {}  # where keys lead that are pressed while the caller waits
    closed: str | None = None  # by the queue's hours
    full: str | None = None
    nobody: str | None = None  # is logged in who could serve the caller
    waited: Patience | None = None

    def step(self, turn: Turn) -> Step:
        match turn.answer:
            case LeftQueue(way) if (target := self._ways.get(way)) is not None:
                return GoTo(target, way=way)
        return Enqueue(
            self.queue,
            self.priority,
            self.requirements(turn),
            {name: filled(text, turn.values) for name, text in self.attributes.items()},
            self._back,
            self.form,
            node=turn.node,
        )

    @property
    def _ways(self) -> Mapping[str, str]:
        """Where each leads that there is."""
        waited = self.waited.go_to if self.waited is not None else None
        words = {"closed": self.closed, "full": self.full, "nobody": self.nobody, "waited": waited}
        return {**self.exits, **{way: target for way, target in words.items() if target}}

    @property
    def _back(self) -> Ways | None:
        if not (ways := self._ways):
            return None
        return Ways(
            frozenset(self.exits),
            closed="closed" in ways,
            full="full" in ways,
            nobody="nobody" in ways,
            waited=self.waited.after if self.waited is not None else None,
        )

    @property
    def may_end(self) -> bool:
        return True

    def routes(self) -> Iterator[Route]:
        for key, target in self.exits.items():
            yield Route(("exits", key), target, True, key)
        for way, target in self._ways.items():
            if way == "waited":
                yield Route(("waited", "go_to"), target, pressed=False)
            elif way not in self.exits:
                yield Route((way,), target, pressed=False, at_once=True)

    def reads(self) -> Iterator[Read]:
        for name, text in self.attributes.items():
            yield from (Read(("attributes", name), found.name) for found in placeholders(text))


class ToParty(Node):
    """
    Leads the caller to a number or SIP URI, which may hold ``{name}``.

    Where nobody picks up within ``ring_for`` seconds, or nobody can be reached, the flow goes on
    at ``failed``, if it says so; otherwise the call is over.
    """

    reaches_person: ClassVar[bool] = True

    type: Literal["transfer"] = "transfer"
    target: Text
    ring_for: Seconds = 60.0
    failed: str | None = None

    def step(self, turn: Turn) -> Step:
        if isinstance(turn.answer, NotConnected) and self.failed is not None:
            return GoTo(self.failed)
        # What a caller typed or is called must not become a parameter or header of the URI.
        values = {name: quote(written(value), safe="+*") for name, value in turn.values.items()}
        target = filled(self.target, values)
        return Transfer(target, self.failed is not None, self.ring_for, node=turn.node)

    @property
    def may_end(self) -> bool:
        return True

    def routes(self) -> Iterator[Route]:
        if self.failed is not None:
            yield Route(("failed",), self.failed, pressed=False, at_once=True)

    def reads(self) -> Iterator[Read]:
        yield from (Read(("target",), found.name) for found in placeholders(self.target))


class Ending(Node):
    """
    Ends the call.

    What does not ``serve`` is an end for callers who did not get what they wanted, in figures.
    """

    type: Literal["hang_up"] = "hang_up"
    reason: Word = "completed"
    serves: bool = True

    def step(self, turn: Turn) -> Step:
        return HangUp(self.reason, node=turn.node, serves=self.serves)


class Return(Node):
    """Ends a flow that another one walks through: that one goes on."""

    leads_on: ClassVar[bool] = True

    type: Literal["return"] = "return"

    def step(self, turn: Turn) -> Step:
        return Back()
