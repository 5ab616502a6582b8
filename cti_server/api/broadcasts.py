"""Broadcasts: one request has callers told something, in queues and before numbers' menus."""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from aiohttp import web

from config.floor import Language
from crm.errors import InvalidField, UnknownRecord
from cti_server.prompt_book import PromptBook
from cti_server.store.broadcasts import BroadcastRecord, BroadcastRecords
from cti_server.wire.broadcasts import BroadcastPage, BroadcastView, NewBroadcast

from .paging import PAGING, after, cursor, limit
from .parameters import flag
from .parts import identity, parts
from .routing import Query, Routes, answer, read

routes = Routes()

READ, WRITE = ("floor.read",), ("broadcasts.manage",)
ALL = "/api/v1/broadcasts"
ONE = f"{ALL}/{{broadcast_id}}"


@routes.add(
    "GET",
    ALL,
    needs=READ,
    answers=BroadcastPage,
    query=(*PAGING, Query("on", "boolean", '"true": those that are on')),
)
async def broadcasts(request: web.Request) -> web.Response:
    """The newest first."""
    most, place = limit(request), after(request, tuple[datetime, str])
    async with parts(request).database.readers() as session:
        found = await BroadcastRecords(session).page(
            most + 1, before=place, only_on=flag(request, "on") is True
        )
    items = [_view(one) for one in found[:most]]
    more = cursor(items[-1].published_at, items[-1].id) if len(found) > most else None
    return answer(BroadcastPage(items=items, next=more))


@routes.add("POST", ALL, needs=WRITE, body=NewBroadcast, answers=BroadcastView, status=201)
async def publish(request: web.Request) -> web.Response:
    """Put a message on for callers; it is spoken, and heard from now on, when this answers."""
    wanted, here = await read(request, NewBroadcast), parts(request)
    texts = {str(language): text for language, text in wanted.texts.items()}
    texts = texts or await _said_by(here.prompts, wanted.prompts)
    made = await here.broadcasts.publish(wanted, texts, identity(request).agent_id)
    return answer(_view(made), 201)


@routes.add("GET", ONE, needs=READ, answers=BroadcastView)
async def broadcast(request: web.Request) -> web.Response:
    """One broadcast, and whether it is on."""
    async with parts(request).database.readers() as session:
        found = await BroadcastRecords(session).need(request.match_info["broadcast_id"])
    return answer(_view(found))


@routes.add("DELETE", ONE, needs=WRITE, status=204)
async def withdraw(request: web.Request) -> web.Response:
    """Have nobody hear it any more, but who does at this moment; it stays on record."""
    broadcast_id, by = request.match_info["broadcast_id"], identity(request).agent_id
    await parts(request).broadcasts.withdraw(broadcast_id, by)
    return web.Response(status=204)


async def _said_by(book: PromptBook, prompts: Sequence[str]) -> dict[str, str]:
    """The texts of prompts. Raises InvalidField."""
    texts: dict[str, str] = {}
    for prompt in prompts:
        try:
            text = await book.need(prompt)
        except UnknownRecord as error:
            raise InvalidField("prompts", f"there is no prompt {prompt!r}") from error
        if text.language in texts or text.language not in get_args(Language):
            raise InvalidField("prompts", "one of each language, Chinese or English")
        texts[text.language] = text.text
    return texts


def _view(record: BroadcastRecord) -> BroadcastView:
    return BroadcastView.model_validate(
        {name: getattr(record, name) for name in BroadcastView.model_fields}
    )
