"""What every node is: the YAML schema of its type and its logic in one."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field, SecretStr, StringConstraints

from ivr.actions import Action, Answer, Prompt
from ivr.prompts import PromptName, Section

Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#A-D]$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Seconds = Annotated[float, Field(gt=0, le=120, allow_inf_nan=False)]

Place = tuple[str | int, ...]  # a path of keys inside a node, to find its line


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


class Node(Section, ABC):
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


def spoken(names: Sequence[PromptName], turn: Turn) -> tuple[Prompt, ...]:
    """In the caller's language, or the one that is pinned."""
    return tuple(name.spoken_in(turn.language) for name in names)


def placed(key: str, names: Sequence[PromptName]) -> Iterator[tuple[Place, PromptName]]:
    """Each with its place under the key."""
    for index, name in enumerate(names):
        yield (key, index), name
