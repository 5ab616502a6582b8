"""Recordings that are heard as one: what a client may send, and what it gets."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from .resource import Identifier, Line, Page, Resource, Version

_Moment = Annotated[int, Field(ge=0, le=24 * 3600 * 1000)]


class MergePartWanted(Resource):
    """
    A recording, or a stretch of it in milliseconds of it as it was recorded.

    ``to_ms``: its end if it is not given.
    """

    recording_id: Identifier
    from_ms: _Moment = 0
    to_ms: _Moment | None = None


class MergeWanted(Resource):
    """What is heard one after the other: each as it is edited whenever that is."""

    name: Line
    parts: Annotated[list[MergePartWanted], Field(min_length=1, max_length=100)]


class MergeChange(MergeWanted):
    """All of it anew."""

    version: Version


class MergePartView(Resource):
    """``gone_at``: since when it is heard no more, because its recording was erased."""

    recording_id: str
    from_ms: int
    to_ms: int | None
    gone_at: datetime | None


class MergeView(Resource):
    """``name`` is empty where a recording of it was erased: it may have said whose that was."""

    id: str
    version: int
    name: str
    parts: list[MergePartView]
    audio: str
    made_by: str
    created_at: datetime
    updated_at: datetime


class MergePage(Page[MergeView]):
    """Recordings that are heard as one, the newest first."""
