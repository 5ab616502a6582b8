"""What an agent has begun to write: kept on the server, so that no reload or browser loses it."""

from typing import get_args

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import UnknownRecord
from cti_server.store.drafts import Draft, Drafts
from cti_server.store.interactions import Interactions
from cti_server.wire.drafts import DraftKind, DraftToKeep, DraftView

from .parts import caught_up, identity, parts
from .permissions import Identity
from .routing import Routes, answer, answer_many, read

routes = Routes()

OWN = ("contacts.own",)
ONE = "/api/v1/drafts/{kind}/{about}"


@routes.add("GET", "/api/v1/drafts", needs=OWN, answers=DraftView, many=True)
async def drafts(request: web.Request) -> web.Response:
    """All of one's own, the newest first; a hundred at most."""
    async with parts(request).database.readers() as session:
        found = await Drafts(session, identity(request).agent_id).all()
    return answer_many([_view(one) for one in found])


@routes.add("GET", ONE, needs=OWN, answers=DraftView)
async def draft(request: web.Request) -> web.Response:
    """One's own draft of this kind for a contact or interaction."""
    kind, about = _named(request)
    async with parts(request).database.readers() as session:
        found = await Drafts(session, identity(request).agent_id).get(kind, about)
    if found is None:
        raise UnknownRecord("draft", about)
    return answer(_view(found))


@routes.add("PUT", ONE, needs=OWN, body=DraftToKeep, answers=DraftView)
async def keep_draft(request: web.Request) -> web.Response:
    """
    Keep what is written so far, for a contact (or an interaction) in which one has a part.

    It can be said as often as somebody types; nothing is told or audited.
    """
    wanted, (kind, about) = await read(request, DraftToKeep), _named(request)
    here, who = parts(request), identity(request)
    now = here.clock.now()
    async with here.database.sessions.begin() as session:
        kept = Drafts(session, who.agent_id)
        found = await kept.get(kind, about)
        if found is not None:
            found.content, found.updated_at = wanted.content, now
            return answer(_view(found))
    await caught_up(here)
    async with here.database.sessions.begin() as session:
        found = Draft(
            agent_id=who.agent_id,
            kind=kind,
            about=about,
            contact_id=await _contact(session, who, about),
            content=wanted.content,
            updated_at=now,
        )
        await Drafts(session, who.agent_id).add(found)
    return answer(_view(found))


@routes.add("DELETE", ONE, needs=OWN, status=204)
async def drop_draft(request: web.Request) -> web.Response:
    """It was handed in, or is not wanted any more. Harmless if there is none."""
    kind, about = _named(request)
    async with parts(request).database.sessions.begin() as session:
        await Drafts(session, identity(request).agent_id).remove(kind, about)
    return web.Response(status=204)


async def _contact(session: AsyncSession, who: Identity, about: str) -> str:
    """Of which contact it is. Raises UnknownRecord where who asks has no part in it."""
    interactions = Interactions(session)
    interaction = await interactions.get(about)
    if interaction is not None and interaction.agent_id == who.agent_id:
        return interaction.contact_id
    if await interactions.had_part(who.agent_id, about):
        return about
    raise UnknownRecord("contact", about)


def _named(request: web.Request) -> tuple[str, str]:
    """Raises UnknownRecord for a kind that there is not."""
    kind, about = request.match_info["kind"], request.match_info["about"]
    if kind not in get_args(DraftKind):
        raise UnknownRecord("kind of draft", kind)
    return kind, about


def _view(draft: Draft) -> DraftView:
    return DraftView.model_validate(
        {
            "kind": draft.kind,
            "about": draft.about,
            "contact_id": draft.contact_id,
            "content": draft.content,
            "updated_at": draft.updated_at,
        }
    )
