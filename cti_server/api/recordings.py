"""Recordings: found, listed, played; each playing is audited."""

from aiohttp import web
from sqlalchemy import ColumnElement

from cti_server.store.recordings import Recording, Recordings
from cti_server.wire.contacts import RecordingView
from cti_server.wire.events import RecordingPlayed

from .contact_scope import in_sight
from .contacts import PAGE, moment
from .parts import identity, parts
from .problems import NotFound
from .routing import Query, Routes, answer, answer_many, number
from .views import recording_view

routes = Routes()


@routes.add(
    "GET",
    "/api/v1/recordings",
    needs=("recordings.read",),
    answers=RecordingView,
    many=True,
    query=(*PAGE, Query("queue"), Query("agent_id")),
)
async def recordings(request: web.Request) -> web.Response:
    """The recordings in the archive, latest first; of contacts that whoever asks may see."""
    async with parts(request).database.readers() as session:
        found = await Recordings(session).recent(
            number(request, "limit", default=50, most=500),
            before=moment(request, "before"),
            queue=request.query.get("queue"),
            agent_id=request.query.get("agent_id"),
            seen=_in_sight(request),
        )
    return answer_many([recording_view(recording) for recording in found])


@routes.add(
    "GET", "/api/v1/recordings/{recording_id}", needs=("recordings.read",), answers=RecordingView
)
async def recording(request: web.Request) -> web.Response:
    """One recording's row."""
    return answer(recording_view(await _stored(request)))


@routes.add(
    "GET",
    "/api/v1/recordings/{recording_id}/audio",
    needs=("recordings.play",),
    media_type="audio/wav",
)
async def audio(request: web.Request) -> web.StreamResponse:
    """The stereo WAV file, caller left, agent right; ranges are served."""
    stored = await _stored(request)
    here = parts(request)
    if stored.file is None or not (here.archive / stored.file).is_file():
        raise NotFound("audio for recording", stored.id)
    here.log.append(RecordingPlayed(recording_id=stored.id, played_by=identity(request).agent_id))
    name = f"{stored.id}.wav"
    return web.FileResponse(
        here.archive / stored.file,
        headers={
            "Content-Type": "audio/wav",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


def _in_sight(request: web.Request) -> list[ColumnElement[bool]]:
    return in_sight(identity(request), Recording.contact_id)


async def _stored(request: web.Request) -> Recording:
    """Raises NotFound, also for one of another team's customers."""
    recording_id = request.match_info["recording_id"]
    async with parts(request).database.readers() as session:
        found = await Recordings(session).get(recording_id, _in_sight(request))
    if found is None or found.state != "stored":
        raise NotFound("recording", recording_id)
    return found
