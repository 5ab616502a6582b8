"""Recordings edited: what is left out and what is silent for others; clips of what is heard."""

from collections.abc import AsyncIterator, Sequence

from aiohttp import ETag, web

from crm.errors import EditConflict, InvalidField
from cti_server.store.recording_edits import RecordingEdit, RecordingEdits
from cti_server.store.recordings import STORED, Recording, Recordings
from cti_server.wire.recording_edits import EditSpan, EditsView, EditsWanted
from recording.edited_wav import EditedWav
from recording.edits import PER_MS, EditRefused, Span, between, check, lets_hear_more
from recording.errors import CaptureDamaged

from .editing import editing
from .four_eyes import need_standing
from .parameters import flag, number
from .parts import identity, parts
from .problems import NotFound
from .ranges import answer_part
from .recording_hearing import (
    listed_recording,
    need_to_hear,
    stored_recording,
    tell_played,
)
from .routing import Query, Routes, answer, answer_many, read
from .running_audio import sound_headers

routes = Routes()

PLAY_ORIGINAL = "recordings.play_original"
ORIGINAL = Query(
    "original", "boolean", f"as it was recorded, where it was edited; needs {PLAY_ORIGINAL}"
)
_A_DAY = 24 * 3600 * 1000  # ms
_CLIP = (
    Query("from_ms", "integer", "of what is heard"),
    Query("to_ms", "integer", "of what is heard; its end by default"),
)


@routes.add(
    "GET",
    "/api/v1/recordings/{recording_id}/edits",
    needs=("recordings.read",),
    answers=EditsView,
)
async def edits(request: web.Request) -> web.Response:
    """How the recording is edited now."""
    recording = await listed_recording(request)
    async with parts(request).database.readers() as session:
        return answer(_view(await RecordingEdits(session).latest(recording.id)))


@routes.add(
    "GET",
    "/api/v1/recordings/{recording_id}/edits/versions",
    needs=("recordings.read",),
    answers=EditsView,
    many=True,
)
async def edit_versions(request: web.Request) -> web.Response:
    """How it was edited, from the first time on."""
    recording = await listed_recording(request)
    async with parts(request).database.readers() as session:
        return answer_many(
            [_view(each) for each in await RecordingEdits(session).versions(recording.id)]
        )


@routes.add(
    "PUT",
    "/api/v1/recordings/{recording_id}/edits",
    needs=("recordings.edit",),
    body=EditsWanted,
    answers=EditsView,
)
async def edit_recording(request: web.Request) -> web.Response:
    """
    Say what is cut and what is silent in it; the recording itself stays as it is.

    To have more of it heard again than until now needs what hearing the original does.
    """
    wanted = await read(request, EditsWanted)
    recording = await listed_recording(request)
    await need_to_hear(request, recording)
    whole = await _file(request, recording, None)
    spans = [Span(one.kind, one.from_ms, one.to_ms) for one in wanted.edits]
    try:
        check(spans, whole.length)
    except EditRefused as error:
        raise InvalidField(error.field, error.rule) from error
    await _need_to_reveal(request, recording, wanted.version, spans, whole.length)
    async with editing(request) as edit:
        # Whoever edits or erases it meanwhile waits: nothing is said of one that is gone.
        now = await Recordings(edit.session).get(recording.id, locked=True)
        if now is None or now.state != STORED:
            raise NotFound("recording", recording.id)
        stored = RecordingEdits(edit.session)
        before = await stored.latest(recording.id)
        version = 0 if before is None else before.version
        if wanted.version != version:
            raise EditConflict("recording_edit", recording.id, version)
        made = RecordingEdit(
            recording_id=recording.id,
            version=version + 1,
            edits=[one.model_dump() for one in wanted.edits],
            made_by=identity(request).agent_id,
            made_at=edit.now,
        )
        stored.add(made)
        edit.change.record("recording_edit", recording.id, "updated", fields=["edits"])
    return answer(_view(made))


