"""Skills and teams that are in use: each is known, by its own id until somebody names it."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from config.floor import QueueSettings, SeatSettings

from .store.agents import Agents
from .store.changes import Change, Changes
from .store.routing_definitions import Kind, RoutingDefinitions
from .tickets.edit import SYSTEM

_ID = re.compile(r"[\w.-]{1,64}")


def skills_by_setting(queue: QueueSettings) -> dict[str, set[str]]:
    """All that are named, required or preferred, now or later."""
    later = [some for step in queue.relax for some in (step.skills or {}, *(step.any_of or ()))]
    return {
        "skills": set(queue.skills),
        "preferred": set(queue.preferred),
        "any_of": {skill for some in queue.any_of for skill in some},
        "relax": {skill for some in later for skill in some},
    }


def skills_of(queue: QueueSettings) -> set[str]:
    return set[str]().union(*skills_by_setting(queue).values())


async def take_in(
    changes: Changes,
    queues: Iterable[QueueSettings],
    seats: Iterable[SeatSettings],
    now: datetime,
) -> None:
    """Put on the lists what queues, seats and agents name and what is on none yet."""
    async with changes.begin(SYSTEM) as change:
        agents = await Agents(change.session).all()
        having: list[Mapping[str, int]] = [*(one.skills for one in agents)]
        having += [seat.skills for seat in seats]
        asked = {skill for queue in queues for skill in skills_of(queue)}
        await _know(change, "skill", asked.union(*having), now)
        await _know(change, "team", {one.team for one in agents if one.team is not None}, now)


async def _know(change: Change, kind: Kind, words: set[str], now: datetime) -> None:
    stored = RoutingDefinitions(change.session, kind)
    there = {one.id for one in await stored.all()}
    for word in sorted(filter(_ID.fullmatch, words - there)):
        await stored.create(word, {"labels": {"zh": word, "en": word}}, SYSTEM, now)
        change.record(kind, word, "created")
