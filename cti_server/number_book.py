"""
The centre's numbers as they are now: what is defined in the database, and what calls follow.

As with queues, the configuration file's are taken in at the start, and the file speaks of a number
until somebody has edited that one over REST. A definition names flows as ``/flows`` does; in force,
a number names them as the configuration does, as long as that has them.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import structlog
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from config.numbers import Destination, NumberSettings

from .calls.dialled_numbers import DialledNumbers
from .configured_definitions import take_in
from .flow_book import FlowBook
from .plans import check_numbers_queues
from .store.changes import Changes
from .store.database import Database
from .store.routing_definitions import RoutingDefinition, RoutingDefinitions
from .tickets.edit import SYSTEM

log = structlog.get_logger()

KIND: Final = "number"


def content_of(settings: NumberSettings) -> dict[str, Any]:
    """As it is stored: without what is as it always is."""
    written: dict[str, Any] = settings.model_dump(mode="json", exclude_defaults=True)
    return written


def settings_of(definition: RoutingDefinition) -> NumberSettings | None:
    """None for what another release meant by it, and this one does not understand."""
    try:
        return NumberSettings.model_validate(definition.content)
    except ValidationError:
        return None


async def numbers_leading_to(queue: str, session: AsyncSession) -> list[str]:
    """As they are defined at this moment, in force or not; the book may be behind."""
    found = await RoutingDefinitions(session, KIND).all()
    return [
        one.id
        for one in found
        if (settings := settings_of(one)) is not None
        and any(to.queue == queue for to in settings.destinations)
    ]


class NumberBook(Mapping[str, NumberSettings]):
    """Read at any time; changed by :meth:`reload` alone, when the database says otherwise."""

    def __init__(
        self,
        database: Database,
        changes: Changes,
        configured: Mapping[str, NumberSettings],
        flows: FlowBook,
        queues: Collection[str],
        dialled: DialledNumbers,
    ) -> None:
        """``flows`` and ``queues`` as they are at any moment; ``dialled`` follows the book."""
        self._database = database
        self._changes = changes
        self._configured = configured
        self._flows = flows
        self._queues = queues
        self._dialled = dialled
        self._numbers: dict[str, NumberSettings] = {}
        self._reloading = asyncio.Lock()

    def __getitem__(self, number: str) -> NumberSettings:
        return self._numbers[number]

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    async def load(self, now: datetime) -> None:
        """
        Take in what the file says, once flows are loaded, and read what is defined.

        Raises StartFailed where a number of which the file still speaks leads to no queue.
        """
        configured = {
            number: content_of(_renamed(settings, lambda source: self._flows[source].name))
            for number, settings in self._configured.items()
        }
        async with self._changes.begin(SYSTEM) as change:
            await take_in(change, KIND, configured, now)
            found = await RoutingDefinitions(change.session, KIND).all()
            files = {one.id: settings_of(one) for one in found if one.origin == "file"}
            understood = {number: leads for number, leads in files.items() if leads is not None}
            check_numbers_queues(understood, self._queues)
        await self.reload()

    async def reload(self) -> None:
        """
        Take over what was defined or changed meanwhile; calls that run go on where they were led.

        Of two at once the second reads when the first is done: what was read last is what holds.
        A number that leads to what is gone, or that another release defined as this one does not
        understand, is told in the log, and calls to it are turned away: it can be mended over
        REST, and is no reason not to start.
        """
        async with self._reloading:
            async with self._database.readers() as session:
                found = await RoutingDefinitions(session, KIND).all()
            self._numbers = {one.id: used for one in found if (used := self._used(one))}
            self._dialled.use(self._numbers)

    def _used(self, definition: RoutingDefinition) -> NumberSettings | None:
        if (settings := settings_of(definition)) is None:
            log.error("number.not_used", number=definition.id, reason="another release defined it")
            return None
        if gone := self.missing(settings):
            log.error("number.not_used", number=definition.id, reason=f"{gone[0]} is gone")
            return None
        return _renamed(settings, lambda name: self._flows.sources_of(name)[0])

    def missing(self, settings: NumberSettings) -> list[str]:
        """What a definition leads to that is not there, in words."""
        flows = {one.flow for one in settings.destinations if one.flow is not None}
        queues = {one.queue for one in settings.destinations if one.queue is not None}
        return [
            *(f"flow {name!r}" for name in sorted(flows) if not self._flows.sources_of(name)),
            *(f"queue {name!r}" for name in sorted(queues) if name not in self._queues),
        ]


def _renamed(settings: NumberSettings, name: Callable[[str], str]) -> NumberSettings:
    """With its flows by other names."""

    def led(to: Destination) -> dict[str, str | None]:
        return {"flow": None if to.flow is None else name(to.flow)}

    when = tuple(rule.model_copy(update=led(rule)) for rule in settings.when)
    return settings.model_copy(update={**led(settings), "when": when})
