"""
Journeys: what callers do and hear, written beside a flow (:mod:`.travelling` walks them).

One is a list of steps. At each the caller ``hears`` prompts, and where the flow asks, ``presses``
keys or says nothing; the last step says where the caller ends. Who reads instead ``types`` a line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError, model_validator

from .actions import Prompt
from .errors import FlowInvalid, Problem
from .faults import problem, refused
from .given import Given, several
from .model import line_of
from .nodes import Place
from .prompts import Language, PromptName, Section
from .source import Source, SourceInvalid, read
from .texts import written

Keys = Annotated[str, StringConstraints(pattern=r"^[0-9*#A-D]{0,64}$")]


class Heard(PromptName):
    """A prompt, with the values that are named, or else with any."""

    values: Sequence[str] | None = None

    def is_told(self, prompt: Prompt, language: str | None) -> bool:
        """Whether it is this prompt; in the ``language`` of the journey where it names no other."""
        spoken, values = self.language or language, [written(one) for one in prompt.values]
        return (
            self.name == prompt.name
            and spoken in (None, prompt.language)
            and (self.values is None or [*self.values] == values)
        )


class Words(Section):
    """What the caller says; not ``clear``: so that it is asked whether it was meant."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    clear: bool = True

    @model_validator(mode="before")
    @classmethod
    def _text_may_stand_alone(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value


class Step(Section):
    """
    What the caller hears, and then does; or where the caller goes, and ends unless they leave.

    With none of ``presses``, ``says`` and ``types`` a caller who is asked is silent. After the tone
    of a recording the caller ``records`` so many seconds, or ``says_nothing``. ``leaves``: the way
    back from a queue (a key, "closed", "full", "nobody", "waited"), or "failed", from a transfer.
    """

    hears: Annotated[Sequence[Heard], BeforeValidator(several)] = ()
    language: Language | None = None  # in which the caller hears this and what follows
    presses: Keys | None = None
    types: str | None = None  # who reads the question
    says: Words | None = None  # none of the phrases: it is not understood
    records: Annotated[float, Field(gt=0, le=3600)] | None = None
    says_nothing: Literal[True] | None = None
    queue: str | None = None
    transfer: str | None = None
    leaves: str | None = None
    hang_up: str | None = None
    attributes: Mapping[str, str] | None = None  # what the agent will be shown; all of it
    form: str | None = None  # what the agent will fill in

    @model_validator(mode="after")
    def _one_thing(self) -> "Step":
        ends = [self.queue, self.transfer, self.hang_up]
        others = [self.records, self.says_nothing, *ends]
        if bool(self.hears) + sum(one is not None for one in others) != 1:
            one_of = "'hears', 'records', 'says_nothing', 'queue', 'transfer', 'hang_up'"
            raise ValueError(f"give one of {one_of}")
        if self.presses is not None and not self.hears:
            raise ValueError("nobody presses keys where the flow ends, or into a recording")
        if self.says is not None and (not self.hears or self.presses is not None):
            raise ValueError("who 'says' something hears a question first, and presses no keys")
        if self.types is not None and (not self.hears or self.presses or self.says):
            raise ValueError("who 'types' something is asked first, and neither presses nor says")
        if self.attributes is not None and (self.hears or self.speaks):
            raise ValueError("'attributes' are told where the flow ends")
        if self.form is not None and self.queue is None:
            raise ValueError("'form' is said of a queue")
        if self.leaves is not None and self.queue is None and self.transfer is None:
            raise ValueError("'leaves' is said of a queue or a transfer")
        if self.leaves is not None and self.transfer is not None and self.leaves != "failed":
            raise ValueError("a transfer is left by 'failed'")
        return self

    @property
    def speaks(self) -> bool:
        """Into a recording, or not."""
        return self.records is not None or self.says_nothing is not None

    @property
    def ends(self) -> bool:
        return not self.hears and not self.speaks and self.leaves is None


class Journey(Section):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    language: Language | None = None  # in which the caller hears the flow at first; None: in any
    given: Given = Given()
    walk: Annotated[Sequence[Step], Field(min_length=1)]

    @model_validator(mode="after")
    def _ends_at_the_end(self) -> "Journey":
        if [step.ends for step in self.walk] != [False] * (len(self.walk) - 1) + [True]:
            raise ValueError("the last step, and no other, says where the caller ends")
        return self


class _Journeys(Section):
    journeys: Annotated[Sequence[Journey], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class JourneyBook:
    """The journeys of one file, and where they stand in it."""

    file: str
    journeys: Sequence[Journey]
    lines: Mapping[Place, int]

    def line(self, *place: str | int) -> int:
        return line_of(dict(self.lines), place)


def load_journeys(path: Path) -> JourneyBook:
    """Raises FlowInvalid, with every fault at its line."""
    try:
        source = read(path.read_text(encoding="utf-8-sig"))
    except SourceInvalid as error:
        raise FlowInvalid(
            [Problem(str(path), line, None, text) for line, text in error.faults]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise FlowInvalid([Problem(str(path), 1, None, f"cannot be read: {error}")]) from None
    return JourneyBook(str(path), _validated(path, source), source.lines)


def _validated(path: Path, source: Source) -> Sequence[Journey]:
    problems = [problem(str(path), *fault) for fault in source.faults]
    try:
        book = _Journeys.model_validate(source.data)
    except ValidationError as error:
        faulty = {place for _, place, _ in source.faults}
        problems += [one for one, at in refused(str(path), source, error) if at not in faulty]
    if problems:
        raise FlowInvalid(sorted(problems, key=lambda problem: problem.line))
    return book.journeys
