"""Nodes that ask for keys."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

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

from ivr.actions import Ask, Digits, NotUnderstood, Prompt
from ivr.prompts import NOTHING, Language, PromptName, PromptNames, Section, SomePromptNames

from .node import (
    GoTo,
    Key,
    KeyWays,
    Learnt,
    Name,
    Node,
    Option,
    Place,
    Route,
    Seconds,
    Step,
    Turn,
    placed,
    spoken,
)

Keys = Annotated[str, StringConstraints(pattern=r"^[0-9*#A-D]{1,32}$")]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
ExitKey = Annotated[str, StringConstraints(pattern=r"^[*#A-D]$")]
Terminator = Annotated[str, StringConstraints(pattern=r"^[*#]?$")]  # empty: none


class Question(Node):
    """
    Asks, judges the answer, asks again; after ``attempts`` it gives up to ``otherwise``.

    ``labels`` are what answers are called where they are read, and are then all that is offered.
    One that does not ``wait_in_writing`` is read and passed, as by a caller who presses nothing.
    """

    asks: ClassVar[bool] = True
    takes_more: ClassVar[bool] = False  # answers that nobody could list

    prompt: SomePromptNames
    retry: PromptNames = NOTHING  # instead of the prompt from the second time on
    invalid: PromptNames = NOTHING  # goes before a repetition after a wrong key
    no_input: PromptNames = NOTHING  # goes before a repetition after silence
    otherwise: str
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    timeout: Seconds = 5.0
    barge_in: bool = True
    labels: Mapping[Keys, Mapping[Language, Label]] = {}
    wait_in_writing: bool = True

    @abstractmethod
    def accept(self, keys: str) -> GoTo | None:
        """Where this input leads; None if it is wrong."""

    @abstractmethod
    def ask(self, prompts: tuple[Prompt, ...], turn: Turn) -> Ask:
        """How to ask for the input."""

    @cached_property
    def first_asks(self) -> dict[tuple[str, str], Ask]:
        """How it asks at first, by its name and the caller's language: everybody alike."""
        return {}

    def step(self, turn: Turn) -> Step:
        if not turn.asked:
            return self._first_ask(turn)
        match turn.answer:
            case Digits(keys):
                if (way := self.accept(keys)) is not None:
                    return way
                notice = self.invalid
            case NotUnderstood():
                notice = self.invalid
            case _:
                notice = self.no_input
        if turn.asked >= self.attempts:
            return GoTo(self.otherwise, way="otherwise")
        return self.ask(spoken([*notice, *(self.retry or self.prompt)], turn), turn)

    def _first_ask(self, turn: Turn) -> Ask:
        key = (turn.node, turn.language)
        if (ask := self.first_asks.get(key)) is None:
            ask = self.first_asks[key] = self.ask(spoken(self.prompt, turn), turn)
        return ask

    def takes(self, keys: str) -> bool:
        """Whether this is an answer."""
        return self.accept(keys) is not None

    def options(self, language: str) -> Iterator[Option]:
        if self.labels:
            for keys, texts in self.labels.items():
                if language in texts:
                    yield Option(keys, texts[language])
        else:
            yield from (Option(keys, keys) for keys in self.listed())

    def listed(self) -> Iterator[str]:
        """The answers that can be listed."""
        yield from (route.key for route in self.routes() if route.key is not None)

    def languages(self) -> Iterator[tuple[Place, str]]:
        for keys, texts in self.labels.items():
            for language in texts:
                yield ("labels", keys, language), language

    def routes(self) -> Iterator[Route]:
        yield Route(("otherwise",), self.otherwise, pressed=False)

    def prompts(self) -> Iterator[tuple[Place, PromptName]]:
        yield from placed("prompt", self.prompt)
        yield from placed("retry", self.retry)
        yield from placed("invalid", self.invalid)
        yield from placed("no_input", self.no_input)


