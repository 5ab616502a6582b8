"""Webhooks: where events are sent, how that goes, and what could not be delivered."""

import secrets
from datetime import timedelta

from aiohttp import web
from sqlalchemy import delete
from yarl import URL

from crm.errors import InvalidField
from cti_server.store.versions import check_version
from cti_server.store.webhooks import DeadLetter, Webhook, WebhookProgress, Webhooks
from cti_server.webhooks.addresses import is_public
from cti_server.webhooks.couriers import owner_of
from cti_server.webhooks.signing import SECRET, message_id, shown
from cti_server.webhooks.target import NotTaken
from cti_server.wire.webhooks import (
    DeadLetterPage,
    DeadLetterView,
    NewWebhook,
    SecretRotation,
    WebhookEdit,
    WebhookMade,
    WebhookPage,
    WebhookView,
)

from .feed import of_everybody
from .paging import PAGING, after, cursor, limit
from .parameters import VERSION, number_in_path, version_to_delete
from .parts import Parts, parts
from .routing import Routes, answer, read

routes = Routes()

NEEDS = ("webhooks.manage",)


@routes.add("GET", "/api/v1/webhooks", needs=NEEDS, answers=WebhookPage, query=PAGING)
async def webhooks(request: web.Request) -> web.Response:
    """All webhooks by id, and how far each is."""
    of_everybody(request)
    here, most, place = parts(request), limit(request), after(request, tuple[str])
    async with here.database.readers() as session:
        found = await Webhooks(session).page(most, place[0] if place else None)
    items = [_view(here, webhook, progress) for webhook, progress in found]
    more = cursor(items[-1].id) if len(items) == most else None
    return answer(WebhookPage(items=items, next=more))


@routes.add(
    "POST", "/api/v1/webhooks", needs=NEEDS, body=NewWebhook, answers=WebhookMade, status=201
)
async def make_webhook(request: web.Request) -> web.Response:
    """Send the events of these names from now on; this answer alone shows the secret."""
    new, who, here = await read(request, NewWebhook), of_everybody(request), parts(request)
    _check_url(here, new.url)
    now, webhook_id, secret = here.clock.now(), here.new_id(), secrets.token_bytes(SECRET)
    webhook = Webhook(
        id=webhook_id,
        url=new.url,
        names=list(new.names),
        description=new.description,
        sealed_secret=here.seal.close(secret, owner_of(webhook_id)),
        created_at=now,
        updated_at=now,
    )
    progress = WebhookProgress(webhook_id=webhook_id, position=here.log.last_sequence)
    async with here.changes.begin(who.agent_id) as change:
        change.session.add(webhook)
        await change.session.flush()
        change.session.add(progress)
        change.record("webhook", webhook_id, "created", fields=["names", "url"])
    made = WebhookMade(secret=shown(secret), made=_view(here, webhook, progress))
    return answer(made, status=201)


@routes.add("GET", "/api/v1/webhooks/{webhook_id}", needs=NEEDS, answers=WebhookView)
async def webhook(request: web.Request) -> web.Response:
    """One webhook, and how far it is."""
    of_everybody(request)
    here = parts(request)
    async with here.database.readers() as session:
        stored = Webhooks(session)
        found = await stored.need(request.match_info["webhook_id"])
        return answer(_view(here, found, await stored.progress(found.id)))


@routes.add(
    "PATCH", "/api/v1/webhooks/{webhook_id}", needs=NEEDS, body=WebhookEdit, answers=WebhookView
)
async def edit_webhook(request: web.Request) -> web.Response:
    """Change what the body names; a webhook that was disabled can be enabled again."""
    edit, who, here = await read(request, WebhookEdit), of_everybody(request), parts(request)
    changed = edit.model_fields_set - {"version", "from_now"}
    if edit.url is not None:
        _check_url(here, edit.url)
    async with here.changes.begin(who.agent_id) as change:
        stored = Webhooks(change.session)
        found = await stored.need(request.match_info["webhook_id"])
        check_version(found, edit.version)
        progress = await stored.progress(found.id)
        for field in changed:
            setattr(found, field, getattr(edit, field))
        if edit.enabled:
            found.disabled_reason = None
            progress.attempts, progress.failing_since, progress.next_at = 0, None, None
        if edit.from_now:
            progress.position = here.log.last_sequence
        if changed:
            found.updated_at = here.clock.now()
            change.record("webhook", found.id, "updated", fields=changed)
    return answer(_view(here, found, progress))


@routes.add(
    "POST",
    "/api/v1/webhooks/{webhook_id}/rotate-secret",
    needs=NEEDS,
    body=SecretRotation,
    answers=WebhookMade,
)
async def rotate_secret(request: web.Request) -> web.Response:
    """Sign with a new secret, which this answer alone shows, and for a while with the old, too."""
    rotation, who = await read(request, SecretRotation), of_everybody(request)
    here, secret = parts(request), secrets.token_bytes(SECRET)
    now = here.clock.now()
    async with here.changes.begin(who.agent_id) as change:
        stored = Webhooks(change.session)
        found = await stored.need(request.match_info["webhook_id"])
        check_version(found, rotation.version)
        found.previous_sealed_secret, found.previous_secret_until = None, None
        if rotation.overlap:
            found.previous_sealed_secret = found.sealed_secret
            found.previous_secret_until = now + timedelta(seconds=rotation.overlap)
        found.sealed_secret = here.seal.close(secret, owner_of(found.id))
        found.updated_at = now
        progress = await stored.progress(found.id)
        change.record("webhook", found.id, "secret_rotated", fields=["secret"])
    return answer(WebhookMade(secret=shown(secret), made=_view(here, found, progress)))


