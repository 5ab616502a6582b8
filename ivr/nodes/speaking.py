"""A node that asks for words, or for keys instead of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal

from pydantic import Field, PrivateAttr, StringConstraints, model_validator

from ivr.actions import Ask, Digits, Prompt, Spoken
from ivr.prompts import Language, PromptName, Section, SomePromptNames
from ivr.vocabulary import Vocabulary

from .asking import Question
from .node import GoTo, Key, KeyWays, Option, Phrase, Place, Route, Step, Turn, Word, placed, spoken

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Phrases = Annotated[Sequence[Said], Field(min_length=1, max_length=20)]

YES: Final = "yes"
NO: Final = "no"
YES_OR_NO: Final[Mapping[str, Vocabulary]] = {
    "zh": Vocabulary("zh", ((YES, "对"), (YES, "是的"), (YES, "对的"), (NO, "不对"), (NO, "不是"))),
    "en": Vocabulary("en", ((YES, "yes"), (YES, "yes please"), (NO, "no"), (NO, "no thanks"))),
}
"""What is understood where it is asked whether it was meant, by primary language."""


class SpokenChoice(Section):
    """Where a phrase leads, and the key that does the same."""

    go_to: str
    phrases: Annotated[Mapping[Language, Phrases], Field(min_length=1)]
    confirm: SomePromptNames  # "did you mean …? Say yes or press 1", where it is not sure
    key: Key | None = None
    language: Language | None = None  # the caller's language from now on


class Speech(Question):
    """
    Asks what the caller wants, who says it or presses a key.

    What was understood for certain is followed at once. What was so perhaps is asked about: only
    a clear yes, or ``yes_key``, leads there; everything else asks the question anew. Confirmations
    count among the ``attempts``, and one that is due is always asked.
    """

    type: Literal["speech"] = "speech"
    choices: Annotated[Mapping[Word, SpokenChoice], Field(min_length=1, max_length=40)]
    yes_key: Key = "1"
    no_key: Key = "2"

    _vocabularies: dict[str, Vocabulary] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Speech":
        keys = [choice.key for choice in self.choices.values() if choice.key is not None]
        if doubled := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"key '{doubled[0]}' stands for two choices")
        if self.yes_key == self.no_key:
            raise ValueError("yes_key and no_key are the same")
        for language in {phrase.language for phrase in self.phrases()}:
            said = [(one.label, one.text) for one in self.phrases() if one.language == language]
            self._vocabularies[language] = Vocabulary(language, tuple(said))
        return self

    def step(self, turn: Turn) -> Step:
        if isinstance(turn.action, Ask) and (label := turn.action.confirms) is not None:
            return self._confirmed(turn, label)
        match turn.answer:
            case Spoken(label, sure=True):
                return self._way(label)
            case Spoken(label):
                return self._confirm(turn, label)
        return super().step(turn)

    def accept(self, keys: str) -> GoTo | None:
        labels = [label for label, choice in self.choices.items() if choice.key == keys]
        return self._way(labels[0]) if labels else None

    def options(self, language: str) -> Iterator[Option]:
        if self.labels:
            yield from super().options(language)
            return
        for choice in self.choices.values():
            if phrases := choice.phrases.get(language):
                yield Option(choice.key or phrases[0], phrases[0])

    def ask(self, prompts: tuple[Prompt, ...], turn: Turn) -> Ask:
        return Ask(
            prompts,
            timeout=self.timeout,
            barge_in=self.barge_in,
            vocabulary=self._vocabularies.get(turn.language),
            node=turn.node,
        )

    def _way(self, label: str) -> GoTo:
        choice = self.choices[label]
        return GoTo(choice.go_to, choice.language, way=choice.key or f"choices.{label}")

    def _confirm(self, turn: Turn, label: str) -> Ask:
        return Ask(
            spoken(self.choices[label].confirm, turn),
            timeout=self.timeout,
            barge_in=self.barge_in,
            vocabulary=YES_OR_NO.get(turn.language.partition("-")[0]),
            confirms=label,
            node=turn.node,
        )

    def _confirmed(self, turn: Turn, label: str) -> Step:
        match turn.answer:
            case Digits(keys) if keys == self.yes_key:
                return self._way(label)
            case Spoken(said, sure=True) if said == YES:
                return self._way(label)
            case Digits(keys) if keys != self.no_key and (way := self.accept(keys)) is not None:
                return way
            case _:
                return self._again(turn)

    def _again(self, turn: Turn) -> Step:
        """Without a word of what went wrong: the caller has just been asked about it."""
        if turn.asked >= self.attempts:
            return GoTo(self.otherwise, way="otherwise")
        return self.ask(spoken(self.retry or self.prompt, turn), turn)

    def routes(self) -> Iterator[Route]:
        for label, choice in self.choices.items():
            yield Route(("choices", label), choice.go_to, True, choice.key, choice.language)
        yield from super().routes()

    def prompts(self) -> Iterator[tuple[Place, PromptName]]:
        yield from super().prompts()
        for label, choice in self.choices.items():
            for place, prompt in placed("confirm", choice.confirm):
                yield ("choices", label, *place), prompt

    def languages(self) -> Iterator[tuple[Place, str]]:
        yield from super().languages()
        for label, choice in self.choices.items():
            for language in choice.phrases:
                yield ("choices", label, "phrases", language), language

    def phrases(self) -> Iterator[Phrase]:
        for label, choice in self.choices.items():
            for language, texts in choice.phrases.items():
                for index, text in enumerate(texts):
                    place: Place = ("choices", label, "phrases", language, index)
                    yield Phrase(place, label, language, text)

    def ways_by(self, key: str) -> KeyWays:
        targets = [choice.go_to for choice in self.choices.values() if choice.key == key]
        return KeyWays(("choices",), targets, f"key {key} does not lead to a person")