class Choice(Section):
    """Where a key leads. A bare string is the node's name."""

    go_to: str
    language: Language | None = None  # the caller's language from now on

    @model_validator(mode="before")
    @classmethod
    def _target_may_stand_alone(cls, value: Any) -> Any:
        return {"go_to": value} if isinstance(value, str) else value


class Menu(Question):
    """Asks for one key and branches on it."""

    type: Literal["menu"] = "menu"
    choices: Annotated[Mapping[Key, Choice], Field(min_length=1)]

    def accept(self, keys: str) -> GoTo | None:
        if (choice := self.choices.get(keys)) is None:
            return None
        return GoTo(choice.go_to, choice.language, way=keys)

    def ask(self, prompts: tuple[Prompt, ...], turn: Turn) -> Ask:
        return Ask(prompts, timeout=self.timeout, barge_in=self.barge_in, node=turn.node)

    def routes(self) -> Iterator[Route]:
        for key, choice in self.choices.items():
            yield Route(("choices", key), choice.go_to, True, key, choice.language)
        yield from super().routes()

    def ways_by(self, key: str) -> KeyWays:
        choice = self.choices.get(key)
        targets = [choice.go_to] if choice is not None else []
        return KeyWays(("choices",), targets, f"key {key} does not lead to a person")


class LanguageChoice(Question):
    """
    Asks which language, and speaks it from then on.

    The prompt is heard in every language that a key stands for. Who presses nothing goes on in the
    language that the call began in.
    """

    type: Literal["language"] = "language"
    choices: Annotated[Mapping[Key, Language], Field(min_length=1)]
    then: str
    attempts: Annotated[int, Field(ge=1, le=10)] = 1

    def accept(self, keys: str) -> GoTo | None:
        language = self.choices.get(keys)
        return None if language is None else GoTo(self.then, language, way=keys)

    def ask(self, prompts: tuple[Prompt, ...], turn: Turn) -> Ask:
        said = dict.fromkeys(self.choices.values())
        in_all = tuple(replace(prompt, language=one) for one in said for prompt in prompts)
        return Ask(in_all, timeout=self.timeout, barge_in=self.barge_in, node=turn.node)

    def routes(self) -> Iterator[Route]:
        for key, language in self.choices.items():
            yield Route(("choices", key), self.then, True, key, language)
        yield from super().routes()

    def prompts(self) -> Iterator[tuple[Place, PromptName]]:
        for place, prompt in super().prompts():
            for language in dict.fromkeys(self.choices.values()):
                yield place, prompt.model_copy(update={"language": language})


class Collect(Question):
    """
    Asks for a number and keeps it as an attribute.

    Without a pattern only the figures 0-9 are right. A secret one is kept apart and shows up
    nowhere: not among the attributes, not in a ``repr``, not in what the agent sees.
    """

    takes_more: ClassVar[bool] = True

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

    def ask(self, prompts: tuple[Prompt, ...], turn: Turn) -> Ask:
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
            node=turn.node,
        )

    def routes(self) -> Iterator[Route]:
        yield Route(("then",), self.then, pressed=True)
        for key, target in self.exit_keys.items():
            yield Route(("exit_keys", key), target, True, key)
        yield from super().routes()

    def learns(self) -> Iterator[Learnt]:
        yield Learnt(("attribute",), self.attribute, self.secret, shown=not self.secret)

    def ways_by(self, key: str) -> KeyWays:
        """Where a number is typed, any exit key or giving up will do."""
        targets = [*self.exit_keys.values(), self.otherwise]
        return KeyWays((), targets, "neither an exit key nor 'otherwise' leads to a person")

    def _matches(self, keys: str) -> bool:
        try:
            self._well_formed.validate_python(keys)
        except ValidationError:
            return False
        return True


def _whole(pattern: str) -> TypeAdapter[str]:
    """Match the whole input. pydantic's engine is linear: no pattern can hang a call."""
    try:
        return TypeAdapter(Annotated[str, StringConstraints(pattern=f"^(?:{pattern})$")])
    except SchemaError:
        raise ValueError(f"pattern '{pattern}' is not a regular expression") from None
