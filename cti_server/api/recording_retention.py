"""How long recordings are kept, by queue and kind; what would go is told before."""

from aiohttp import web
from sqlalchemy import select

from crm.errors import InvalidField, UnknownRecord
from crm.recording_retention import RecordingRule
from crm.retention import check
from cti_server.privacy.recordings_going import Going, going
from cti_server.store.legal_holds import LegalHolds
from cti_server.store.recordings import Recording
from cti_server.store.retention import RECORDINGS, RecordingRetention, Retention
from cti_server.store.versions import check_version
from cti_server.wire.privacy import (
    PreviewWanted,
    RecordingRetentionView,
    RecordingRetentionWanted,
    RecordingsGoing,
    RetentionEdit,
)

from .parts import Parts, identity, parts
from .routing import Query, Routes, answer, answer_many, read

routes = Routes()

_MANAGE = ("retention.manage",)
_SEEN_BY = ("retention.manage", "audit.read")
_RULES = "/api/v1/retention/recordings"
_RECORD = RecordingRetention.__tablename__
_NEW = "new"


@routes.add("GET", _RULES, needs=_SEEN_BY, answers=RecordingRetentionView, many=True)
async def recording_rules(request: web.Request) -> web.Response:
    """The rules; what none of them speaks of is kept as long as the class `recordings` says."""
    async with parts(request).database.readers() as session:
        found = await Retention(session).of_recordings()
    return answer_many([_view(each) for each in found])


@routes.add(
    "POST",
    _RULES,
    needs=_MANAGE,
    body=RecordingRetentionWanted,
    answers=RecordingRetentionView,
    status=201,
)
async def add_recording_rule(request: web.Request) -> web.Response:
    """Keep the recordings of a queue, a kind, or both, longer or shorter than others."""
    wanted, here = await read(request, RecordingRetentionWanted), parts(request)
    await _check(here, wanted.queue, wanted.kind, wanted.days)
    now = here.clock.now()
    async with here.changes.begin(identity(request).agent_id) as change:
        rule = RecordingRetention(
            id=here.new_id(),
            queue=wanted.queue or "",
            kind=wanted.kind or "",
            days=wanted.days,
            created_at=now,
            updated_at=now,
        )
        change.session.add(rule)
        await Retention(change.session).rules_changed(now)
        change.record(_RECORD, rule.id, "created", fields=["queue", "kind", "days"])
        await change.session.flush()
        view = _view(rule)
    return answer(view, 201)


@routes.add(
    "PATCH",
    f"{_RULES}/{{rule_id}}",
    needs=_MANAGE,
    body=RetentionEdit,
    answers=RecordingRetentionView,
)
async def edit_recording_rule(request: web.Request) -> web.Response:
    """Keep them longer or shorter from the next run on."""
    wanted, here = await read(request, RetentionEdit), parts(request)
    async with here.changes.begin(identity(request).agent_id) as change:
        rule = await change.session.get(RecordingRetention, request.match_info["rule_id"])
        if rule is None:
            raise UnknownRecord(_RECORD, request.match_info["rule_id"])
        check_version(rule, wanted.version)
        check(RECORDINGS, wanted.days)
        rule.days, rule.updated_at = wanted.days, here.clock.now()
        change.record(_RECORD, rule.id, "updated", fields=["days"])
        await change.session.flush()
        view = _view(rule)
    return answer(view)


@routes.add("DELETE", f"{_RULES}/{{rule_id}}", needs=_MANAGE, status=204)
async def remove_recording_rule(request: web.Request) -> web.Response:
    """They are kept as others are from the next run on."""
    here, rule_id = parts(request), request.match_info["rule_id"]
    async with here.changes.begin(identity(request).agent_id) as change:
        rule = await change.session.get(RecordingRetention, rule_id)
        if rule is None:
            raise UnknownRecord(_RECORD, rule_id)
        await change.session.delete(rule)
        await change.session.flush()
        await Retention(change.session).rules_changed(here.clock.now())
        change.record(_RECORD, rule_id, "deleted")
    return web.Response(status=204)


@routes.add(
    "GET",
    f"{_RULES}/preview",
    needs=_SEEN_BY,
    answers=RecordingsGoing,
    many=True,
    query=(
        Query("queue", "string", "of a rule that is thought of"),
        Query("kind", "string", "of it: conversation, message, menu or siprec"),
        Query("days", "integer", "that it would have; for good without"),
    ),
)
async def preview_recording_rules(request: web.Request) -> web.Response:
    """What the next run would destroy; nothing is done."""
    wanted, here = PreviewWanted.model_validate(dict(request.query)), parts(request)
    await here.log.stored()
    now = here.clock.now()
    thought_of = {wanted.queue, wanted.kind, wanted.days} != {None}
    if thought_of:
        await _check(here, wanted.queue, wanted.kind, wanted.days)
    async with here.database.readers() as session:
        stored = Retention(session)
        rules = [each.rule for each in await stored.of_recordings()]
        if thought_of:
            rule = RecordingRule(_NEW, wanted.queue, wanted.kind, wanted.days)
            rules = _with(rules, rule)
        of_class = await stored.rule(RECORDINGS)
        days = None if of_class is None else of_class.days
        found = await going(session, rules, days, await LegalHolds(session).held(now), now)
    return answer_many([_going_view(each) for each in found])


def _with(rules: list[RecordingRule], new: RecordingRule) -> list[RecordingRule]:
    """In the place of one of the same queue and kind, if there is one."""
    others = [each for each in rules if (each.queue, each.kind) != (new.queue, new.kind)]
    return [*others, new]


async def _check(here: Parts, queue: str | None, kind: str | None, days: int | None) -> None:
    """Raises InvalidField."""
    if queue is None and kind is None:
        raise InvalidField("queue", f"or kind is needed: the class {RECORDINGS!r} is for all")
    check(RECORDINGS, days)
    if queue is None or queue in here.queues:
        return
    async with here.database.readers() as session:
        query = select(Recording.id).where(Recording.queue == queue).limit(1)
        if await session.scalar(query) is None:
            raise InvalidField("queue", f"there is no queue {queue!r}, and nothing recorded of it")


def _view(rule: RecordingRetention) -> RecordingRetentionView:
    return RecordingRetentionView(
        id=rule.id,
        queue=rule.queue or None,
        kind=rule.kind or None,
        days=rule.days,
        swept_until=rule.swept_until,
        version=rule.version,
        updated_at=rule.updated_at,
    )


def _going_view(each: Going) -> RecordingsGoing:
    rule = each.rule
    return RecordingsGoing(
        rule_id=None if rule is None else rule.id,
        queue=None if rule is None else rule.queue,
        kind=None if rule is None else rule.kind,
        days=each.days,
        recordings=each.recordings,
        bytes=each.bytes,
        held=each.held,
        oldest=each.oldest,
    )
