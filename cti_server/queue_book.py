"""
The queues as they are now: what is defined in the database, and what runs.

The configuration file's queues are taken in at the start. The file speaks of a queue until somebody
has edited that one over REST; then what it says of it is told in the log and not looked at.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import structlog
from pydantic import ValidationError

from acd.errors import QueueInUse, UnknownQueue
from acd.policies import SHIPPED
from config.floor import QueueSettings

from .configured_definitions import take_in
from .floor.floor import Floor
from .plans import queue_from
from .refusals import StartFailed
from .store.changes import Changes
from .store.database import Database
from .store.routing_definitions import RoutingDefinition, RoutingDefinitions
from .tickets.edit import SYSTEM

log = structlog.get_logger()

Files = Mapping[tuple[str, str], Path]
"""By queue and language."""


class Sounds(Protocol):
    """What is said for a queue: :class:`cti_server.rendering.QueueSounds`."""

    async def render(self, queue: QueueSettings) -> Files:
        """Have it there. Raises SpeechError."""

    def use(self, queue: str, files: Files) -> None: ...


def content_of(settings: QueueSettings) -> dict[str, Any]:
    """As it is stored: without what is as it always is."""
    written: dict[str, Any] = settings.model_dump(
        mode="json", exclude={"name"}, exclude_defaults=True
    )
    return written


def settings_of(definition: RoutingDefinition) -> QueueSettings:
    """Raises ValidationError for what an older or newer release meant by it."""
    return QueueSettings.model_validate({**definition.content, "name": definition.id})


class QueueBook(Mapping[str, QueueSettings]):
    """Read at any time; changed by :meth:`reload` alone, when the database says otherwise."""

    def __init__(
        self, database: Database, changes: Changes, configured: Sequence[QueueSettings]
    ) -> None:
        self._database = database
        self._changes = changes
        self._configured = configured
        self._queues: dict[str, QueueSettings] = {}
        self._floor: Floor | None = None
        self._sounds: Sounds | None = None
        self._named_by: Callable[[str], Sequence[str]] = lambda _: ()
        self._reloading = asyncio.Lock()
        self.caller_ids: dict[str, str | None] = {}
        """What each queue shows to whom its agents call, as long as it is there."""
        self.opened: Callable[[str], None] = lambda _: None
        """Told of a queue that there was not before, once contacts can wait in it."""
        self.edited: frozenset[str] = frozenset()
        """Of which queues somebody has edited the definition over REST; as they were read last."""
        self.policies = frozenset({*SHIPPED, *(queue.policy for queue in configured)})
        """Which may be chosen over REST: to load any other code is for who writes the file."""

    def __getitem__(self, name: str) -> QueueSettings:
        return self._queues[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._queues)

    def __len__(self) -> int:
        return len(self._queues)

    async def load(self, now: datetime) -> None:
        """Take in what the file says, and read what is defined. Raises StartFailed."""
        async with self._changes.begin(SYSTEM) as change:
            configured = {queue.name: content_of(queue) for queue in self._configured}
            await take_in(change, "queue", configured, now)
        try:
            for settings in await self._defined():
                self._note(settings)
        except ValidationError as error:
            raise StartFailed(f"a queue's definition cannot be used: {error}") from error

    def run(self, floor: Floor, sounds: Sounds, named_by: Callable[[str], Sequence[str]]) -> None:
        """What follows the definitions from now on; ``named_by``: numbers and flows."""
        self._floor, self._sounds, self._named_by = floor, sounds, named_by

    def named_by(self, name: str) -> Sequence[str]:
        """What leads callers there, in words."""
        return self._named_by(name)

    async def rehearse(self, settings: QueueSettings) -> None:
        """Raises what would keep the queue from running so."""
        queue_from(settings)
        if self._sounds is not None:
            await self._sounds.render(settings)

    async def reload(self) -> None:
        """
        Take over what was defined or changed meanwhile; only differences touch the floor.

        Of two at once the second reads when the first is done: what was read last is what holds.
        """
        async with self._reloading:
            wanted = {settings.name: settings for settings in await self._defined()}
            for settings in wanted.values():
                if self._queues.get(settings.name) != settings:
                    await self._put(settings)
            for name in set(self._queues) - set(wanted):
                try:
                    self._remove(name)
                except QueueInUse as error:  # deleted by another process; the next reload tries
                    log.warning("queue.still_in_use", queue=name, reason=str(error))

    @asynccontextmanager
    async def closed(self, name: str) -> AsyncIterator[None]:
        """
        Nobody gets into the queue any more; if the block fails, they do again.

        Raises UnknownQueue, and QueueInUse while somebody waits, is rung or is served there.
        """
        async with self._reloading:
            settings = self._queues.get(name)
            if settings is None:
                raise UnknownQueue(name)
            self._remove(name)
            try:
                yield
            except BaseException:
                self._open(settings)
                raise

    async def _defined(self) -> list[QueueSettings]:
        async with self._database.readers() as session:
            found = await RoutingDefinitions(session, "queue").all()
        self.edited = frozenset(one.id for one in found if one.origin == "edited")
        return [settings_of(one) for one in found]

    async def _put(self, settings: QueueSettings) -> None:
        files = {} if self._sounds is None else await self._sounds.render(settings)
        if self._sounds is not None:
            self._sounds.use(settings.name, files)
        self._open(settings)

    def _open(self, settings: QueueSettings) -> None:
        if self._floor is not None:
            self._floor.put_queue(queue_from(settings))
        new = settings.name not in self._queues
        self._note(settings)
        if new:
            self.opened(settings.name)

    def _note(self, settings: QueueSettings) -> None:
        self._queues[settings.name] = settings
        self.caller_ids[settings.name] = settings.caller_id

    def _remove(self, name: str) -> None:
        if self._floor is not None:
            self._floor.remove_queue(name)
        del self._queues[name], self.caller_ids[name]
