"""
The flows as callers hear them: published versions, of each flow the one that new calls begin in.

The configuration names files. A file speaks of its flow until somebody has published that flow over
REST; then what it says is told in the log and not looked at. A flow that was made over REST has no
file, and is called by its own name. A version is the flow with those that it walks through, their
texts and recordings. A call stays in the version that it began in.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from ivr.errors import FlowInvalid
from ivr.flow import Flow
from ivr.written import WrittenFlow, laid_out, read, written

from .flow_plans import ReadFlow, read_flows, unfit
from .refusals import StartFailed
from .speech.errors import SpeechError
from .store.changes import Change, Changes
from .store.database import Database
from .store.flow_sounds import FlowSounds, sha256
from .store.routing_definitions import (
    DefinitionVersions,
    RoutingDefinition,
    RoutingDefinitions,
)
from .tickets.edit import SYSTEM

log = structlog.get_logger()

KIND: Final = "flow"


class Sounds(Protocol):
    """What flows sound like: :class:`cti_server.rendering.FlowSounds`."""

    async def render(self, flow: Flow) -> None:
        """Have it there for as long as somebody walks through the flow. Raises SpeechError."""


async def kept(session: AsyncSession, flow: WrittenFlow) -> dict[str, Any]:
    """As a definition's content, its recordings beside it."""
    sounds = await FlowSounds(session).keep(flow.sounds)
    return {"main": flow.main, "texts": dict(flow.texts), "sounds": sounds}


async def as_written(session: AsyncSession, content: Mapping[str, Any]) -> WrittenFlow:
    """The other way round."""
    sounds = await FlowSounds(session).contents(content["sounds"])
    return WrittenFlow(content["main"], content["texts"], sounds)


