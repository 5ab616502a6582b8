"""What the REST resources are made of: the base, and the texts that a client may send."""

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)

R = TypeVar("R", bound="Resource")

LARGEST_NUMBER = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly (RFC 8259 §6)."""


class Resource(BaseModel):
    """What a client may send, or gets: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Page(Resource, Generic[R]):
    """
    Some of a list, and where it goes on: ``next`` is the ``after`` of the following request.

    A subclass per resource names it on the OpenAPI page.
    """

    items: list[R]
    next: str | None = None


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has characters that cannot be printed")
    return text


def printable_lines(text: str) -> str:
    if not all(c.isprintable() or c in "\r\n\t" for c in text):
        raise ValueError("has characters that cannot be printed")
    return text


Identifier = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][\w.-]*$")]
"""An id, ours or another system's."""

Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]
"""A name from a list that is configured: a tier, a ticket's type, a field."""

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_one_line),
]
"""A name, a title: one line, at most 200 characters, all of which can be printed."""

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000),
    AfterValidator(printable_lines),
]
"""Some paragraphs."""

Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC)),
]
"""A moment with its offset, far enough from the ends of the calendar to reckon with."""

Version = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
"""The version that an edit is based on; another one meanwhile is a conflict (409)."""
