"""Who gets a contact: the floor with its router, its record, and the agents as they are defined."""

import asyncio
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from acd.memory import Memory
from acd.router import Router
from cti_server import known_words
from cti_server.definitions import Definitions
from cti_server.floor.floor import Floor
from cti_server.floor.record import RoutingRecord
from cti_server.floor.record_lines import Opened
from cti_server.flow_plans import named_by
from cti_server.plans import queue_of, rules_of

from .directory import Directory
from .ground import Ground
from .voice import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    floor: Floor
    record: RoutingRecord
    definitions: Definitions


async def open_routing(ground: Ground, directory: Directory, voice: Voice) -> Routing:
    settings, queues = ground.settings, directory.queues
    record, floor = _open_floor(ground, directory)
    leading = partial(named_by, settings, directory.numbers, directory.flows)
    queues.run(floor, voice.queue_sounds, leading)
    definitions = Definitions(ground.database, floor, settings.seats)
    await definitions.load()
    now = ground.clock.now()
    await known_words.take_in(ground.changes, queues.values(), settings.seats, now)
    return Routing(floor=floor, record=record, definitions=definitions)


def _open_floor(ground: Ground, directory: Directory) -> tuple[RoutingRecord, Floor]:
    acd, clock, zone = ground.settings.acd, ground.clock, ZoneInfo(ground.time_zone)
    queues, rules = tuple(map(queue_of, directory.queues.values())), rules_of(acd)
    record = RoutingRecord(ground.data / "routing", zone=zone, kept=acd.record_kept)
    record.open(Opened(clock.now(), ground.version, rules, queues))
    ground.opening.push_async_callback(asyncio.to_thread, record.close)
    memory = Memory(clock.now())
    floor = Floor(
        Router(queues, ground.new_id, rules, memory),
        clock,
        ground.log.append,
        reasons=acd.not_ready_reasons,
        record=record.append,
        memory=memory,
    )
    ground.opening.callback(floor.close)
    return record, floor
