"""What became of the servers before this one is told as incidents, put right by its start."""

import asyncio

from cti_server.ends import End, Fate, noted, told
from cti_server.wire.events import IncidentFound, IncidentHealed

from .ground import Ground


async def tell_of_ends(ground: Ground, died: int | None) -> None:
    """``died``: the process that served this folder before and did not end as it should."""
    watched = await asyncio.to_thread(noted, ground.data)
    found = list(watched)
    if died is not None and not watched:
        found.append(_end(ground, Fate.DIED, f"process {died}", "nobody saw how", "restarted"))
    before = ground.lease.before
    if before is not None and ground.lease.taken_over:
        detail = f"epoch {before.epoch}; this one's is {ground.lease.epoch}"
        found.append(_end(ground, Fate.TAKEN_OVER, before.holder, detail, "took_over"))
    if (aside := ground.aside) is not None:
        detail = f"{aside.events} events that never came to the database: {aside.file}"
        found.append(_end(ground, Fate.LEFT_EVENTS, "this data folder", detail, "set_aside"))
    for end in found:
        _tell(ground, end)
    if watched:
        await ground.log.stored()
        await asyncio.to_thread(told, ground.data, watched)


def _end(ground: Ground, fate: Fate, subject: str, detail: str, action: str) -> End:
    return End(ground.new_id(), fate, subject, detail, action)


def _tell(ground: Ground, end: End) -> None:
    ground.log.append(
        IncidentFound(
            incident_id=end.incident_id, kind=end.fate, subject=end.subject, detail=end.detail
        )
    )
    ground.log.append(IncidentHealed(incident_id=end.incident_id, kind=end.fate, action=end.action))
