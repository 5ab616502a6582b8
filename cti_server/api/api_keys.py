"""API keys: made, listed, revoked."""

from datetime import timedelta

from aiohttp import web

from crm.errors import InvalidField, UnknownRecord
from cti_server.store.api_keys import ApiKey, ApiKeys, ApiKeyUse
from cti_server.wire.users import ApiKeyMade, ApiKeyPage, ApiKeyView, NewApiKey

from .keys import new_key
from .paging import PAGING, after, cursor, limit
from .parts import identity, parts
from .permissions import SCOPES
from .references import need_team
from .routing import Routes, answer, read

routes = Routes()

NEEDS = ("keys.manage",)
LONGEST = timedelta(days=5 * 365)


@routes.add("GET", "/api/v1/api-keys", needs=NEEDS, answers=ApiKeyPage, query=PAGING)
async def api_keys(request: web.Request) -> web.Response:
    """All keys there ever were, by id, with their last use."""
    most = limit(request)
    place = after(request, tuple[str])
    async with parts(request).database.readers() as session:
        found = await ApiKeys(session).page(most, place[0] if place else None)
    items = [_view(key, use) for key, use in found]
    following = cursor(items[-1].id) if len(items) == most else None
    return answer(ApiKeyPage(items=items, next=following))


@routes.add("POST", "/api/v1/api-keys", needs=NEEDS, body=NewApiKey, answers=ApiKeyMade, status=201)
async def make_api_key(request: web.Request) -> web.Response:
    """Make a key; this answer is the only place where it is shown."""
    new = await read(request, NewApiKey)
    here, who, now = parts(request), identity(request), parts(request).clock.now()
    if unknown := sorted(set(new.scopes) - SCOPES):
        raise InvalidField("scopes", f"{unknown[0]!r} is none that a key can have")
    if not now < new.expires_at <= now + LONGEST:
        raise InvalidField("expires_at", f"must be in the next {LONGEST.days} days")
    key_id = here.new_id()
    shown, secret_hash = new_key(key_id)
    key = ApiKey(
        id=key_id,
        name=new.name,
        secret_hash=secret_hash,
        scopes=sorted(set(new.scopes)),
        team=new.team,
        created_by=who.agent_id,
        created_at=now,
        expires_at=new.expires_at,
    )
    async with here.changes.begin(who.agent_id) as change:
        await need_team(change.session, new.team)
        ApiKeys(change.session).add(key)
        change.record("api_key", key_id, "created", fields=new.model_fields_set)
    await here.keys.load(now)
    return answer(ApiKeyMade(key=shown, made=_view(key, None)), 201)


@routes.add("DELETE", "/api/v1/api-keys/{key_id}", needs=NEEDS, status=204)
async def revoke_api_key(request: web.Request) -> web.Response:
    """Revoke a key; it opens nothing from now on."""
    here, who, key_id = parts(request), identity(request), request.match_info["key_id"]
    async with here.changes.begin(who.agent_id) as change:
        key = await ApiKeys(change.session).get(key_id)
        if key is None:
            raise UnknownRecord("API key", key_id)
        if key.revoked_at is None:
            key.revoked_at = here.clock.now()
            change.record("api_key", key_id, "revoked")
    here.keys.forget(key_id)
    return web.Response(status=204)


def _view(key: ApiKey, use: ApiKeyUse | None) -> ApiKeyView:
    return ApiKeyView(
        id=key.id,
        name=key.name,
        scopes=key.scopes,
        team=key.team,
        created_by=key.created_by,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_at=use.last_used_at if use else None,
        last_used_from=use.address if use else None,
    )
