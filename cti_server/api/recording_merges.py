"""Recordings merged: several of them, or stretches of them, heard and taken away as one."""

import hashlib
import math
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from aiohttp import ETag, web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import InvalidField
from cti_server.merged_sound import MergedSounds, Source
from cti_server.store.recording_edits import RecordingEdits
from cti_server.store.recording_merges import MergePart, RecordingMerge, RecordingMerges
from cti_server.store.recordings import STORED, Recording, Recordings
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.recording_merges import (
    MergeChange,
    MergePage,
    MergePartView,
    MergePartWanted,
    MergeView,
    MergeWanted,
)
from recording.errors import CaptureDamaged
from recording.merged_wav import MergedWav
from recording.search import LONGEST

from .editing import editing
from .four_eyes import of_merge
from .paging import PAGING, after, cursor, limit
from .parameters import VERSION, version_to_delete
from .parts import identity, parts
from .problems import BadRequest, NotFound
from .ranges import answer_part
from .recording_access import seen_by
from .recording_hearing import need_right, need_to_hear, tell_played
from .routing import Routes, answer, read
from .sending_exports import PURPOSE, Sent, send_away

routes = Routes()

_PATH = "/api/v1/recording-merges"
_ONE = f"{_PATH}/{{merge_id}}"
_READ, _EDIT = ("recordings.read",), ("recordings.edit",)
_RECORD = RecordingMerge.__tablename__


@routes.add("GET", _PATH, needs=_READ, answers=MergePage, query=PAGING)
async def recording_merges(request: web.Request) -> web.Response:
    """Those of whose recordings one may list every one, the newest first."""
    most, place = limit(request), after(request, tuple[datetime, str])
    async with parts(request).database.readers() as session:
        merges = RecordingMerges(session)
        found = await merges.page(most + 1, place, await seen_by(session, identity(request)))
        page = found[:most]
        named = await merges.parts_of([each.id for each in page])
    more = cursor(page[-1].created_at, page[-1].id) if len(found) > most else None
    return answer(MergePage(items=[_view(each, named[each.id]) for each in page], next=more))


@routes.add("POST", _PATH, needs=_EDIT, body=MergeWanted, answers=MergeView, status=201)
async def merge_recordings(request: web.Request) -> web.Response:
    """Name what is to be heard one after the other, of what one may hear; nothing is copied."""
    wanted = await read(request, MergeWanted)
    await _check(request, wanted.parts)
    async with editing(request) as edit:
        merge = RecordingMerge(
            id=edit.new_id(),
            name=wanted.name,
            made_by=identity(request).agent_id,
            created_at=edit.now,
            updated_at=edit.now,
        )
        RecordingMerges(edit.session).add(merge)
        await edit.session.flush()
        made = await _put(edit, merge, wanted.parts)
        edit.change.record(_RECORD, merge.id, "created")
    return answer(_view(merge, made), 201)


@routes.add("GET", _ONE, needs=_READ, answers=MergeView)
async def recording_merge(request: web.Request) -> web.Response:
    """Of which recordings it is, in which order, and which of them are gone."""
    async with parts(request).database.readers() as session:
        merge = await _need(session, request)
        named = await RecordingMerges(session).parts_of([merge.id])
    return answer(_view(merge, named[merge.id]))


@routes.add("PUT", _ONE, needs=_EDIT, body=MergeChange, answers=MergeView)
async def change_merge(request: web.Request) -> web.Response:
    """Name anew what is heard."""
    wanted = await read(request, MergeChange)
    await _check(request, wanted.parts)
    async with editing(request) as edit:
        merge = await _need(edit.session, request)
        check_version(merge, wanted.version)
        merge.name, merge.updated_at = wanted.name, edit.now
        made = await _put(edit, merge, wanted.parts)
        edit.change.record(_RECORD, merge.id, "updated", fields=["name", "parts"])
    return answer(_view(merge, made))


@routes.add("DELETE", _ONE, needs=_EDIT, query=(VERSION,), status=204)
async def delete_merge(request: web.Request) -> web.Response:
    """The recordings stay."""
    version = version_to_delete(request)
    async with editing(request) as edit:
        merge = await _need(edit.session, request)
        check_version(merge, version)
        await RecordingMerges(edit.session).remove(merge)
        edit.change.record(_RECORD, merge.id, "deleted")
    return web.Response(status=204)


