"""
A flow for who reads and types, instead of hearing and pressing keys: the same walk, in writing.

Pure. What is typed becomes the answer that the keys would have been; what is asked becomes a text
with the answers that can be chosen.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from .actions import (
    Answer,
    Ask,
    Digits,
    Enqueue,
    HangUp,
    NoInput,
    NotUnderstood,
    Prompt,
    Said,
    Say,
    Spoken,
    Transfer,
)
from .digits import KEYS
from .inquiries import AskSystem, Inquiry, LookUp
from .model import Flow
from .nodes import Option, Question
from .texts import Slot, Value, filled_in
from .walk import LOST, Walk

SayInWriting = Callable[[Value, Slot, str], str]
"""A value, the place that it is for, and the language: as people there write it."""

_BETWEEN_KEYS = str.maketrans("", "", " -")


@dataclass(frozen=True, slots=True)
class Asked:
    """
    The customer is to answer. ``open``: other answers than the ``options`` are right, too.

    ``text`` is the last of what there is to read; ``keys``: how many, at least and at most.
    """

    text: str
    options: Sequence[Option]
    open: bool
    secret: bool
    keys: tuple[int, int]
    ask: Ask = field(repr=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """What there is to read now, and what comes after it."""

    texts: Sequence[str]
    then: Asked | Inquiry | Enqueue | Transfer | HangUp


class Reader:
    """
    One customer who reads a flow. ``wish``: the language that they have named beforehand.

    Where a key stands for that language, it is as pressed, and nothing is read there.
    """

    def __init__(self, walk: Walk, say: SayInWriting, wish: str | None = None) -> None:
        self.walk = walk
        self._say = say
        self._wish = wish if wish in walk.whole.languages else None
        self._asked: Asked | None = None

    def advance(self, answer: Answer | None = None) -> Turn:
        """On from there, to what somebody else has to answer, or to the end."""
        texts: list[str] = []
        while True:
            action = self.walk.advance(answer)
            match action:
                case Say(prompts=prompts):
                    texts += self._read(prompts)
                    answer = Said()
                case Ask():
                    question = self.walk.flow.nodes[action.node]
                    if (key := self._names_the_wish(question)) is not None:
                        answer = Digits(key)
                        continue
                    text = _joined(self._read(action.prompts), self.walk.language)
                    texts += [text] if text else []
                    if isinstance(question, Question) and not question.wait_in_writing:
                        answer = NoInput()
                        continue
                    self._asked = asked_in_writing(self.walk, action, text)
                    return Turn(texts, self._asked)
                case AskSystem() | LookUp():
                    return Turn([*texts, *self._read(action.prompts)], action)
                case _:
                    return Turn(texts, action)

    def typed(self, line: str) -> Turn:
        """The same, after the customer has answered the question that was asked last."""
        if self._asked is None:
            raise RuntimeError("nothing was asked")
        asked, self._asked = self._asked, None
        return self.advance(answer_of(asked, line))

    def _names_the_wish(self, node: object) -> str | None:
        """The key of a question that stands for the language wished for."""
        if self._wish in (None, self.walk.language) or not isinstance(node, Question):
            return None
        keys = (route.key for route in node.routes() if route.language == self._wish)
        return next((key for key in keys if key is not None), None)

    def _read(self, prompts: Sequence[Prompt]) -> list[str]:
        return [
            text for prompt in prompts if (text := in_writing(self.walk.flow, prompt, self._say))
        ]


def asked_in_writing(walk: Walk, ask: Ask, text: str = "") -> Asked:
    """The question that the walk asks, as who reads ``text`` may answer it."""
    node = walk.flow.nodes[ask.node]
    return Asked(
        text,
        list(node.options(walk.language)),
        isinstance(node, Question) and node.takes_more,
        ask.secret,
        (ask.min_digits, ask.max_digits),
        ask,
    )


def in_writing(flow: Flow, prompt: Prompt, say: SayInWriting) -> str:
    """What a prompt of the flow is to who reads it; empty where nothing is."""
    source = flow.prompts[prompt.name][prompt.language]
    values = dict(zip((slot.name for slot in source.slots), prompt.values, strict=False))
    return filled_in(
        source.in_writing or "",
        lambda slot: say(values.get(slot.name, ""), slot, prompt.language),
    )


def answer_of(asked: Asked, line: str) -> Answer:
    """
    What was typed, as the keys that it stands for: an option by its label, or the keys themselves.

    Nothing is cut off: what is too long is wrong.
    """
    text = _plain(line)
    if not text:
        return NoInput()
    for option in asked.options:
        if text == _plain(option.label):
            text = _plain(option.answer)
            break
    if (vocabulary := asked.ask.vocabulary) is not None:
        for label, phrase in vocabulary.phrases:
            if text == _plain(phrase):
                return Spoken(label)
    keys = text.upper().translate(_BETWEEN_KEYS)
    if not keys or not set(keys) <= KEYS:
        return NotUnderstood()
    if asked.ask.terminator is not None and len(keys) > 1:
        keys = keys.removesuffix(asked.ask.terminator)
    return Digits(keys)


def ends_in_silence(walk: Walk) -> bool:
    """
    Whether the flow comes to an end of its own that serves, if nothing more is ever answered.

    Without a person, and with nothing done for the customer on the way: ``walk`` stays where it is.
    """
    ahead = walk.apart()
    answer: Answer = NoInput()
    while True:
        match ahead.advance(answer):
            case Say():
                answer = Said()
            case Ask():
                answer = NoInput()
            case HangUp(reason):
                return ahead.served and reason not in LOST
            case _:
                return False


def unreadable(flow: Flow) -> Iterator[tuple[str, str]]:
    """The prompts, by name and language, that can only be heard."""
    for name, by_language in flow.prompts.items():
        for language, source in by_language.items():
            if source.in_writing is None:
                yield name, language


def _plain(text: str) -> str:
    """As it is compared: full-width signs, capitals and spaces around make no difference."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _joined(texts: Sequence[str], language: str) -> str:
    return ("" if language.startswith("zh") else " ").join(texts)
