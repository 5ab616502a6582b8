"""What every node is: the YAML schema of its type and its logic in one."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

from pydantic import Field, SecretStr, StringConstraints

from ivr.actions import Action, Answer, Prompt
from ivr.prompts import PromptName, Section
from ivr.texts import Value

Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#A-D]$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Seconds = Annotated[float, Field(gt=0, le=120, allow_inf_nan=False)]

Place = tuple[str | int, ...]  # a path of keys inside a node, to find its line


class Turn(NamedTuple):
    """All that a node may know when it is its turn."""

    node: str  # the node's own name
    language: str
    asked: int  # how often it has acted since it was entered
    answer: Answer | None  # to its last action; None when it was just entered
    action: Action | None  # its last one; None when it was just entered
    values: Mapping[str, Value]  # for ``{name}`` in texts and expressions; nothing secret
    secrets: Mapping[str, SecretStr]  # for what other systems are asked with, and nothing else


@dataclass(frozen=True, slots=True)
class GoTo:
    """
    Enter that node, after keeping what was learnt on the way.

    What was ``collected`` from the caller is shown to the agent, unless it is a secret; what was
    ``learnt`` otherwise is the flow's own. ``fault``: what went wrong, for whoever runs the centre.
    ``way``: which of the node's routes this is, where several lead there. ``serves``: the caller
    has what some callers came for.
    """

    target: str
    language: str | None = None
    collected: Mapping[str, str | SecretStr] | None = None
    learnt: Mapping[str, Value] | None = None
    fault: str | None = None
    way: str | None = None
    serves: bool = False


@dataclass(frozen=True, slots=True)
class Into:
    """Walk through that other flow first, then enter the node ``then`` of this one."""

    flow: str
    then: str


@dataclass(frozen=True, slots=True)
class Back:
    """This flow is over for the one that it was walked through for."""


Step = Action | GoTo | Into | Back


@dataclass(frozen=True, slots=True)
class Route:
    """A way out of a node, for the checker and the picture."""

    place: Place
    target: str
    pressed: bool  # the caller has to press something to go there
    key: str | None = None
    language: str | None = None
    at_once: bool = False  # where the node might have kept the caller, it may not even for a moment

    @property
    def name(self) -> str:
        """What it is called in figures and pictures: its key, or where it is written."""
        return self.key or ".".join(str(one) for one in self.place if one != "go_to")


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a caller may say, and what it stands for."""

    place: Place
    label: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Learnt:
    """A value that is known once the node is left."""

    place: Place
    name: str
    secret: bool = False
    shown: bool = False  # to the agent
    optional: bool = False  # comes along, whether anybody reads it or not


@dataclass(frozen=True, slots=True)
class Read:
    """A value that the node's texts or expressions ask for."""

    place: Place
    name: str
    may_be_secret: bool = False


@dataclass(frozen=True, slots=True)
class KeyWays:
    """Where a key may lead; ``missing`` says what is wrong if none of them is the right one."""

    place: Place
    targets: Sequence[str]
    missing: str


class Option(NamedTuple):
    """An answer that may be chosen, and what it is called where it is read."""

    answer: str
    label: str


class Node(Section, ABC):
    """Knows nothing of its neighbours, and keeps nothing: a :class:`Turn` is all that it sees."""

    reaches_person: ClassVar[bool] = False
    leads_on: ClassVar[bool] = False  # to the flow around this one
    asks: ClassVar[bool] = False

    @abstractmethod
    def step(self, turn: Turn) -> Step:
        """What to do for the caller now."""

    def routes(self) -> Iterator[Route]:
        """The nodes that may come next."""
        yield from ()

    @property
    def may_end(self) -> bool:
        """Whether a caller who comes here may be out of the flow for good."""
        return not any(self.routes())

    def prompts(self) -> Iterator[tuple[Place, PromptName]]:
        """The prompts that it may play."""
        yield from ()

    def languages(self) -> Iterator[tuple[Place, str]]:
        """The languages that it names, beside those of its routes and prompts."""
        yield from ()

    def queues(self) -> Iterator[tuple[Place, str]]:
        """The queues that it names."""
        yield from ()

    def phrases(self) -> Iterator[Phrase]:
        """What callers may say."""
        yield from ()

    def options(self, language: str) -> Iterator[Option]:
        """What is offered to a customer who reads the question."""
        yield from ()

    def learns(self) -> Iterator[Learnt]:
        """The values that come of it."""
        yield from ()

    def reads(self) -> Iterator[Read]:
        """The values that it asks for; a secret only where it goes to no person."""
        yield from ()

    def ways_by(self, key: str) -> KeyWays | None:
        """Where whoever presses that key may get; None where no key is asked for."""
        return None


def spoken(names: Sequence[PromptName], turn: Turn) -> tuple[Prompt, ...]:
    """In the caller's language, or the one that is pinned."""
    return tuple(name.spoken_in(turn.language) for name in names)


def placed(key: str, names: Sequence[PromptName]) -> Iterator[tuple[Place, PromptName]]:
    """Each with its place under the key."""
    for index, name in enumerate(names):
        yield (key, index), name
