"""Asks every part how it is doing, all at once, and each for no longer than a moment."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from cti_server.clock import Clock
from cti_server.store.database import UNAVAILABLE

from .findings import Finding, State, worst

log = structlog.get_logger()

WITHIN = 3.0  # seconds

Ask = Callable[[], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class Report:
    at: datetime
    state: State
    parts: Mapping[str, Finding]


@dataclass(frozen=True, slots=True)
class Turn:
    """Which process this is: ``epoch`` counts the turns that servers took on this database."""

    holder: str
    epoch: int
    started_at: datetime


class SystemHealth:
    def __init__(self, parts: Mapping[str, Ask], turn: Turn, clock: Clock) -> None:
        self.turn = turn
        self._parts = parts
        self._clock = clock

    async def report(self) -> Report:
        found = await asyncio.gather(*(_found(*part) for part in self._parts.items()))
        parts = dict(zip(self._parts, found, strict=True))
        return Report(self._clock.now(), worst([each.state for each in found]), parts)


async def _found(part: str, ask: Ask) -> Finding:
    try:
        async with asyncio.timeout(WITHIN):
            return await ask()
    except UNAVAILABLE as error:  # a timeout is one
        return Finding("bad", "no_answer", type(error).__name__)
    except Exception as error:  # of this part alone: how the others are doing is said
        log.exception("health.part_failed", part=part)
        return Finding("bad", "fault", type(error).__name__)
