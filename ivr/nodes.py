"""
The steps of a flow. A class is the YAML schema of its node and the node's logic in one.

A new type of node is a class here and a word in :data:`Node`. A node decides from its
:class:`Turn` alone; it keeps nothing, so one flow serves every call.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote

from pydantic import (
    Field,
    PrivateAttr,
    SecretStr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import SchemaError

from .actions import Action, Answer, Ask, Digits, Enqueue, HangUp, Prompt, Say, Transfer
from .prompts import (
    NOTHING,
    Language,
    PromptName,
    PromptNames,
    Section,
    SomePromptNames,
    Text,
)

Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#A-D]$")]
ExitKey = Annotated[str, StringConstraints(pattern=r"^[*#A-D]$")]
Terminator = Annotated[str, StringConstraints(pattern=r"^[*#]?$")]  # empty: none
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Level = Annotated[int, Field(ge=1, le=10)]
Seconds = Annotated[float, Field(gt=0, le=120, allow_inf_nan=False)]

Place = tuple[str | int, ...]  # a path of keys inside a node, to find its line

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Turn:
    """All that a node may know when it is its turn."""

    node: str  # the node's own name
    language: str
    asked: int  # how often it has acted since it was entered
    answer: Answer | None  # to its last action; None when it was just entered
    values: Mapping[str, str]  # for ``{name}`` in texts; nothing secret


@dataclass(frozen=True, slots=True)
class GoTo:
    """Enter that node, after keeping what was learnt on the way."""

    target: str
    language: str | None = None
    collected: Mapping[str, str | SecretStr] | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A way out of a node, for the checker."""

    place: Place
    target: str
    pressed: bool  # the caller has to press something to go there
    key: str | None = None
    language: str | None = None


class _Node(Section, ABC):
    reaches_person: ClassVar[bool] = False
    asks: ClassVar[bool] = False

    @abstractmethod
    def step(self, turn: Turn) -> Action | GoTo:
        """What to do for the caller now."""

    def routes(self) -> Iterator[Route]:
        """The nodes that may come next."""
        yield from ()

    def prompts(self) -> Iterator[tuple[Place, PromptName]]:
        """The prompts that it may play."""
        yield from ()

    def placeholders(self) -> Iterator[tuple[Place, str]]:
        """The values that its texts ask for."""
        yield from ()


class Play(_Node):
    """Plays prompts and goes on."""

    type: Literal["play"] = "play"
    prompt: SomePromptNames
    then: str
    barge_in: bool = False

    def step(self, turn: Turn) -> Action | GoTo:
        if turn.asked:
            return GoTo(self.then)
        return Say(_spoken(self.prompt, turn), self.barge_in, node=turn.node)

    def routes(self) -> Iterator[Route]:
        yield Route(("then",), self.then, pressed=False)

    def prompts(self) -> Iterator[tuple[Place, PromptName]]:
        yield from _placed("prompt", self.prompt)


class _Question(_Node):
    """Asks, judges the answer, asks again; after ``attempts`` it gives up to ``otherwise``."""

    asks: ClassVar[bool] = True

    prompt: SomePromptNames
    retry: PromptNames = NOTHING  # instead of the prompt from the second time on
    invalid: PromptNames = NOTHING  # goes before a repetition after a wrong key
    no_input: PromptNames = NOTHING  # goes before a repetition after silence
    otherwise: str
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    timeout: Seconds = 5.0
    barge_in: bool = True

    @abstractmethod
    def accept(self, keys: str) -> GoTo | None:
        """Where this input leads; None if it is wrong."""

    @abstractmethod
    def ask(self, prompts: tuple[Prompt, ...], node: str) -> Ask:
        """How to ask for the input."""

    def step(self, turn: Turn) -> Action | GoTo:
        if not turn.asked:
            return self.ask(_spoken(self.prompt, turn), turn.node)
        match turn.answer:
            case Digits(keys):
                if (way := self.accept(keys)) is not None:
                    return way
                notice = self.invalid
            case _:
                notice = self.no_input
        if turn.asked >= self.attempts:
            return GoTo(self.otherwise)
        return self.ask(_spoken([*notice, *(self.retry or self.prompt)], turn), turn.node)

    def routes(self) -> Iterator[Route]:
        yield Route(("otherwise",), self.otherwise, pressed=False)

    def prompts(self) -> Iterator[tuple[Place, PromptName]]:
        yield from _placed("prompt", self.prompt)
        yield from _placed("retry", self.retry)
        yield from _placed("invalid", self.invalid)
        yield from _placed("no_input", self.no_input)


class Choice(Section):
    """Where a key leads. A bare string is the node's name."""

    go_to: str
    language: Language | None = None  # the caller's language from now on

    @model_validator(mode="before")
    @classmethod
    def _target_may_stand_alone(cls, value: Any) -> Any:
        return {"go_to": value} if isinstance(value, str) else value


