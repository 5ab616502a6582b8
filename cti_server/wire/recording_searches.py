"""Saved searches of recordings: what a client may send, and what it gets."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from recording.search import RecordingSearch

from .resource import Line, Page, Resource, Version

_Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=50)]


class RecordingSearchWanted(Resource):
    """
    A search under a name. ``days``: of the last so many days, whenever it is run.

    It is offered to who has one of the ``roles``, or may list recordings of one of the ``queues``;
    without them it is one's own. Whoever runs it finds what they may see themselves.
    """

    name: Line
    search: RecordingSearch
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    roles: _Names = Field(default_factory=list)
    queues: _Names = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_beginning(self) -> Self:
        if self.days is not None and (self.search.since or self.search.before):
            raise ValueError("days: say either this or search.since and search.before")
        return self


class RecordingSearchChange(RecordingSearchWanted):
    """All of it anew."""

    version: Version


class RecordingSearchView(Resource):
    """
    ``search`` is as it was saved, which need not be a search any more: running it says so.

    A customer's number is masked for who may not see it.
    """

    id: str
    version: int
    name: str
    search: dict[str, Any]
    days: int | None
    roles: list[str]
    queues: list[str]
    owner_id: str
    created_at: datetime
    updated_at: datetime


class RecordingSearchPage(Page[RecordingSearchView]):
    """Saved searches, by name."""
