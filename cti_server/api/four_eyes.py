"""Whether somebody else has approved what is about to be done, where that is asked for."""

from collections.abc import Mapping
from typing import Any

from config.recording import TakenByTwo
from cti_server.store.changes import Change
from cti_server.store.recording_approvals import RecordingApproval, RecordingApprovals
from recording.four_eyes import fingerprint
from recording.search import RecordingSearch

from .errors import ApprovalNeeded
from .parts import Parts
from .permissions import Identity


def of_export(format: str, wanted: RecordingSearch) -> Mapping[str, Any]:
    """What is approved of an export; the search has its numbers in their one form."""
    return {"format": format, "search": wanted.asked}


def of_merge(merge_id: str, version: int) -> Mapping[str, Any]:
    """Of these recordings: another version names others."""
    return {"merge_id": merge_id, "version": version}


async def spend(
    here: Parts, who: Identity, change: Change, action: TakenByTwo, about: Mapping[str, Any]
) -> None:
    """
    Do it once, by an approval that is used up with the caller's transaction.

    Raises ApprovalNeeded.
    """
    if action not in here.recording.protection.four_eyes:
        return
    now = here.clock.now()
    told = fingerprint(action, about)
    found = await RecordingApprovals(change.session).standing(told, who.agent_id, now)
    if found is None:
        raise ApprovalNeeded(action)
    found.used_at = found.updated_at = now
    change.record(RecordingApproval.__tablename__, found.id, "used")


async def need_standing(
    here: Parts, who: Identity, action: TakenByTwo, about: Mapping[str, Any]
) -> None:
    """The same for what may be done again as long as the approval holds."""
    if action not in here.recording.protection.four_eyes:
        return
    told = fingerprint(action, about)
    async with here.database.readers() as session:
        found = await RecordingApprovals(session).standing(told, who.agent_id, here.clock.now())
    if found is None:
        raise ApprovalNeeded(action)
