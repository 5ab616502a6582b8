"""A flow: the menu tree as data."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field, PrivateAttr, field_validator, model_validator

from .nodes import AnyNode, Key, Name, Opening, Place, Through, Word
from .prompts import Language, PromptSource, Section

VARIABLES = frozenset({"caller_number", "dialled_number", "original_number"})
"""What a walk is told about its call, and texts may show as ``{name}``."""


class Flow(Section):
    """
    Prompts, and nodes that lead to one another from ``start``.

    The first language is the one that a call begins in. Where ``person_key`` is set, that key
    leads to a person in every menu (the checker sees to it). A flow that others walk through says
    which of their values it ``takes``. Whoever has been served already, and walks through one
    ``after_service``, needs no way to a person.
    """

    name: Word
    start: str
    languages: Annotated[list[Language], Field(min_length=1)]
    person_key: Key | None = None
    takes: Sequence[Name] = ()
    after_service: bool = False
    prompts: Mapping[Name, Mapping[Language, PromptSource]] = {}
    nodes: Annotated[Mapping[Name, AnyNode], Field(min_length=1)]

    _file: str = PrivateAttr(default="")
    _lines: dict[Place, int] = PrivateAttr(default_factory=dict)
    _parts: dict[str, "Flow"] = PrivateAttr(default_factory=dict)
    _slots: dict[tuple[str, str], tuple[str, ...]] = PrivateAttr(default_factory=dict)
    _version: int | None = PrivateAttr(default=None)
    _edition: str = PrivateAttr(default="")

    @field_validator("languages")
    @classmethod
    def _each_once(cls, languages: list[str]) -> list[str]:
        if len(set(languages)) < len(languages):
            raise ValueError("names a language twice")
        return languages

    @model_validator(mode="after")
    def _what_prompts_ask_for(self) -> "Flow":
        self._slots = {
            (name, language): tuple(slot.name for slot in source.slots)
            for name, by_language in self.prompts.items()
            for language, source in by_language.items()
            if source.slots
        }
        return self

    @property
    def places(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """The names of the values that a prompt's text asks for; only prompts that do."""
        return self._slots

    @property
    def is_part(self) -> bool:
        """Whether others walk through it: it ends in going back to them, in their language."""
        return any(node.leads_on for node in self.nodes.values())

    @property
    def named_parts(self) -> set[str]:
        """The flows that this one walks through, as its nodes name them."""
        return {node.flow for node in self.nodes.values() if isinstance(node, Through)}

    @property
    def parts(self) -> Mapping[str, "Flow"]:
        """The same, as they were found."""
        return self._parts

    def whole(self) -> Iterator["Flow"]:
        """This flow and all that a caller may walk through within it; one may come twice."""
        yield self
        for part in self._parts.values():
            yield from part.whole()

    def published_as(self, version: int, whole: str | None = None) -> None:
        """
        It is this version, never to be changed, and so are its parts.

        ``whole``: the flow that it is a part of.
        """
        self._version = version
        self._edition = f"{whole or self.name}@{version}/{self.name}"
        for part in self._parts.values():
            part.published_as(version, whole or self.name)

    @property
    def version(self) -> int | None:
        """As which it, or the flow that it is a part of, was published; None if it was not."""
        return self._version

    @property
    def edition(self) -> str:
        """What tells it from its other versions, and a part from the same part elsewhere."""
        return self._edition or self.name

    @property
    def calendars(self) -> set[str]:
        """The ids of the working calendars that its nodes, without those of parts, look at."""
        return {node.calendar for node in self.nodes.values() if isinstance(node, Opening)}

    def walks_through(self, parts: Mapping[str, "Flow"]) -> None:
        """Those that were found of :attr:`named_parts`."""
        self._parts = dict(parts)

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
