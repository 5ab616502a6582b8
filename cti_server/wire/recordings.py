"""Recordings as they are found."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from recording.search import RecordingSearch

from .contacts import RecordingView
from .resource import Page, Resource, Version

_Queues = Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=200)]


class RecordingPage(Page[RecordingView]):
    """
    Recordings, the latest first. A page with a ``next`` may have fewer than were asked for.

    ``total``: how many there are, if that was asked; at least so many unless ``whole_total``.
    """

    total: int | None = None
    whole_total: bool | None = None


class RecordingRightEdit(Resource):
    """
    Of which queues recordings may be listed, played and exported; null: of every queue.

    What is not listed can be neither played nor exported. ``version``: the one that was read, where
    something was said before.
    """

    version: Version | None = None
    list: _Queues | None = None
    play: _Queues | None = None
    export: _Queues | None = None


class RecordingRightView(Resource):
    """``holder``: "role:supervisor", "user:zhao" or "key:…"."""

    holder: str
    version: int
    list: _Queues | None
    play: _Queues | None
    export: _Queues | None
    updated_at: datetime


class RecordingExportCreate(Resource):
    """
    The recordings that are meant, the latest first: as a table ("csv"), or their sounds ("zip").

    ``byte_order_mark``: Excel reads a CSV file in UTF-8 by it.
    """

    format: Literal["csv", "zip"]
    search: RecordingSearch
    byte_order_mark: bool = True


class RecordingExportView(Resource):
    """
    An export. ``recordings``: sent whole; ``size``: bytes of their sound.

    ``asked``: the names of what was searched by. "cancelled": who asked went away; "broken_off": it
    failed, or the server ended.
    """

    id: str
    format: str
    state: Literal["running", "done", "cancelled", "broken_off"]
    asked: list[str]
    recordings: int
    size: int
    created_by: str
    created_at: datetime
    ended_at: datetime | None


class RecordingExportPage(Page[RecordingExportView]):
    """Exports of recordings, the newest first."""


class AudioTicketView(Resource):
    """
    ``url`` is for an ``<audio>`` element as it is (its origin is the API's), with ``follow``,
    ``from_ms``, ``original`` and ``format`` as query, if wanted; no header is needed.

    It holds until ``expires_at``, and no longer than the session: ask for another one then.
    """

    url: str
    expires_at: datetime
