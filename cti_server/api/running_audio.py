"""The audio of a call that goes on: the file of what there is by now, or one that goes on, too."""

import re
from collections.abc import AsyncIterator, Callable

import structlog
from aiohttp import ETag, web

from cti_server.running_sound import Listening
from cti_server.store.recordings import Recording
from recording.capture import SAMPLE_RATE
from recording.errors import CaptureDamaged
from recording.wav_file import WavFile

from .parameters import flag
from .parts import parts
from .problems import BadRequest, NotFound
from .ranges import answer_part
from .routing import Query

log = structlog.get_logger()

FOLLOW = (
    Query("follow", "boolean", "of a running call: the sound goes on until the recording ends"),
    Query(
        "from_ms", "integer", "with follow: where it begins; below zero, so long before the present"
    ),
)

_LONGEST = 24 * 3600 * 1000  # ms
_MILLISECONDS = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_AS_OF = re.compile(r'"running-([0-9]{1,12})"', re.ASCII)


async def running_audio(
    request: web.Request, running: Recording, tell: Callable[[], None]
) -> web.StreamResponse | None:
    """
    The answer for a recording that is not in the archive yet; None if it is there by now.

    Raises NotFound where nothing is captured yet, and BadRequest. ``tell``: that it is heard.
    """
    goes_on, begins = flag(request, "follow"), _milliseconds(request, "from_ms")
    listening = await parts(request).running_sounds.open(running.id)
    if listening is None:
        return None
    try:
        if goes_on:
            return await _follow(request, running, listening, begins, tell)
        return await _so_far(request, running, listening, tell)
    except CaptureDamaged as error:
        raise NotFound("audio for recording", running.id) from error
    finally:
        listening.close()


async def _so_far(
    request: web.Request, running: Recording, listening: Listening, tell: Callable[[], None]
) -> web.StreamResponse:
    wav = await listening.so_far()
    if wav is None:
        raise NotFound("audio for recording", running.id)
    wav = _as_begun(request, wav)

    async def opened(start: int, end: int) -> AsyncIterator[bytes]:
        tell()
        return listening.read(wav, start, end)

    etag = ETag(f"running-{wav.samples}")
    return await answer_part(request, wav.size, etag, sound_headers(running), opened)


def _as_begun(request: web.Request, wav: WavFile) -> WavFile:
    """The file as it was when whoever goes on with it began: If-Range has its length."""
    known = _AS_OF.fullmatch(request.headers.get("If-Range", ""))
    if known is None or not 0 < int(known[1]) <= wav.samples:
        return wav
    return WavFile(wav.codec, wav.channels, int(known[1]))


async def _follow(
    request: web.Request,
    running: Recording,
    listening: Listening,
    begins: int,
    tell: Callable[[], None],
) -> web.StreamResponse:
    def start(samples: int) -> int:
        wanted = begins * SAMPLE_RATE // 1000
        return min(wanted, samples) if wanted >= 0 else max(samples + wanted, 0)

    response = web.StreamResponse(headers=sound_headers(running))
    try:
        async for block in listening.follow(start):
            if not response.prepared:
                tell()
                await response.prepare(request)
                if request.method == "HEAD":
                    return response
            await response.write(block)
    except CaptureDamaged as error:
        if not response.prepared:
            raise
        # What was sent is right, but it must not be taken for the whole.
        log.warning("recording.broken_off", recording_id=running.id, reason=str(error))
        if request.transport is not None:
            request.transport.abort()
        return response
    if not response.prepared:
        raise NotFound("audio for recording", running.id)
    await response.write_eof()
    return response


def sound_headers(recording: Recording, *, opus: bool = False) -> dict[str, str]:
    media_type, suffix = ("audio/ogg", ".opus") if opus else ("audio/wav", ".wav")
    return {
        "Content-Type": media_type,
        "Content-Disposition": f'attachment; filename="{recording.id}{suffix}"',
        "Cache-Control": "private, no-store",
    }


def _milliseconds(request: web.Request, parameter: str) -> int:
    text = request.query.get(parameter, "0")
    if not _MILLISECONDS.fullmatch(text) or abs(int(text)) > _LONGEST:
        raise BadRequest(f"{parameter}: must be whole milliseconds, of a day at most")
    return int(text)
