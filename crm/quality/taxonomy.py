"""The tree of errors: of which kind a fault is. Pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from crm.errors import InvalidField

DEEPEST = 4
"""Levels: more than so many nobody finds their way in."""


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of error, or a group of them; what is not ``active`` is chosen no more."""

    id: str
    parent_id: str | None
    active: bool


class Taxonomy:
    """All codes there are; their parents never change, so there is no ring in them."""

    def __init__(self, codes: Iterable[Code]) -> None:
        self._codes = {code.id: code for code in codes}
        self._groups = {code.parent_id for code in self._codes.values() if code.active}

    def check_parent(self, parent_id: str) -> None:
        """Raises InvalidField for what no further code can be put below."""
        path = [*self.path(parent_id)]
        if not path:
            raise InvalidField("parent_id", "there is no such code")
        if len(path) >= DEEPEST:
            raise InvalidField("parent_id", f"the tree is at most {DEEPEST} levels deep")

    def check_known(self, codes: Collection[str], field: str) -> None:
        """Raises InvalidField."""
        if unknown := sorted(set(codes) - self._codes.keys()):
            raise InvalidField(field, f"there is no error code {unknown[0]!r}")

    def check_choice(self, code_id: str, among: Collection[str], field: str) -> None:
        """Raises InvalidField for a code that a fault cannot be said to be."""
        code = self._codes.get(code_id)
        if code is None:
            raise InvalidField(field, "there is no such error code")
        if not code.active:
            raise InvalidField(field, "this error code is not in use any more")
        if code_id in self._groups:
            raise InvalidField(field, "this is a group of codes: choose one of them")
        if among and not set(among) & set(self.path(code_id)):
            raise InvalidField(field, "must be of " + ", ".join(sorted(among)))

    def path(self, code_id: str) -> Iterator[str]:
        """The code itself, then the groups that it is in, the nearest first."""
        at = self._codes.get(code_id)
        while at is not None:
            yield at.id
            at = None if at.parent_id is None else self._codes[at.parent_id]
