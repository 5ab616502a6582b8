"""Nodes that ask other systems, while the caller waits."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints

from ivr.answers import NotKept, Selected, kept
from ivr.inquiries import Answered, AskSystem, FirstRow, Given, LookUp, Refused, Unanswered
from ivr.prompts import NOTHING, PromptName, PromptNames
from ivr.texts import Value, filled, placeholders, written

from .node import GoTo, Learnt, Name, Node, Place, Read, Route, Step, Turn, placed, spoken

Column = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Within = Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)]


class _Elsewhere(Node):
    """
    Asks with ``values``, whose ``{name}`` may be secrets, and goes on with what it ``keep``s.

    ``prompt`` is heard meanwhile. What is not there in time, or cannot be kept as it is, leads to
    ``failed`` with nothing learnt.
    """

    values: Mapping[Name, str | int | float | bool] = {}
    prompt: PromptNames = NOTHING
    within: Within = 10.0  # seconds for the whole, further attempts included
    then: str
    failed: str

    @abstractmethod
    def _kept(self, answer: Mapping[str, Any]) -> dict[str, Value]:
        """Raises NotKept."""

    def _told(self, answer: Mapping[str, Any]) -> Step:
        try:
            return GoTo(self.then, learnt=self._kept(answer))
        except NotKept as error:
            return GoTo(self.failed, fault=str(error))

    def _given(self, turn: Turn) -> Given:
        """The values, without those of which nothing is known."""
        texts = {name: _filled(written(text), turn) for name, text in self.values.items()}
        return {name: text for name, text in texts.items() if text}

    def routes(self) -> Iterator[Route]:
        yield Route(("then",), self.then, pressed=False)
        yield Route(("failed",), self.failed, pressed=False)

    def prompts(self) -> Iterator[tuple[Place, PromptName]]:
        yield from placed("prompt", self.prompt)

    def reads(self) -> Iterator[Read]:
        for name, text in self.values.items():
            for found in placeholders(written(text)):
                yield Read(("values", name), found.name, may_be_secret=True)


class SystemRequest(_Elsewhere):
    """Has another system do or say something, over its connector."""

    type: Literal["request"] = "request"
    connector: Column
    operation: Annotated[str, Field(min_length=1, max_length=64)]
    keep: Mapping[Name, Selected] = {}
    refused: str

    def step(self, turn: Turn) -> Step:
        match turn.answer:
            case Answered(answer):
                return self._told(answer)
            case Refused():
                return GoTo(self.refused)
            case Unanswered(reason):
                return GoTo(self.failed, fault=reason)
            case _:
                return AskSystem(
                    self.connector,
                    self.operation,
                    self._given(turn),
                    self.within,
                    spoken(self.prompt, turn),
                    node=turn.node,
                )

    def routes(self) -> Iterator[Route]:
        yield from super().routes()
        yield Route(("refused",), self.refused, pressed=False)

    def _kept(self, answer: Mapping[str, Any]) -> dict[str, Value]:
        return {name: part.of(answer) for name, part in self.keep.items()}

    def learns(self) -> Iterator[Learnt]:
        yield from (Learnt(("keep", name), name) for name in self.keep)


class DataLookUp(_Elsewhere):
    """Finds something in another system's database, by a look-up that operations have written."""

    type: Literal["look_up"] = "look_up"
    look_up: Column
    keep: Mapping[Name, Column] = {}
    none: str

    def step(self, turn: Turn) -> Step:
        match turn.answer:
            case FirstRow(row):
                return GoTo(self.none) if row is None else self._told(row)
            case Unanswered(reason):
                return GoTo(self.failed, fault=reason)
            case _:
                return LookUp(
                    self.look_up,
                    self._given(turn),
                    self.within,
                    spoken(self.prompt, turn),
                    node=turn.node,
                )

    def routes(self) -> Iterator[Route]:
        yield from super().routes()
        yield Route(("none",), self.none, pressed=False)

    def _kept(self, answer: Mapping[str, Any]) -> dict[str, Value]:
        return {name: kept(column, answer.get(column)) for name, column in self.keep.items()}

    def learns(self) -> Iterator[Learnt]:
        yield from (Learnt(("keep", name), name) for name in self.keep)


def _filled(text: str, turn: Turn) -> str | SecretStr:
    """A text with a secret in it is one."""
    names = {found.name for found in placeholders(text)}
    secrets = {name: turn.secrets[name].get_secret_value() for name in names & {*turn.secrets}}
    whole = filled(text, {**turn.values, **secrets})
    return SecretStr(whole) if secrets else whole
