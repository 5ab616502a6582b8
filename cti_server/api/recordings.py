"""Recordings: looked at, played; each playing is audited."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from aiohttp import ETag, web
from sqlalchemy import ColumnElement

from cti_server.store.interactions import Interactions
from cti_server.store.recording_masks import RecordingMask, RecordingMasks
from cti_server.store.recordings import MESSAGE, RUNNING, STORED, Recording, Recordings
from cti_server.wire.contacts import MaskView, PeaksView, RecordingView
from cti_server.wire.events import RecordingPlayed

from .contact_scope import in_sight
from .parts import identity, parts
from .problems import BadRequest, NotFound
from .ranges import span
from .recording_access import need_queue, queues_of, seen_by
from .routing import Query, Routes, answer, answer_many, number
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
    return answer(recording_view(await _listed(request), whole=whole))


@routes.add(
    "GET",
    "/api/v1/recordings/{recording_id}/audio",
    needs=("recordings.play", "contacts.own"),
    media_type="audio/wav",
    query=FOLLOW,
)
async def audio(request: web.Request) -> web.StreamResponse:
    """
    The WAV file: caller left, agent right, or the caller alone; ranges are served.

    A message is also for whoever is, or was, to see to it. Of a call that goes on it is what there
    is by now.
    """
    stored = await _audible(request)
    await _need_to_hear(request, stored)
    if stored.state == RUNNING:
        running = await running_audio(request, stored, partial(_tell, request, stored))
        if running is not None:
            return running
        stored = await _stored(request)  # the archive has it by now
    sounds = parts(request).sounds
    if (plain := await sounds.plain_file(stored)) is not None:
        _tell(request, stored)
        return web.FileResponse(plain, headers=sound_headers(stored))
    size, etag = stored.size or 0, ETag(stored.sha256 or "")
    wanted = span(request, size, etag)
    headers = sound_headers(stored) | {"Accept-Ranges": "bytes"}
    if wanted is None:
        return web.Response(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    start, end = wanted
    blocks = await sounds.open(stored, start, end)
    if blocks is None:
        raise NotFound("audio for recording", stored.id)
    _tell(request, stored)
    response = web.StreamResponse(headers=headers)
    response.etag, response.content_length = etag, end - start
    if (start, end) != (0, size):
        response.set_status(206)
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    await response.prepare(request)
    if request.method != "HEAD":
        async for block in blocks:
            await response.write(block)
    return response


def _tell(request: web.Request, stored: Recording) -> None:
    played = RecordingPlayed(recording_id=stored.id, played_by=identity(request).agent_id)
    parts(request).log.append(played)


@routes.add(
    "GET",
    "/api/v1/recordings/{recording_id}/peaks",
    needs=("recordings.play", "contacts.own"),
    answers=PeaksView,
    query=(Query("points", "integer", f"how many at most; {_POINTS} by default"),),
)
async def peaks(request: web.Request) -> web.Response:
    """
    The least and greatest levels to draw the sound by, as audiowaveform's JSON has them.

    For whoever may hear it. Of a call that goes on, of what there is by now.
    """
    most = number(request, "points", default=_POINTS, most=_MOST_POINTS)
    if not most:
        raise BadRequest(f"points: must be a whole number from 1 to {_MOST_POINTS}")
    found = await _audible(request)
    await _need_to_hear(request, found)
    drawn = await parts(request).peaks.of(found, most)
    if drawn is None and found.state == RUNNING:  # the archive may have it by now
        found = await _audible(request)
        drawn = None if found.state == RUNNING else await parts(request).peaks.of(found, most)
    if drawn is None:
        raise NotFound("sound of recording", found.id)
    return web.Response(
        text=drawn, content_type="application/json", headers={"Cache-Control": "private, no-store"}
    )


@routes.add(
    "GET",
    "/api/v1/recordings/{recording_id}/masks",
    needs=("recordings.read",),
    answers=MaskView,
    many=True,
)
async def masks(request: web.Request) -> web.Response:
    """What is silent in it, when, by whom and why."""
    stored = await _listed(request)
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


async def _need_to_hear(request: web.Request, stored: Recording) -> None:
    """Raises NotPermitted, NotFound and ConfirmationNeeded."""
    here, who = parts(request), identity(request)
    if stored.kind == MESSAGE:
        on_desk = here.tray.on_desk(who.agent_id)
        if any(pop.contact_id == stored.contact_id for pop, _ in on_desk):
            return  # the records may not have it yet
        async with here.database.readers() as session:
            if await Interactions(session).had_part(who.agent_id, stored.contact_id):
                return
    who.need("recordings.play")
    async with here.database.readers() as session:
        listed = await queues_of(session, who, "list")
        if listed is not None and stored.queue not in listed:
            raise NotFound("recording", stored.id)
        await need_queue(session, who, "play", stored)
    if here.recording.protection.confirm_play:
        here.confirmations.need(who, "recordings.play", here.clock.now())


async def _listed(request: web.Request) -> Recording:
    """One of a queue that they may list; else as the others."""
    who = identity(request)
    async with parts(request).database.readers() as session:
        seen = await seen_by(session, who)
    return await _found(request, seen, STORED, RUNNING)


async def _stored(request: web.Request) -> Recording:
    """Raises NotFound, also for one of another team's customers."""
    return await _found(request, in_sight(identity(request), Recording.contact_id), STORED)


async def _audible(request: web.Request) -> Recording:
    """One that runs, too. Raises NotFound as the other does."""
    seen = in_sight(identity(request), Recording.contact_id)
    return await _found(request, seen, STORED, RUNNING)


async def _found(
    request: web.Request, seen: Sequence[ColumnElement[bool]], *states: str
) -> Recording:
    recording_id = request.match_info["recording_id"]
    async with parts(request).database.readers() as session:
        found = await Recordings(session).get(recording_id, seen)
    if found is None or found.state not in states:
        raise NotFound("recording", recording_id)
    return found