class FlowBook(Mapping[str, Flow]):
    """
    Read at any time, by what the configuration calls a flow, or the name of one that was made over
    REST; changed by :meth:`use`, and by :meth:`reload` when the database says otherwise.
    """

    def __init__(
        self,
        database: Database,
        changes: Changes,
        sources: Mapping[str, Path],
        queues: Collection[str],
        read: Collection[str] = (),
    ) -> None:
        """
        ``sources``: files, by what the configuration calls them; ``queues`` that there are.

        ``read``: those of the sources that customers read.
        """
        self._read = frozenset(read)
        self._database = database
        self._changes = changes
        self._sources = sources
        self._queues = queues
        self._names: dict[str, str] = {}
        self._running: dict[str, Flow] = {}
        self._sounds: Sounds | None = None
        self._laid_out = ExitStack()
        self._reloading = asyncio.Lock()

    def __getitem__(self, source: str) -> Flow:
        return self._running[self._names[source]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def named(self, name: str) -> Flow | None:
        """The flow of that name as new calls begin in it; None if nothing leads there."""
        return self._running.get(name)

    @property
    def running(self) -> list[str]:
        """The names of those in which calls can begin now."""
        return sorted(self._running)

    def sources_of(self, name: str) -> list[str]:
        """What it is read by here; nothing for one that is out of force."""
        return [source for source, called in self._names.items() if called == name]

    def files_of(self, name: str) -> list[str]:
        """What the configuration calls it; nothing for one that was made over REST."""
        return [source for source in self.sources_of(name) if source in self._sources]

    def can_be_made(self, name: str) -> bool:
        """Whether nothing else is called so here."""
        return name not in self._names and name not in self._running

    def is_read(self, name: str) -> bool:
        """Whether customers read the flow of that name, too."""
        return any(source in self._read for source in self.sources_of(name))

    async def load(self, now: datetime) -> None:
        """Take in what the files say, and read what is published. Raises StartFailed."""
        found = read_flows(self._sources, self._queues)
        async with self._changes.begin(SYSTEM) as change:
            definitions = await self._taken_in(change, found, now)
            made = await _made(change.session)
        for source, definition in definitions.items():
            flow = found[source].flow
            if flow is None or definition.origin == "edited":
                flow = await self._published(definition)
            flow.published_as(definition.version)
            self._names[source] = definition.id
            self._running[definition.id] = flow
        for definition in made:
            if self.can_be_made(definition.id):
                flow = await self._published(definition)
                flow.published_as(definition.version)
                self._names[definition.id] = definition.id
                self._running[definition.id] = flow

    def run(self, sounds: Sounds) -> None:
        """What new versions are rendered by; those that were loaded are."""
        self._sounds = sounds
        self._laid_out.close()

    async def rehearse(self, flow: Flow) -> None:
        """Have rendered what callers would hear of it. Raises SpeechError."""
        if self._sounds is not None:
            await self._sounds.render(flow)

    def use(self, flow: Flow) -> None:
        """New calls begin in this version, which was rehearsed; never in an older one again."""
        running = self._running.get(flow.name)
        if running is None:
            self._names[flow.name] = flow.name
        if running is None or (flow.version or 0) > (running.version or 0):
            self._running[flow.name] = flow
            log.info("flow.published", flow=flow.name, version=flow.version)

    async def reload(self) -> None:
        """Take over what another process published; what cannot be used changes nothing."""
        async with self._reloading:
            for definition, said in await self._published_elsewhere():
                await self._take_over(definition, said)

    async def _published_elsewhere(self) -> list[tuple[RoutingDefinition, WrittenFlow]]:
        """Nobody keeps a connection while they are rendered: that may take a minute."""
        async with self._database.readers() as session:
            made = {one.id for one in await _made(session) if self.can_be_made(one.id)}
            return [
                (one, await as_written(session, one.content))
                for one in await RoutingDefinitions(session, KIND).all()
                if one.id in made or self._is_older(one)
            ]

    def _is_older(self, definition: RoutingDefinition) -> bool:
        """What runs here, if anything does."""
        running = self._running.get(definition.id)
        return running is not None and running.version != definition.version

    async def _take_over(self, definition: RoutingDefinition, said: WrittenFlow) -> None:
        try:
            with laid_out(said) as file:
                flow = await asyncio.to_thread(read, file)
                flow.published_as(definition.version)
                await self.rehearse(flow)
        except (FlowInvalid, SpeechError) as error:
            log.warning("flow.not_used", flow=definition.id, reason=str(error))
            return
        self.use(flow)

    async def _taken_in(
        self, change: Change, found: Mapping[str, ReadFlow], now: datetime
    ) -> dict[str, RoutingDefinition]:
        """Have the definitions follow the files, where nobody has published anything since."""
        stored = RoutingDefinitions(change.session, KIND)
        there = {one.id: one for one in await stored.all()}
        definitions, problems = dict[str, RoutingDefinition](), list[str]()
        for source, one in found.items():
            published = there.get(one.flow.name) if one.flow is not None else None
            if published is not None and published.origin == "edited":
                definitions[source] = published
                _tell_overruled(published, one)
            elif one.flow is None or one.problems:
                problems += one.problems
            else:
                definition = await _taken_from_file(change, stored, published, one.flow, now)
                definitions[source] = there[one.flow.name] = definition
        if problems:
            raise StartFailed("\n".join(dict.fromkeys(problems)))
        return definitions

    async def _published(self, definition: RoutingDefinition) -> Flow:
        """Its files stay until it is rendered. Raises StartFailed."""
        async with self._database.readers() as session:
            flow = await as_written(session, definition.content)
        try:
            found = read(self._laid_out.enter_context(laid_out(flow)))
        except FlowInvalid as error:
            raise StartFailed(
                f"flow {definition.id!r}, version {definition.version}, as it was published, "
                f"cannot be used: {error}"
            ) from error
        self._tell_unfit(definition, found)
        return found

    def _tell_unfit(self, definition: RoutingDefinition, flow: Flow) -> None:
        """
        No reason not to start: it can only be mended over REST, by who publishes it once more.

        Who is led into a queue that is gone goes the flow's own way out of it, or is turned away
        there, and supervisors have an incident; all others are served.
        """
        for problem in unfit(flow, self._queues):
            log.error(
                "flow.published_unfit",
                flow=definition.id,
                version=definition.version,
                file=Path(problem.file).name,
                line=problem.line,
                node=problem.node,
                reason=problem.message,
            )


async def _made(session: AsyncSession) -> list[RoutingDefinition]:
    """Those that began over REST: no file ever spoke of them."""
    stored = RoutingDefinitions(session, KIND)
    made = await DefinitionVersions(session, KIND).created_by_others_than(SYSTEM)
    return [one for one in await stored.all() if one.id in made]


async def _taken_from_file(
    change: Change,
    stored: RoutingDefinitions,
    published: RoutingDefinition | None,
    flow: Flow,
    now: datetime,
) -> RoutingDefinition:
    content = await kept(change.session, written(flow))
    if published is None:
        change.record(KIND, flow.name, "created")
        return await stored.create(flow.name, content, SYSTEM, now, origin="file")
    if published.content != content:
        await stored.put(published, content, SYSTEM, now, origin="file")
        change.record(KIND, flow.name, "updated")
    return published


def _tell_overruled(published: RoutingDefinition, found: ReadFlow) -> None:
    if found.flow is None:
        return
    flow = written(found.flow)
    sounds = {path: sha256(content) for path, content in flow.sounds.items()}
    if published.content != {"main": flow.main, "texts": flow.texts, "sounds": sounds}:
        log.warning(
            "flow.file_overruled",
            flow=published.id,
            version=published.version,
            file=found.flow.file,
        )
