"""A flow: the menu tree as data."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, PrivateAttr, field_validator

from .nodes import AnyNode, Key, Name, Place, Word
from .prompts import Language, PromptSource, Section

VARIABLES = frozenset({"caller_number", "dialled_number", "original_number"})
"""What a walk is told about its call, and texts may show as ``{name}``."""


class Flow(Section):
    """
    Prompts, and nodes that lead to one another from ``start``.

    The first language is the one that a call begins in. Where ``person_key`` is set, that key
    leads to a person in every menu (the checker sees to it).
    """

    name: Word
    start: str
    languages: Annotated[list[Language], Field(min_length=1)]
    person_key: Key | None = None
    prompts: Mapping[Name, Mapping[Language, PromptSource]] = {}
    nodes: Annotated[Mapping[Name, AnyNode], Field(min_length=1)]

    _file: str = PrivateAttr(default="")
    _lines: dict[Place, int] = PrivateAttr(default_factory=dict)

    @field_validator("languages")
    @classmethod
    def _each_once(cls, languages: list[str]) -> list[str]:
        if len(set(languages)) < len(languages):
            raise ValueError("names a language twice")
        return languages

    def came_from(self, file: str, lines: dict[Place, int]) -> None:
        """Remember where the flow was written, so that problems can say it."""
        self._file, self._lines = file, lines

    @property
    def file(self) -> str:
        return self._file

    def line(self, *place: str | int) -> int:
        """The line of that key, or of the nearest one around it; 1 if nobody knows."""
        return line_of(self._lines, place)


def line_of(lines: dict[Place, int], place: Place) -> int:
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)