@routes.add("GET", f"{_ONE}/audio", needs=("recordings.play",), media_type="audio/wav")
async def merged_audio(request: web.Request) -> web.StreamResponse:
    """All that is left of it as one WAV file, with ranges, for who may hear each recording."""
    _, sources = await _found(request)
    for source in sources:
        await need_to_hear(request, source.recording)
    sounds = MergedSounds(parts(request).edited_sounds, sources)
    wav = await _file(request, sounds)

    async def opened(start: int, end: int) -> AsyncIterator[bytes]:
        blocks = await sounds.open(wav, start, end)
        for source in {one.recording.id: one for one in sources}.values():
            tell_played(request, source.recording, _version(source))
        return blocks

    name = f"merge-{request.match_info['merge_id']}.wav"
    headers = {
        "Content-Type": "audio/wav",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return await answer_part(request, wav.size, ETag(_tag(sources)), headers, opened)


@routes.add("POST", f"{_ONE}/exports", needs=(PURPOSE,), media_type="audio/wav")
async def export_merge(request: web.Request) -> web.StreamResponse:
    """Take it away as one WAV file; the password is asked before, as for other exports."""
    here = parts(request)
    merge, sources = await _found(request)
    here.confirmations.need(identity(request), PURPOSE, here.clock.now())
    for source in sources:
        await need_right(request, source.recording, "export")
    sounds = MergedSounds(here.edited_sounds, sources)
    wav = await _file(request, sounds)
    recordings = {one.recording.id: one.recording for one in sources}
    _check_limits(request, len(recordings), wav.size)

    async def pieces(sent: Sent) -> AsyncIterator[bytes]:
        async for block in sounds.read(wav, 0, wav.size):
            yield block
        for recording in recordings.values():
            sent(recording)

    about = of_merge(merge.id, merge.version)
    return await send_away(request, "wav", ["merge"], pieces, about=about)


def _check_limits(request: web.Request, recordings: int, size: int) -> None:
    """Raises BadRequest, as for any other export that is too much."""
    protection = parts(request).recording.protection
    if recordings > protection.export_recordings:
        raise BadRequest(
            f"parts: are of more than {protection.export_recordings} recordings "
            "(recording.protection.export_recordings); export fewer at a time"
        )
    if size > protection.export_bytes:
        raise BadRequest(
            f"parts: are more than {protection.export_bytes} bytes of sound "
            "(recording.protection.export_bytes); export less at a time"
        )


async def _need(session: AsyncSession, request: web.Request) -> RecordingMerge:
    """Raises UnknownRecord, also where they may not list one of its recordings."""
    seen = await seen_by(session, identity(request))
    return await RecordingMerges(session).need(request.match_info["merge_id"], seen)


async def _check(request: web.Request, wanted: Sequence[MergePartWanted]) -> None:
    """Raises InvalidField, and what hinders them from hearing one of the recordings."""
    ids = [each.recording_id for each in wanted]
    async with parts(request).database.readers() as session:
        seen = await seen_by(session, identity(request))
        found = {one.id: one for one in await Recordings(session).in_order(ids, seen)}
    total = 0
    for number, part in enumerate(wanted):
        recording = found.get(part.recording_id)
        if recording is None or recording.state != STORED:
            raise InvalidField(f"parts.{number}.recording_id", "there is no such recording")
        await need_to_hear(request, recording)
        length = math.ceil((recording.duration or 0) * 1000)
        end = length if part.to_ms is None else part.to_ms
        if end > length:
            raise InvalidField(f"parts.{number}.to_ms", f"the recording ends at {length}")
        if part.from_ms >= end:
            raise InvalidField(f"parts.{number}.from_ms", "must be earlier than where it ends")
        total += end - part.from_ms
    if total > LONGEST * 1000:
        raise InvalidField("parts", f"longer than {LONGEST:.0f} seconds together")


async def _put(
    edit: Edit, merge: RecordingMerge, wanted: Sequence[MergePartWanted]
) -> Sequence[MergePart]:
    """Whoever erases one of them meanwhile waits: none that is gone comes in."""
    for recording_id in sorted({each.recording_id for each in wanted}):
        now = await Recordings(edit.session).get(recording_id, locked=True)
        if now is None or now.state != STORED:
            raise NotFound("recording", recording_id)
    made = [
        MergePart(
            merge_id=merge.id,
            position=position,
            recording_id=each.recording_id,
            from_ms=each.from_ms,
            to_ms=each.to_ms,
        )
        for position, each in enumerate(wanted)
    ]
    await RecordingMerges(edit.session).replace(merge.id, made)
    return made


async def _found(request: web.Request) -> tuple[RecordingMerge, Sequence[Source]]:
    """It, and what is left of it. Raises UnknownRecord."""
    async with parts(request).database.readers() as session:
        merge = await _need(session, request)
        named = (await RecordingMerges(session).parts_of([merge.id]))[merge.id]
        ids = {part.recording_id for part in named if part.gone_at is None}
        found: dict[str, Recording] = {
            one.id: one
            for one in await Recordings(session).in_order(sorted(ids))
            if one.state == STORED
        }
        edits = {each: await RecordingEdits(session).latest(each) for each in found}
    return merge, [
        Source(found[part.recording_id], edits[part.recording_id], part.from_ms, part.to_ms)
        for part in named
        if part.recording_id in found
    ]


async def _file(request: web.Request, sounds: MergedSounds) -> MergedWav:
    try:
        wav = await sounds.file()
    except CaptureDamaged:
        wav = None
    if wav is None:
        raise NotFound("audio for merge", request.match_info["merge_id"])
    return wav


def _version(source: Source) -> int:
    return source.edit.version if source.edit is not None and source.edit.edits else 0


def _tag(sources: Sequence[Source]) -> str:
    """Another one for all that sounds different."""
    told = [
        (one.recording.id, one.recording.sha256, _version(one), one.from_ms, one.to_ms)
        for one in sources
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _view(merge: RecordingMerge, named: Sequence[MergePart]) -> MergeView:
    return MergeView(
        id=merge.id,
        version=merge.version,
        name=merge.name,
        parts=[
            MergePartView(
                recording_id=part.recording_id,
                from_ms=part.from_ms,
                to_ms=part.to_ms,
                gone_at=part.gone_at,
            )
            for part in named
        ],
        audio=f"{_PATH}/{merge.id}/audio",
        made_by=merge.made_by,
        created_at=merge.created_at,
        updated_at=merge.updated_at,
    )
