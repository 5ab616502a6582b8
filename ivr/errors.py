"""What can be wrong with a flow."""

from collections.abc import Sequence
from dataclasses import dataclass


class IvrError(Exception):
    """Base of what this package raises."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a flow file, where its author can find it."""

    file: str
    line: int  # from 1
    node: str | None  # None where the fault is in no node
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        return where + (f"node '{self.node}': " if self.node else "") + self.message


class FlowInvalid(IvrError):
    """A flow file cannot be used; every problem that was found is told at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
