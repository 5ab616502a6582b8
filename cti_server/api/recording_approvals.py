"""Four eyes: what is asked for by one person, approved or refused by another, and done once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from config.recording import TakenByTwo
from crm.errors import NotNow, UnknownRecord
from crm.numbers import mask
from cti_server.store.api_keys import ApiKeys
from cti_server.store.legal_holds import LegalHold, LegalHolds
from cti_server.store.recording_approvals import RecordingApproval, RecordingApprovals
from cti_server.store.recording_merges import RecordingMerges
from cti_server.store.recordings import STORED, Recordings
from cti_server.tickets.edit import Edit
from cti_server.wire.recording_approvals import (
    ApprovalDecision,
    ApprovalPage,
    ApprovalView,
    ApprovalWanted,
)
from recording.four_eyes import fingerprint

from .editing import editing
from .errors import NotBySomebodyElse
from .four_eyes import of_export, of_merge
from .keys import ACTS_AS
from .paging import PAGING, after, cursor, limit
from .parts import identity, parts
from .permissions import Identity
from .problems import NotFound
from .recording_access import seen_by
from .recording_search import usual
from .routing import Routes, answer, read

routes = Routes()

_PATH = "/api/v1/recording-approvals"
_ASK = ("recordings.export", "retention.manage", "recordings.play_original")
_SEEN_BY = (*_ASK, "recordings.approve", "audit.read")
_NEEDS: Mapping[TakenByTwo, str] = {
    "export": "recordings.export",
    "lift_hold": "retention.manage",
    "play_original": "recordings.play_original",
}
_RECORD = RecordingApproval.__tablename__


@routes.add("POST", _PATH, needs=_ASK, body=ApprovalWanted, answers=ApprovalView, status=201)
async def ask_approval(request: web.Request) -> web.Response:
    """Ask that somebody else approves what one is about to do; who may not do it may not ask."""
    wanted = await read(request, ApprovalWanted)
    here, who = parts(request), identity(request)
    async with editing(request) as edit:
        action, about = await _about(request, edit, wanted)
        if action not in here.recording.protection.four_eyes:
            raise NotNow(f"nobody has to approve this: recording.protection.four_eyes: {action}")
        approval = RecordingApproval(
            id=edit.new_id(),
            action=action,
            fingerprint=fingerprint(action, about),
            about=dict(about),
            reason=wanted.reason,
            asked_by=who.agent_id,
            person_id=await _person(edit, who),
            created_at=edit.now,
            updated_at=edit.now,
        )
        RecordingApprovals(edit.session).add(approval)
        await edit.session.flush()
        edit.change.record(_RECORD, approval.id, "asked")
    return answer(_view(approval, who, edit.now), 201)


@routes.add("GET", _PATH, needs=_SEEN_BY, answers=ApprovalPage, query=PAGING)
async def approvals(request: web.Request) -> web.Response:
    """What one asked for, the newest first; for who may approve or audit, all."""
    here, who, most = parts(request), identity(request), limit(request)
    place = after(request, tuple[datetime, str])
    everybodys = who.may("recordings.approve") or who.may("audit.read")
    async with here.database.readers() as session:
        found = await RecordingApprovals(session).page(
            most + 1, place, asked_by=None if everybodys else who.agent_id
        )
    page, now = found[:most], here.clock.now()
    more = cursor(page[-1].created_at, page[-1].id) if len(found) > most else None
    return answer(ApprovalPage(items=[_view(each, who, now) for each in page], next=more))


@routes.add(
    "POST",
    f"{_PATH}/{{approval_id}}/decision",
    needs=("recordings.approve",),
    body=ApprovalDecision,
    answers=ApprovalView,
)
async def decide(request: web.Request) -> web.Response:
    """Approve or refuse what somebody else asked for."""
    decision, who = await read(request, ApprovalDecision), identity(request)
    async with editing(request) as edit:
        approval = await RecordingApprovals(edit.session).need(request.match_info["approval_id"])
        if who.agent_id in {approval.asked_by, approval.person_id}:
            raise NotBySomebodyElse
        if (state := approval.state_at(edit.now)) != "waiting":
            raise NotNow(f"the approval {approval.id!r} is {state}")
        approval.approved, approval.decision_reason = decision.approve, decision.reason
        approval.decided_by, approval.decided_at = who.agent_id, edit.now
        approval.updated_at = edit.now
        if decision.approve:
            approval.valid_until = edit.now + parts(request).recording.protection.approval_holds
        await edit.session.flush()
        edit.change.record(_RECORD, approval.id, "approved" if decision.approve else "refused")
    return answer(_view(approval, who, edit.now))


async def _about(
    request: web.Request, edit: Edit, wanted: ApprovalWanted
) -> tuple[TakenByTwo, Mapping[str, Any]]:
    """What exactly is to be done. Raises NotPermitted and UnknownRecord, as doing it would."""
    here, who = parts(request), identity(request)
    if wanted.export is not None:
        who.need(_NEEDS["export"])
        search = usual(here, who, wanted.export.search)
        return "export", of_export(wanted.export.format, search)
    if wanted.merge_id is not None:
        who.need(_NEEDS["export"])
        seen = await seen_by(edit.session, who)
        merge = await RecordingMerges(edit.session).need(wanted.merge_id, seen)
        return "export", of_merge(merge.id, merge.version)
    if wanted.hold_id is not None:
        who.need(_NEEDS["lift_hold"])
        if await LegalHolds(edit.session).get(wanted.hold_id) is None:
            raise UnknownRecord(LegalHold.__tablename__, wanted.hold_id)
        return "lift_hold", {"hold_id": wanted.hold_id}
    who.need(_NEEDS["play_original"])
    recording_id = wanted.recording_id or ""
    seen = await seen_by(edit.session, who)
    recording = await Recordings(edit.session).get(recording_id, seen)
    if recording is None or recording.state != STORED:
        raise NotFound("recording", recording_id)
    return "play_original", {"recording_id": recording_id}


async def _person(edit: Edit, who: Identity) -> str:
    """Who asks, or who made the key that does, or the key that made it."""
    found, keys = who.agent_id, ApiKeys(edit.session)
    while found.startswith(ACTS_AS):
        key = await keys.get(found.removeprefix(ACTS_AS))
        if key is None:
            break
        found = key.created_by
    return found


def _view(approval: RecordingApproval, who: Identity, now: datetime) -> ApprovalView:
    about = dict(approval.about)
    search = about.get("search")
    if isinstance(search, dict) and "number" in search and not who.may("customers.reveal"):
        about["search"] = search | {"number": mask(str(search["number"]))}
    told = {
        name: getattr(approval, name)
        for name in ApprovalView.model_fields
        if name not in {"about", "state", "asked_at"}
    }
    return ApprovalView.model_validate(
        told | {"about": about, "state": approval.state_at(now), "asked_at": approval.created_at}
    )