class Menu(_Question):
    """Asks for one key and branches on it."""

    type: Literal["menu"] = "menu"
    choices: Annotated[Mapping[Key, Choice], Field(min_length=1)]

    def accept(self, keys: str) -> GoTo | None:
        if (choice := self.choices.get(keys)) is None:
            return None
        return GoTo(choice.go_to, choice.language)

    def ask(self, prompts: tuple[Prompt, ...], node: str) -> Ask:
        return Ask(prompts, timeout=self.timeout, barge_in=self.barge_in, node=node)

    def routes(self) -> Iterator[Route]:
        for key, choice in self.choices.items():
            yield Route(("choices", key), choice.go_to, True, key, choice.language)
        yield from super().routes()


class Collect(_Question):
    """
    Asks for a number and keeps it as an attribute.

    Without a pattern only the figures 0-9 are right. A secret one is kept apart and shows up
    nowhere: not among the attributes, not in a ``repr``, not in what the agent sees.
    """

    type: Literal["collect"] = "collect"
    attribute: Name
    then: str
    min_digits: Annotated[int, Field(ge=1, le=32)]
    max_digits: Annotated[int, Field(ge=1, le=32)]
    terminator: Terminator = "#"
    pattern: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    inter_digit_timeout: Seconds = 3.0
    exit_keys: Mapping[ExitKey, str] = {}
    secret: bool = False

    _well_formed: TypeAdapter[str] = PrivateAttr()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Collect":
        if self.min_digits > self.max_digits:
            raise ValueError("min_digits is greater than max_digits")
        if self.terminator in self.exit_keys:
            raise ValueError(f"key '{self.terminator}' is both the terminator and an exit key")
        self._well_formed = _whole(self.pattern or "[0-9]*")
        return self

    def accept(self, keys: str) -> GoTo | None:
        if (way_out := self.exit_keys.get(keys)) is not None:
            return GoTo(way_out)
        if not self.min_digits <= len(keys) <= self.max_digits or not self._matches(keys):
            return None
        value = SecretStr(keys) if self.secret else keys
        return GoTo(self.then, collected={self.attribute: value})

    def ask(self, prompts: tuple[Prompt, ...], node: str) -> Ask:
        return Ask(
            prompts,
            min_digits=self.min_digits,
            max_digits=self.max_digits,
            terminator=self.terminator or None,
            timeout=self.timeout,
            inter_digit_timeout=self.inter_digit_timeout,
            barge_in=self.barge_in,
            secret=self.secret,
            exit_keys=frozenset(self.exit_keys),
            node=node,
        )

    def routes(self) -> Iterator[Route]:
        yield Route(("then",), self.then, pressed=True)
        for key, target in self.exit_keys.items():
            yield Route(("exit_keys", key), target, True, key)
        yield from super().routes()

    def _matches(self, keys: str) -> bool:
        try:
            self._well_formed.validate_python(keys)
        except ValidationError:
            return False
        return True


class ToQueue(_Node):
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
            {name: _filled(text, turn.values) for name, text in self.attributes.items()},
            node=turn.node,
        )

    def placeholders(self) -> Iterator[tuple[Place, str]]:
        for name, text in self.attributes.items():
            yield from ((("attributes", name), found) for found in _PLACEHOLDER.findall(text))


class ToParty(_Node):
    """Ends the flow with a transfer to a number or SIP URI, which may hold ``{name}``."""

    reaches_person: ClassVar[bool] = True

    type: Literal["transfer"] = "transfer"
    target: Text

    def step(self, turn: Turn) -> Action | GoTo:
        # What a caller typed or is called must not become a parameter or header of the URI.
        values = {name: quote(value, safe="+*") for name, value in turn.values.items()}
        return Transfer(_filled(self.target, values), node=turn.node)

    def placeholders(self) -> Iterator[tuple[Place, str]]:
        yield from ((("target",), found) for found in _PLACEHOLDER.findall(self.target))


class Ending(_Node):
    """Ends the call."""

    type: Literal["hang_up"] = "hang_up"
    reason: Word = "completed"

    def step(self, turn: Turn) -> Action | GoTo:
        return HangUp(self.reason, node=turn.node)


Node = Annotated[
    Play | Menu | Collect | ToQueue | ToParty | Ending,
    Field(discriminator="type"),
]


def _spoken(names: Sequence[PromptName], turn: Turn) -> tuple[Prompt, ...]:
    return tuple(name.spoken_in(turn.language) for name in names)


def _placed(key: str, names: Sequence[PromptName]) -> Iterator[tuple[Place, PromptName]]:
    for index, name in enumerate(names):
        yield (key, index), name


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)


def _whole(pattern: str) -> TypeAdapter[str]:
    """Match the whole input. pydantic's engine is linear: no pattern can hang a call."""
    try:
        return TypeAdapter(Annotated[str, StringConstraints(pattern=f"^(?:{pattern})$")])
    except SchemaError:
        raise ValueError(f"pattern '{pattern}' is not a regular expression") from None
