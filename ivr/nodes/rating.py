"""Nodes of surveys: what callers say of the service, and whom it is brought to."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ivr.actions import Ask, Digits, Prompt
from ivr.inquiries import Alert, Alerted, Rate, Rated
from ivr.texts import written

from .asking import Question
from .node import GoTo, Key, KeyWays, Learnt, Name, Node, Read, Route, Step, Turn, Word


class Rating(Question):
    """
    Asks for one key from 1 to ``best``, and keeps it as what the caller says of the service.

    In a survey it is of the agent who is gone. ``choices`` are keys that lead elsewhere.
    """

    type: Literal["rate"] = "rate"
    question: Word = "service"
    best: Annotated[int, Field(ge=2, le=9)] = 5
    keep: Name = "rating"
    choices: Mapping[Key, str] = {}
    then: str

    @model_validator(mode="after")
    def _each_key_once(self) -> "Rating":
        if both := sorted(self._marks & self.choices.keys()):
            raise ValueError(f"key {both[0]} is both a mark and a choice")
        return self

    @property
    def _marks(self) -> set[str]:
        return {str(mark) for mark in range(1, self.best + 1)}

    def step(self, turn: Turn) -> Step:
        match turn.answer:
            case Rated(rating):
                return GoTo(self.then, learnt={self.keep: rating})
            case Digits(keys) if keys in self._marks:
                return Rate(self.question, int(keys), self.best, node=turn.node)
        return super().step(turn)

    def accept(self, keys: str) -> GoTo | None:
        return GoTo(self.choices[keys]) if keys in self.choices else None

    def takes(self, keys: str) -> bool:
        return keys in self._marks or super().takes(keys)

    def listed(self) -> Iterator[str]:
        yield from sorted(self._marks)
        yield from super().listed()

    def ask(self, prompts: tuple[Prompt, ...], turn: Turn) -> Ask:
        return Ask(prompts, timeout=self.timeout, barge_in=self.barge_in, node=turn.node)

    def routes(self) -> Iterator[Route]:
        yield Route(("then",), self.then, pressed=True)
        for key, target in self.choices.items():
            yield Route(("choices", key), target, True, key)
        yield from super().routes()

    def learns(self) -> Iterator[Learnt]:
        yield Learnt(("keep",), self.keep, optional=True)

    def ways_by(self, key: str) -> KeyWays:
        targets = [self.choices[key]] if key in self.choices else []
        return KeyWays(("choices",), targets, f"key {key} does not lead to a person")


class Alarm(Node):
    """
    Has the supervisors look at something, at once.

    ``message`` and ``ticket`` are the values that hold a recorded message's id, a ticket's number.
    """

    type: Literal["alert"] = "alert"
    kind: Word = "complaint"
    message: Name | None = None
    ticket: Name | None = None
    then: str

    def step(self, turn: Turn) -> Step:
        if isinstance(turn.answer, Alerted):
            return GoTo(self.then)
        message_id, ticket_number = (
            "" if name is None else written(turn.values.get(name, ""))
            for name in (self.message, self.ticket)
        )
        return Alert(self.kind, message_id, ticket_number, node=turn.node)

    def routes(self) -> Iterator[Route]:
        yield Route(("then",), self.then, pressed=False)

    def reads(self) -> Iterator[Read]:
        if self.message is not None:
            yield Read(("message",), self.message)
        if self.ticket is not None:
            yield Read(("ticket",), self.ticket)