async def _need_to_reveal(
    request: web.Request, recording: Recording, version: int, spans: Sequence[Span], length: int
) -> None:
    """Raises EditConflict, and as :func:`edit_heard` does for the original."""
    async with parts(request).database.readers() as session:
        before = await RecordingEdits(session).latest(recording.id)
    if version != (known := 0 if before is None else before.version):
        raise EditConflict("recording_edit", recording.id, known)
    if before is not None and lets_hear_more(before.spans, spans, length):
        await _need_original(request, recording)


async def _need_original(request: web.Request, recording: Recording) -> None:
    """Raises NotPermitted and ApprovalNeeded."""
    here, who = parts(request), identity(request)
    who.need(PLAY_ORIGINAL)
    await need_standing(here, who, "play_original", {"recording_id": recording.id})


@routes.add(
    "GET",
    "/api/v1/recordings/{recording_id}/clip",
    needs=("recordings.play", "contacts.own"),
    media_type="audio/wav",
    query=(*_CLIP, ORIGINAL),
)
async def clip(request: web.Request) -> web.StreamResponse:
    """A part of what is heard of the recording, as a WAV file."""
    recording = await stored_recording(request)
    await need_to_hear(request, recording)
    edit = await edit_heard(request, recording)
    heard = await _file(request, recording, edit)
    begins = number(request, "from_ms", default=0, most=_A_DAY)
    ends = number(request, "to_ms", default=-(-heard.length // PER_MS), most=_A_DAY)
    if begins >= ends:
        raise InvalidField("to_ms", "must be later than from_ms")
    if begins * PER_MS >= heard.length:
        raise InvalidField("from_ms", f"it ends at {heard.length // PER_MS}")
    part = between(heard.heard, begins * PER_MS, ends * PER_MS)
    wav = EditedWav(heard.codec, heard.channels, part)
    tag = f"{recording.sha256}-{0 if edit is None else edit.version}-{begins}-{ends}"
    return await _answer(request, recording, edit, wav, tag)


async def edit_heard(request: web.Request, recording: Recording) -> RecordingEdit | None:
    """
    By which edits whoever asks hears it; None: as it is.

    Raises NotPermitted and ApprovalNeeded for the original, if it was edited.
    """
    edit = await parts(request).edited_sounds.edit_of(recording)
    if edit is not None and flag(request, ORIGINAL.name):
        await _need_original(request, recording)
        return None
    return edit


async def edited_audio(
    request: web.Request, recording: Recording, edit: RecordingEdit
) -> web.StreamResponse:
    """The whole file as it was edited, or a part of it."""
    wav = await _file(request, recording, edit)
    return await _answer(request, recording, edit, wav, f"{recording.sha256}-{edit.version}")


async def _file(
    request: web.Request, recording: Recording, edit: RecordingEdit | None
) -> EditedWav:
    spans = () if edit is None else edit.spans
    try:
        wav = await parts(request).edited_sounds.file(recording, spans)
    except CaptureDamaged:
        wav = None
    if wav is None:
        raise NotFound("audio for recording", recording.id)
    return wav


async def _answer(
    request: web.Request,
    recording: Recording,
    edit: RecordingEdit | None,
    wav: EditedWav,
    tag: str,
) -> web.StreamResponse:
    sounds = parts(request).edited_sounds

    async def opened(start: int, end: int) -> AsyncIterator[bytes]:
        blocks = await sounds.open(recording, wav, start, end)
        tell_played(request, recording, 0 if edit is None else edit.version)
        return blocks

    return await answer_part(request, wav.size, ETag(tag), sound_headers(recording), opened)


def _view(edit: RecordingEdit | None) -> EditsView:
    if edit is None:
        return EditsView(version=0, edits=[], made_by=None, made_at=None)
    return EditsView(
        version=edit.version,
        edits=[EditSpan.model_validate(one) for one in edit.edits],
        made_by=edit.made_by,
        made_at=edit.made_at,
    )
