"""Prompts: which texts callers hear, and the studio's recordings in place of the voice."""

import asyncio
import io
import wave
from pathlib import Path

from aiohttp import web

from crm.errors import UnknownRecord
from cti_server.media.g711 import decode
from cti_server.prompt_book import PromptBook
from cti_server.prompt_texts import Place, PromptText
from cti_server.speech.telephone_sound import RATE
from cti_server.speech.tts import primary
from cti_server.wire.prompts import PromptPage, PromptView

from . import paging
from .editing import editing
from .paging import PAGING
from .parameters import flag
from .parts import parts
from .routing import Query, Routes, answer, read_bytes

routes = Routes()

READ = ("floor.read", "routing.manage")
WRITE = ("routing.manage",)
ONE = "/api/v1/prompts/{prompt}"

LARGEST = 64 * 1024 * 1024  # bytes: two minutes of the highest quality that can be read


@routes.add(
    "GET",
    "/api/v1/prompts",
    needs=READ,
    answers=PromptPage,
    query=(
        *PAGING,
        Query("missing", "boolean", "those that the studio has not recorded, or those that it has"),
        Query("language", "string", "in this one only"),
        Query("text", "string", "those that say this, or are used where it is named"),
    ),
)
async def list_prompts(request: web.Request) -> web.Response:
    """The texts that callers and agents hear, by language and where they are used."""
    book, most = parts(request).prompts, paging.limit(request)
    place: Place | None = paging.after(request, tuple[str, str, str, str])
    missing, language = flag(request, "missing"), request.query.get("language")
    part = request.query.get("text", "").casefold()
    found = [
        text
        for text in await book.texts()
        if (place is None or text.place > place)
        and (missing is None or book.recorded(text) is not missing)
        and (language is None or text.language == primary(language))
        and any(part in each.casefold() for each in (text.text, *text.used_by))
    ]
    items = found[:most]
    following = paging.cursor(*items[-1].place) if len(found) > most else None
    return answer(PromptPage(items=[_view(book, one) for one in items], next=following))


@routes.add("GET", ONE, needs=READ, answers=PromptView)
async def get_prompt(request: web.Request) -> web.Response:
    """One text, and who says it."""
    book = parts(request).prompts
    return answer(_view(book, await _text(request)))


@routes.add("GET", ONE + "/audio", needs=READ, media_type="audio/wav")
async def hear_prompt(request: web.Request) -> web.Response:
    """What callers hear of it now."""
    text = await _text(request)
    file = parts(request).prompts.heard(text)
    if file is None:
        raise UnknownRecord("audio for prompt", text.id)
    return web.Response(
        body=await asyncio.to_thread(_wav, file),
        content_type="audio/wav",
        headers={"Cache-Control": "private, no-store"},
    )


@routes.add("PUT", ONE + "/audio", needs=WRITE, accepts="audio/wav", answers=PromptView)
async def record_prompt(request: web.Request) -> web.Response:
    """Have a WAV file (the body) heard in place of the voice, from the next time it is said."""
    book, text = parts(request).prompts, await _text(request)
    recording = await book.edited(bytes(await read_bytes(request, LARGEST)))
    async with editing(request) as edit:
        edit.change.record("prompt", text.id, "recorded")
        await book.keep(text, recording)
    return answer(_view(book, text))


@routes.add("DELETE", ONE + "/audio", needs=WRITE, status=204)
async def withdraw_recording(request: web.Request) -> web.Response:
    """Have the voice heard again."""
    book, text = parts(request).prompts, await _text(request)
    if not book.recorded(text):
        raise UnknownRecord("recording of prompt", text.id)
    async with editing(request) as edit:
        edit.change.record("prompt", text.id, "withdrawn")
        await book.withdraw(text)
    return web.Response(status=204)


async def _text(request: web.Request) -> PromptText:
    """Raises UnknownRecord."""
    return await parts(request).prompts.need(request.match_info["prompt"])


def _wav(file: Path) -> bytes:
    """For every player: not all know G.711."""
    sound = decode(file.read_bytes(), "PCMU").astype("<i2")
    made = io.BytesIO()
    with wave.open(made, "wb") as writer:
        writer.setparams((1, 2, RATE, 0, "NONE", ""))
        writer.writeframes(sound.tobytes())
    return made.getvalue()


def _view(book: PromptBook, text: PromptText) -> PromptView:
    return PromptView(
        id=text.id,
        language=text.language,
        text=text.text,
        used_by=list(text.used_by),
        source=book.source(text),
    )
