"""Nodes with which a caller leaves a message."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, model_validator

from ivr.actions import Ask, Digits, NoInput, Say
from ivr.messages import (
    DropMessage,
    KeepMessage,
    Mailbox,
    MessageDropped,
    MessageKept,
    MessagePlayed,
    NotRecorded,
    PlayMessage,
    Record,
    Recorded,
)
from ivr.prompts import NOTHING, PromptName, PromptNames, Section, SomePromptNames
from ivr.texts import filled, placeholders

from .node import (
    GoTo,
    Key,
    KeyWays,
    Learnt,
    Name,
    Node,
    Place,
    Read,
    Route,
    Seconds,
    Step,
    Turn,
    placed,
    spoken,
)

MOST_STEPS: Final = 24
"""After so many a message is kept as it is: a caller has tried four times, or presses at random."""


class Review(Section):
    """
    The caller hears the message and says by a key what is to become of it.

    Whoever presses nothing keeps it. By a key of ``choices`` it is thrown away, and the flow goes
    on at that node.
    """

    prompt: SomePromptNames
    invalid: PromptNames = NOTHING  # goes before a repetition after a wrong key
    keep: Key = "1"
    again: Key = "2"
    discard: Key = "3"
    discarded: str
    choices: Mapping[Key, str] = {}
    timeout: Seconds = 5.0

    @model_validator(mode="after")
    def _each_key_once(self) -> "Review":
        keys = [self.keep, self.again, self.discard, *self.choices]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"key '{key}' means two things")
        return self


class _Message(Node):
    """
    Plays the prompt and a tone, records, and has the message heard again where it has a review.

    The message ends by the ``terminator``, by ``silence`` (seconds in which nobody speaks), or when
    it is ``max_seconds`` long; of less than ``min_seconds`` of speech it is none. ``hung_up``: what
    becomes of one whose caller hangs up before it was kept.
    """

    asks: ClassVar[bool] = True

    prompt: PromptNames = NOTHING
    max_seconds: Annotated[float, Field(ge=1, le=600)] = 120.0
    silence: Annotated[float, Field(ge=1, le=30)] = 4.0
    min_seconds: Annotated[float, Field(ge=0.1, le=30)] = 1.0
    terminator: Key = "#"
    hung_up: Literal["keep", "discard"] = "keep"
    review: Review | None = None
    then: str
    silent: str
    failed: str

    @abstractmethod
    def mailbox_for(self, turn: Turn) -> Mailbox | None:
        """Who is to hear the message."""

    @abstractmethod
    def kept(self, message: MessageKept) -> GoTo:
        """Where a caller goes whose message is kept."""

    def step(self, turn: Turn) -> Step:
        if not turn.asked and self.prompt:
            return Say(spoken(self.prompt, turn), barge_in=True, node=turn.node)
        match turn.answer:
            case Recorded() if self.review is None or turn.asked >= MOST_STEPS:
                return KeepMessage(node=turn.node)
            case Recorded():
                return PlayMessage(node=turn.node)
            case MessagePlayed() if self.review is not None:
                return self._ask(self.review, self.review.prompt, turn)
            case Digits() | NoInput() as answer if self.review is not None:
                return self._reviewed(self.review, answer, turn)
            case MessageKept() as message:
                return self.kept(message)
            case MessageDropped(then):
                return GoTo(then)
            case NotRecorded("silent"):
                return GoTo(self.silent)
            case NotRecorded():
                return GoTo(self.failed)
            case _:
                return self._record(turn)

    def _record(self, turn: Turn) -> Record:
        return Record(
            max_seconds=self.max_seconds,
            silence=self.silence,
            min_seconds=self.min_seconds,
            terminator=self.terminator,
            kept_if_hung_up=self.hung_up == "keep",
            mailbox=self.mailbox_for(turn),
            node=turn.node,
        )

    def _ask(self, review: Review, names: PromptNames, turn: Turn) -> Ask:
        return Ask(spoken(names, turn), timeout=review.timeout, node=turn.node)

    def _reviewed(self, review: Review, answer: Digits | NoInput, turn: Turn) -> Step:
        key = answer.keys if isinstance(answer, Digits) else review.keep
        if key == review.discard or key in review.choices:
            then = review.choices.get(key, review.discarded)
            return DropMessage(then, node=turn.node)
        if key == review.keep or turn.asked >= MOST_STEPS:
            return KeepMessage(node=turn.node)
        if key != review.again:
            return self._ask(review, [*review.invalid, *review.prompt], turn)
        if self.prompt:
            return Say(spoken(self.prompt, turn), barge_in=True, node=turn.node)
        return self._record(turn)

    def routes(self) -> Iterator[Route]:
        yield Route(("then",), self.then, pressed=False)
        yield Route(("silent",), self.silent, pressed=False)
        yield Route(("failed",), self.failed, pressed=False)
        if self.review is not None:
            yield Route(("review", "discarded"), self.review.discarded, True, self.review.discard)
            for key, target in self.review.choices.items():
                yield Route(("review", "choices", key), target, True, key)

    def prompts(self) -> Iterator[tuple[Place, PromptName]]:
        yield from placed("prompt", self.prompt)
        if self.review is not None:
            for place, prompt in placed("prompt", self.review.prompt):
                yield ("review", *place), prompt
            for place, prompt in placed("invalid", self.review.invalid):
                yield ("review", *place), prompt

    def ways_by(self, key: str) -> KeyWays | None:
        if self.review is None:
            return None
        target = self.review.choices.get(key)
        missing = f"key {key} does not lead to a person"
        return KeyWays(("review", "choices"), [] if target is None else [target], missing)


class RecordMessage(_Message):
    """Keeps what the caller says as a recording of this call's contact, and its id as a value."""

    type: Literal["record"] = "record"
    keep: Name

    def mailbox_for(self, turn: Turn) -> Mailbox | None:
        return None

    def kept(self, message: MessageKept) -> GoTo:
        return GoTo(self.then, learnt={self.keep: message.message_id})

    def learns(self) -> Iterator[Learnt]:
        yield Learnt(("keep",), self.keep, optional=True)


class Voicemail(_Message):
    """
    Has the agents of a queue listen to what the caller says: a contact that waits there for one.

    It has waited since the call began. ``attributes`` join what was collected.
    """

    reaches_person: ClassVar[bool] = True

    type: Literal["voicemail"] = "voicemail"
    mailbox: Annotated[str, Field(min_length=1)]  # a queue
    subject: Annotated[str, Field(max_length=200)] = ""
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    attributes: Mapping[Name, str] = {}

    def mailbox_for(self, turn: Turn) -> Mailbox | None:
        return Mailbox(
            self.mailbox,
            filled(self.subject, turn.values),
            self.priority,
            {name: filled(text, turn.values) for name, text in self.attributes.items()},
        )

    def kept(self, message: MessageKept) -> GoTo:
        return GoTo(self.then)

    def queues(self) -> Iterator[tuple[Place, str]]:
        yield ("mailbox",), self.mailbox

    def reads(self) -> Iterator[Read]:
        yield from (Read(("subject",), found.name) for found in placeholders(self.subject))
        for name, text in self.attributes.items():
            yield from (Read(("attributes", name), found.name) for found in placeholders(text))
