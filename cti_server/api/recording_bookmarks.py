"""Bookmarks: places of recordings with what somebody noted there, for themselves or for others."""

import math
from collections.abc import Sequence

from aiohttp import web

from crm.errors import InvalidField, NotNow
from cti_server.store.recording_bookmarks import RecordingBookmark, RecordingBookmarks
from cti_server.store.recording_edits import RecordingEdits
from cti_server.store.recordings import STORED, Recording, Recordings
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.recording_bookmarks import (
    BookmarkChange,
    BookmarkText,
    BookmarkView,
    BookmarkWanted,
)
from recording.capture import SAMPLE_RATE
from recording.edits import PER_MS, Piece, heard_at, pieces

from .editing import editing
from .parameters import VERSION, version_to_delete
from .parts import identity, parts
from .problems import NotFound
from .recording_hearing import listed_recording, need_to_hear
from .routing import Routes, answer, answer_many, read

routes = Routes()

MOST = 500
"""So many bookmarks are in a recording."""
_PATH = "/api/v1/recordings/{recording_id}/bookmarks"
_ONE = f"{_PATH}/{{bookmark_id}}"
_READ, _MARK = ("recordings.read",), ("recordings.play",)
_RECORD = RecordingBookmark.__tablename__


@routes.add("GET", _PATH, needs=_READ, answers=BookmarkView, many=True)
async def bookmarks(request: web.Request) -> web.Response:
    """One's own and the shared ones, in the recording's order."""
    recording = await listed_recording(request)
    async with parts(request).database.readers() as session:
        found = await RecordingBookmarks(session).seen_by(identity(request).agent_id, recording.id)
    heard = await _heard(request, recording)
    return answer_many([_view(each, heard) for each in found])


@routes.add("POST", _PATH, needs=_MARK, body=BookmarkWanted, answers=BookmarkView, status=201)
async def add_bookmark(request: web.Request) -> web.Response:
    """Mark a place, or a stretch, of a recording that one may hear."""
    wanted = await read(request, BookmarkWanted)
    recording = await _to_mark(request)
    from_ms, to_ms = _span(wanted, recording)
    async with editing(request) as edit:
        await _need_stored(edit, recording.id)
        stored = RecordingBookmarks(edit.session)
        if await stored.count_in(recording.id) >= MOST:
            raise NotNow(f"the recording has {MOST} bookmarks; delete one of them")
        made = RecordingBookmark(
            id=edit.new_id(),
            recording_id=recording.id,
            from_ms=from_ms,
            to_ms=to_ms,
            text_zh=wanted.text.zh,
            text_en=wanted.text.en,
            shared=wanted.shared,
            made_by=identity(request).agent_id,
            created_at=edit.now,
            updated_at=edit.now,
        )
        stored.add(made)
        await edit.session.flush()
        edit.change.record(_RECORD, made.id, "created")
    return answer(_view(made, await _heard(request, recording)), 201)


@routes.add("PUT", _ONE, needs=_MARK, body=BookmarkChange, answers=BookmarkView)
async def change_bookmark(request: web.Request) -> web.Response:
    """Say anew where it is, what is noted and for whom; who made it may."""
    wanted = await read(request, BookmarkChange)
    recording = await _to_mark(request)
    from_ms, to_ms = _span(wanted, recording)
    async with editing(request) as edit:
        await _need_stored(edit, recording.id)
        bookmark = await _need(edit, request, recording.id)
        if bookmark.made_by != identity(request).agent_id:
            raise NotFound(_RECORD, bookmark.id)
        check_version(bookmark, wanted.version)
        bookmark.from_ms, bookmark.to_ms = from_ms, to_ms
        bookmark.text_zh, bookmark.text_en = wanted.text.zh, wanted.text.en
        bookmark.shared, bookmark.updated_at = wanted.shared, edit.now
        await edit.session.flush()
        edit.change.record(
            _RECORD, bookmark.id, "updated", fields=wanted.model_fields_set - {"version"}
        )
    return answer(_view(bookmark, await _heard(request, recording)))


@routes.add("DELETE", _ONE, needs=_READ, query=(VERSION,), status=204)
async def delete_bookmark(request: web.Request) -> web.Response:
    """Remove one of one's own; of the shared ones who manages users may remove any."""
    version, who = version_to_delete(request), identity(request)
    recording = await listed_recording(request)
    async with editing(request) as edit:
        bookmark = await _need(edit, request, recording.id)
        shared = bookmark.shared and who.may("users.manage")
        if bookmark.made_by != who.agent_id and not shared:
            raise NotFound(_RECORD, bookmark.id)
        check_version(bookmark, version)
        await edit.session.delete(bookmark)
        edit.change.record(_RECORD, bookmark.id, "deleted")
    return web.Response(status=204)


async def _to_mark(request: web.Request) -> Recording:
    recording = await listed_recording(request)
    await need_to_hear(request, recording)
    if recording.state != STORED:
        raise NotFound("recording", recording.id)
    return recording


async def _need_stored(edit: Edit, recording_id: str) -> None:
    """Whoever erases it meanwhile waits: nothing is noted of one that is gone."""
    now = await Recordings(edit.session).get(recording_id, locked=True)
    if now is None or now.state != STORED:
        raise NotFound("recording", recording_id)


async def _need(edit: Edit, request: web.Request, recording_id: str) -> RecordingBookmark:
    """Raises UnknownRecord."""
    bookmark_id = request.match_info["bookmark_id"]
    return await RecordingBookmarks(edit.session).need(recording_id, bookmark_id)


def _span(wanted: BookmarkWanted, recording: Recording) -> tuple[int, int]:
    """Raises InvalidField."""
    to_ms = wanted.from_ms if wanted.to_ms is None else wanted.to_ms
    length = math.ceil((recording.duration or 0) * 1000)
    if to_ms < wanted.from_ms:
        raise InvalidField("to_ms", "must not be earlier than from_ms")
    if to_ms > length:
        named = "from_ms" if wanted.to_ms is None else "to_ms"
        raise InvalidField(named, f"the recording ends at {length}")
    return wanted.from_ms, to_ms


async def _heard(request: web.Request, recording: Recording) -> Sequence[Piece]:
    async with parts(request).database.readers() as session:
        edit = await RecordingEdits(session).latest(recording.id)
    samples = round((recording.duration or 0) * SAMPLE_RATE)
    return pieces(() if edit is None else edit.spans, samples)


def _view(bookmark: RecordingBookmark, heard: Sequence[Piece]) -> BookmarkView:
    return BookmarkView(
        id=bookmark.id,
        recording_id=bookmark.recording_id,
        version=bookmark.version,
        from_ms=bookmark.from_ms,
        to_ms=bookmark.to_ms,
        heard_from_ms=heard_at(heard, bookmark.from_ms * PER_MS) // PER_MS,
        heard_to_ms=heard_at(heard, bookmark.to_ms * PER_MS) // PER_MS,
        text=BookmarkText(zh=bookmark.text_zh, en=bookmark.text_en),
        shared=bookmark.shared,
        made_by=bookmark.made_by,
        created_at=bookmark.created_at,
        updated_at=bookmark.updated_at,
    )