@routes.add("DELETE", "/api/v1/webhooks/{webhook_id}", needs=NEEDS, status=204, query=(VERSION,))
async def delete_webhook(request: web.Request) -> web.Response:
    """Send nothing more; its dead letters go, too."""
    who, here = of_everybody(request), parts(request)
    version = version_to_delete(request)
    async with here.changes.begin(who.agent_id) as change:
        found = await Webhooks(change.session).need(request.match_info["webhook_id"])
        check_version(found, version)
        for table in (DeadLetter, WebhookProgress):
            await change.session.execute(delete(table).where(table.webhook_id == found.id))
        await change.session.delete(found)
        change.record("webhook", found.id, "deleted")
    return web.Response(status=204)


@routes.add(
    "GET",
    "/api/v1/webhooks/{webhook_id}/dead-letters",
    needs=NEEDS,
    answers=DeadLetterPage,
    query=PAGING,
)
async def dead_letters(request: web.Request) -> web.Response:
    """What its target did not take, the newest first."""
    of_everybody(request)
    most, place = limit(request), after(request, tuple[int])
    async with parts(request).database.readers() as session:
        stored = Webhooks(session)
        found = await stored.need(request.match_info["webhook_id"])
        letters = await stored.dead_letters(found.id, most, place[0] if place else None)
    more = cursor(letters[-1].sequence) if len(letters) == most else None
    return answer(DeadLetterPage(items=[_letter(each) for each in letters], next=more))


@routes.add(
    "POST",
    "/api/v1/webhooks/{webhook_id}/dead-letters/{sequence}/resend",
    needs=NEEDS,
    answers=DeadLetterView,
)
async def resend_dead_letter(request: web.Request) -> web.Response:
    """Send it again now; the answer says whether it was taken, and why not."""
    who, here = of_everybody(request), parts(request)
    webhook_id = request.match_info["webhook_id"]
    sequence = number_in_path(request, "sequence", of="dead letter", digits=15)
    async with here.database.readers() as session:
        stored = Webhooks(session)
        webhook = await stored.need(webhook_id)
        letter = await stored.need_dead_letter(webhook_id, sequence)
    failure = None
    try:
        await here.webhooks.resend(webhook, letter)
    except NotTaken as refusal:
        failure = str(refusal)
    async with here.changes.begin(who.agent_id) as change:
        letter = await Webhooks(change.session).need_dead_letter(webhook_id, letter.sequence)
        letter.attempts += 1
        if failure is None:
            letter.delivered_at = here.clock.now()
        else:
            letter.failure, letter.failed_at = failure, here.clock.now()
        change.record("dead_letter", f"{webhook_id}.{letter.sequence}", "resent")
    return answer(_letter(letter))


def _check_url(here: Parts, text: str) -> None:
    """Raises InvalidField. Names are resolved, and looked at, at every delivery."""
    try:
        url = URL(text)
        host = url.host
    except ValueError as error:
        raise InvalidField("url", "is no URL") from error
    private = here.webhooks.settings.allow_private_targets
    if url.scheme not in ({"http", "https"} if private else {"https"}):
        raise InvalidField("url", "must begin with https://")
    if not host or url.user is not None or url.password is not None:
        raise InvalidField("url", "must name a host, and no user")
    if not here.webhooks.settings.allows(host):
        raise InvalidField("url", "its host is not allowed")
    is_address = ":" in host or host.replace(".", "").isdigit()
    if not private and is_address and not is_public(host):
        raise InvalidField("url", "its address is not public")


def _view(here: Parts, webhook: Webhook, progress: WebhookProgress) -> WebhookView:
    return WebhookView(
        id=webhook.id,
        url=webhook.url,
        names=webhook.names,
        description=webhook.description,
        enabled=webhook.enabled,
        disabled_reason=webhook.disabled_reason,
        position=progress.position,
        behind=max(0, here.log.last_sequence - progress.position),
        attempts=progress.attempts,
        failing_since=progress.failing_since,
        next_at=progress.next_at,
        failure=progress.failure,
        delivered_at=progress.delivered_at,
        previous_secret_until=webhook.previous_secret_until,
        version=webhook.version,
        created_at=webhook.created_at,
        updated_at=webhook.updated_at,
    )


def _letter(letter: DeadLetter) -> DeadLetterView:
    return DeadLetterView(
        sequence=letter.sequence,
        message_id=message_id(letter.sequence),
        name=letter.name,
        body=letter.body,
        attempts=letter.attempts,
        failure=letter.failure,
        failed_at=letter.failed_at,
        delivered_at=letter.delivered_at,
    )
