"""Recordings: looked at, played; each playing is audited."""

from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial

from aiohttp import ETag, web

from cti_server.store.foreign_calls import ForeignCalls
from cti_server.store.recording_masks import RecordingMask, RecordingMasks
from cti_server.store.recordings import RUNNING, Recording
from cti_server.wire.contacts import MaskView, PeaksView, RecordingView
from recording.sound_file import OPUS

from .parameters import number
from .parts import identity, parts
from .problems import BadRequest, NotFound
from .ranges import answer_part
from .recording_edits import ORIGINAL, edit_heard, edited_audio
from .recording_hearing import (
    audible_recording,
    listed_recording,
    need_to_hear,
    stored_recording,
    tell_played,
)
from .routing import Query, Routes, answer, answer_many
from .running_audio import FOLLOW, running_audio, sound_headers
from .views import recording_view

routes = Routes()

_POINTS, _MOST_POINTS = 2000, 20_000  # of peaks: the width of a large screen, and of ten


@routes.add(
    "GET", "/api/v1/recordings/{recording_id}", needs=("recordings.read",), answers=RecordingView
)
async def recording(request: web.Request) -> web.Response:
    """One recording's row."""
    whole = identity(request).may("customers.reveal")
    listed = await listed_recording(request)
    async with parts(request).database.readers() as session:
        foreign = await ForeignCalls(session).of([listed])
    return answer(recording_view(listed, whole=whole, foreign=foreign.get(listed.id)))


@routes.add(
    "GET",
    "/api/v1/recordings/{recording_id}/audio",
    needs=("recordings.play", "contacts.own"),
    media_type="audio/wav",
    query=(*FOLLOW, ORIGINAL, Query("format")),
)
async def audio(request: web.Request) -> web.StreamResponse:
    """
    The file, WAV or Ogg Opus: caller left, agent right, or in one channel; ranges are served.

    Whatever it is, ``format=wav`` is a WAV file that every player knows, an Opus one decoded for
    that, without ranges. A message is also for whoever is, or was, to see to it. Of a call that
    goes on it is what there is by now, as WAV.
    """
    wanted_format = request.query.get("format")
    if wanted_format not in (None, "wav"):
        raise BadRequest("format: must be wav, or not be there")
    stored = await audible_recording(request)
    await need_to_hear(request, stored)
    if stored.state == RUNNING:
        running = await running_audio(request, stored, partial(tell_played, request, stored))
        if running is not None:
            return running
        stored = await stored_recording(request)  # the archive has it by now
    if (edit := await edit_heard(request, stored)) is not None:
        return await edited_audio(request, stored, edit)
    sounds = parts(request).sounds
    if wanted_format == "wav" and stored.codec == OPUS:
        return await _decoded(request, stored)
    if (plain := await sounds.plain_file(stored)) is not None:
        tell_played(request, stored)
        return web.FileResponse(plain, headers=sound_headers(stored))

    async def opened(start: int, end: int) -> AsyncIterator[bytes]:
        blocks = await sounds.open(stored, start, end)
        if blocks is None:
            raise NotFound("audio for recording", stored.id)
        tell_played(request, stored)
        return blocks

    etag = ETag(stored.sha256 or "")
    headers = sound_headers(stored, opus=stored.codec == OPUS)
    return await answer_part(request, stored.size or 0, etag, headers, opened)


async def _decoded(request: web.Request, stored: Recording) -> web.StreamResponse:
    blocks = await parts(request).sounds.open_pcm(stored)
    if blocks is None:
        raise NotFound("audio for recording", stored.id)
    tell_played(request, stored)
    response = web.StreamResponse(headers=sound_headers(stored))
    await response.prepare(request)
    if request.method != "HEAD":
        async for block in blocks:
            await response.write(block)
    return response


@routes.add(
    "GET",
    "/api/v1/recordings/{recording_id}/peaks",
    needs=("recordings.play", "contacts.own"),
    answers=PeaksView,
    query=(Query("points", "integer", f"how many at most; {_POINTS} by default"), ORIGINAL),
)
async def peaks(request: web.Request) -> web.Response:
    """
    The least and greatest levels to draw the sound by, as audiowaveform's JSON has them.

    For whoever may hear it. Of a call that goes on, of what there is by now.
    """
    most = number(request, "points", default=_POINTS, most=_MOST_POINTS)
    if not most:
        raise BadRequest(f"points: must be a whole number from 1 to {_MOST_POINTS}")
    found = await audible_recording(request)
    await need_to_hear(request, found)
    drawn = await _drawn(request, found, most)
    if drawn is None and found.state == RUNNING:  # the archive may have it by now
        found = await audible_recording(request)
        drawn = None if found.state == RUNNING else await _drawn(request, found, most)
    if drawn is None:
        raise NotFound("sound of recording", found.id)
    return web.Response(
        text=drawn, content_type="application/json", headers={"Cache-Control": "private, no-store"}
    )


async def _drawn(request: web.Request, recording: Recording, most: int) -> str | None:
    """Of what whoever asks hears of it. Raises NotPermitted."""
    edit = await edit_heard(request, recording)
    return await parts(request).peaks.of(recording, most, () if edit is None else edit.spans)


@routes.add(
    "GET",
    "/api/v1/recordings/{recording_id}/masks",
    needs=("recordings.read",),
    answers=MaskView,
    many=True,
)
async def masks(request: web.Request) -> web.Response:
    """What is silent in it, when, by whom and why."""
    stored = await listed_recording(request)
    async with parts(request).database.readers() as session:
        spans = await RecordingMasks(session).of_contact(stored.contact_id)
    views = [_mask_view(span, stored) for span in spans]
    return answer_many([view for view in views if view.ends > view.begins])


def _mask_view(span: RecordingMask, recording: Recording) -> MaskView:
    """Of the span what falls into the recording."""
    duration = recording.duration or 0.0

    def second(at: datetime | None) -> float:
        passed = duration if at is None else (at - recording.started_at).total_seconds()
        return round(min(max(passed, 0.0), duration), 3)

    return MaskView(
        id=span.id,
        begins=second(span.began_at),
        ends=second(span.ended_at),
        agent_id=span.agent_id,
        asked_by=span.asked_by,
        reason=span.reason,
        ended_by=span.ended_by,
    )
