"""Definitions of which the configuration file speaks until somebody has edited them over REST."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog

from .store.changes import Change
from .store.routing_definitions import Kind, RoutingDefinitions
from .tickets.edit import SYSTEM

log = structlog.get_logger()


async def take_in(
    change: Change, kind: Kind, configured: Mapping[str, Mapping[str, Any]], now: datetime
) -> None:
    """Have those of this kind follow the file (contents by id), where nobody has edited them."""
    stored = RoutingDefinitions(change.session, kind)
    there = {one.id: one for one in await stored.all(removed=True)}
    for name, content in configured.items():
        found = there.pop(name, None)
        if found is None or (found.removed and found.origin == "file"):
            await stored.create(name, content, SYSTEM, now, origin="file")
            change.record(kind, name, "created")
        elif found.removed or found.content != content:
            if found.origin == "file":
                await stored.put(found, content, SYSTEM, now, origin="file")
                change.record(kind, name, "updated", fields=["settings"])
            else:
                log.warning("definition.file_overruled", kind=kind, id=name, version=found.version)
    for gone in there.values():
        if gone.origin == "file" and not gone.removed:
            await stored.remove(gone, SYSTEM, now, origin="file")
            change.record(kind, gone.id, "deleted")
