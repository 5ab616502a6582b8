"""What the numbers that callers dial lead to."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .section import Section

WITHHELD = "withheld"
Prefix = Annotated[str, Field(pattern=r"^\+?[0-9]{1,15}$")]


class Destination(Section):
    """Where a call is led: a flow or, without a menu, a queue."""

    flow: str | None = None
    queue: str | None = None
    language: str | None = Field(
        default=None, description="Of a queue without a menu; a flow begins in its own first one."
    )
    fax: bool = Field(
        default=False, description="A fax machine answers; the queue's agents get what comes."
    )

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if (self.flow is None) == (self.queue is None):
            raise ValueError("a number needs a flow or a queue, and not both")
        if self.flow is not None and self.language is not None:
            raise ValueError("a flow begins in its own first language; leave language out")
        if self.fax and self.queue is None:
            raise ValueError("fax needs a queue, whose agents get what comes")
        return self


class RuleSettings(Destination):
    """Where a call to a number is led if all that is said here is so."""

    caller: Prefix | Literal["withheld"] | None = Field(
        default=None, description="What the caller's number begins with, +86755 for instance."
    )
    original: Prefix | None = Field(
        default=None, description="What the number begins with that was dialled at first."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.caller is None and self.original is None:
            raise ValueError("a rule needs caller or original")
        return self


class NumberSettings(Destination):
    """What a dialled number leads to."""

    when: tuple[RuleSettings, ...] = Field(
        default=(), description="By who calls or what was dialled at first; the first that fits."
    )

    @property
    def destinations(self) -> tuple[Destination, ...]:
        """Everything that it may lead to."""
        return (self, *self.when)
