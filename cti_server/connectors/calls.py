"""The connectors of a centre: asked in time, asked again where that does no harm, left alone."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import structlog

from config.connectors import ConnectorSettings
from crm.json_form import check_values
from cti_server.metrics import Figures

from .breaker import Breaker
from .errors import NoSuchOperation, OutsideFailed, OutsideRefused, OutsideResting
from .kinds import Connector, Operation, opened

log = structlog.get_logger()

FIRST_WAIT = 0.1  # seconds before the second attempt
LEAST_WAIT = 2.0
"""Seconds after which somebody who waits no longer counts as a failure: there was no answer."""
_LATE = "no answer in time"


@dataclass(slots=True)
class Health:
    """How a system has done since the start; ``elapsed`` is of the last answer, in seconds."""

    asked: int = 0
    refused: int = 0
    failed: int = 0
    spared: int = 0
    failure: str | None = None
    elapsed: float | None = None


@dataclass(slots=True)
class Line:
    """The way to one system, with what is known of it."""

    name: str
    connector: Connector
    settings: ConnectorSettings
    breaker: Breaker = field(default_factory=Breaker)
    health: Health = field(default_factory=Health)

    def failed(self, reason: str, now: float) -> None:
        self.health.failed += 1
        self.health.failure = reason
        self.breaker.failed(now)


class Connectors:
    def __init__(self, lines: Mapping[str, Line]) -> None:
        self.lines = lines

    @classmethod
    def of(cls, entries: Mapping[str, ConnectorSettings]) -> Self:
        """Raises ConnectorUnusable."""
        return cls({name: Line(name, opened(name, each), each) for name, each in entries.items()})

    async def call(
        self, name: str, operation: str, values: Mapping[str, Any], key: str | None = None
    ) -> Mapping[str, Any]:
        """
        Ask the system; ``key`` is the same whenever the same is asked for again.

        Raises NoSuchOperation, InvalidField, OutsideRefused, OutsideFailed and OutsideResting.
        """
        what, line = self.operation(name, operation), self.lines[name]
        check_values(what.parameters, values, "values")
        attempts = line.settings.attempts if what.repeatable else 1
        for attempt in range(1, attempts + 1):
            try:
                return await self._ask(line, operation, values, key)
            except OutsideFailed as error:
                log.warning(
                    "connectors.failed", connector=name, operation=operation, reason=str(error)
                )
                if attempt == attempts:
                    raise
            await asyncio.sleep(FIRST_WAIT * 2 ** (attempt - 1) * (0.5 + random.random()))  # noqa: S311
        raise AssertionError("there is always a last attempt")

    def operation(self, name: str, operation: str) -> Operation:
        """Raises NoSuchOperation."""
        line = self.lines.get(name)
        what = line.connector.operations.get(operation) if line is not None else None
        if what is None:
            raise NoSuchOperation(name, operation)
        return what

    def resting(self, name: str) -> bool:
        return self.lines[name].breaker.resting(asyncio.get_running_loop().time())

    async def figures(self) -> Figures:
        lines = self.lines.values()
        return {
            "asked_total": sum(line.health.asked for line in lines),
            "refused_total": sum(line.health.refused for line in lines),
            "failed_total": sum(line.health.failed for line in lines),
            "spared_total": sum(line.health.spared for line in lines),
            "resting": sum(self.resting(line.name) for line in lines),
        }

    async def close(self) -> None:
        for line in self.lines.values():
            await line.connector.close()

    async def _ask(
        self, line: Line, operation: str, values: Mapping[str, Any], key: str | None
    ) -> Mapping[str, Any]:
        clock = asyncio.get_running_loop().time
        begun, health = clock(), line.health
        if not line.breaker.lets_through(begun):
            health.spared += 1
            raise OutsideResting(f"{line.name} does not answer, and is left alone for a while")
        health.asked += 1
        try:
            async with asyncio.timeout(line.settings.timeout.total_seconds()):
                answer = await line.connector.call(operation, values, key)
        except OutsideRefused:
            health.refused += 1
            line.breaker.succeeded()
            raise
        except asyncio.CancelledError:  # a flow waits less than we would, or its caller hung up
            if clock() - begun >= LEAST_WAIT:
                line.failed(_LATE, clock())
            raise
        except (OutsideFailed, OSError) as error:
            line.failed(reason := _reason(error), clock())
            raise OutsideFailed(f"{line.name}: {reason}") from None
        line.breaker.succeeded()
        health.failure, health.elapsed = None, clock() - begun
        return answer


def _reason(error: Exception) -> str:
    """TimeoutError is an OSError; what the system said of somebody is not repeated."""
    if isinstance(error, TimeoutError):
        return _LATE
    return str(error) if isinstance(error, OutsideFailed) else type(error).__name__
