"""Marked places of recordings: what a client may send, and what it gets."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from .resource import Resource, Version, printable_lines

_Moment = Annotated[int, Field(ge=0, le=24 * 3600 * 1000)]
_Note = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
    AfterValidator(printable_lines),
]


class BookmarkText(Resource):
    """What is noted there, in Chinese, in English, or both."""

    zh: _Note | None = None
    en: _Note | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.zh is None and self.en is None:
            raise ValueError("say something in zh or en")
        return self


class BookmarkWanted(Resource):
    """
    From one moment of the recording up to another, in milliseconds of it as it was recorded.

    ``to_ms``: that moment alone if it is not given. ``shared``: others see it, too.
    """

    from_ms: _Moment
    to_ms: _Moment | None = None
    text: BookmarkText
    shared: bool = False


class BookmarkChange(BookmarkWanted):
    """All of it anew."""

    version: Version


class BookmarkView(Resource):
    """``heard_from_ms``, ``heard_to_ms``: where that is in what is heard of the recording now."""

    id: str
    recording_id: str
    version: int
    from_ms: int
    to_ms: int
    heard_from_ms: int
    heard_to_ms: int
    text: BookmarkText
    shared: bool
    made_by: str
    created_at: datetime
    updated_at: datetime
