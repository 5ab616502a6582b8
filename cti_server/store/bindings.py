"""
Where SIP phones can be reached, kept over a restart.

The registrar says what changed and goes on; a task writes it within a second. A crash may lose the
last second's changes, and a database that is away holds them up: a phone registers again by
itself, so the loss lasts until its next REGISTER at most. Waiting changes are one a binding.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, SequenceNumber
from .database import UNAVAILABLE, Database

log = structlog.get_logger()

LONGEST_URI = 1024
"""A longer contact is not kept (PostgreSQL could not index it); its phone still works."""

GATHER = 0.5  # seconds from the first change to its writing
RETRY = 5.0  # seconds until a database that did not answer is asked again


class SipBinding(Base, kw_only=True):
    """One phone of one account, and the flow on which it registered."""

    __tablename__ = "sip_binding"

    aor: Mapped[str] = mapped_column(primary_key=True)
    contact_uri: Mapped[str] = mapped_column(primary_key=True)
    transport: Mapped[str]
    host: Mapped[str]
    port: Mapped[int]
    local_host: Mapped[str]
    local_port: Mapped[int]
    expires_at: Mapped[datetime]
    sip_call_id: Mapped[str]
    sequence: Mapped[int] = mapped_column(SequenceNumber)  # of the REGISTER's CSeq
    user_agent: Mapped[str | None] = mapped_column(default=None)


class FlowOf(Protocol):
    """What is kept of a flow (:class:`cti_server.sip.transport.Flow`)."""

    @property
    def transport(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def local(self) -> tuple[str, int]: ...


class BindingOf(Protocol):
    """What is kept of a binding (:class:`cti_server.sip.registration.Binding`)."""

    @property
    def aor(self) -> str: ...
    @property
    def contact_uri(self) -> str: ...
    @property
    def flow(self) -> FlowOf: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def sip_call_id(self) -> str: ...
    @property
    def sequence(self) -> int: ...
    @property
    def user_agent(self) -> str | None: ...


class SipBindings:
    """The stored bindings. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def live(self, now: datetime) -> Sequence[SipBinding]:
        """Those that have not expired: what a restarted registrar begins with."""
        query = (
            select(SipBinding)
            .where(SipBinding.expires_at > now)
            .order_by(SipBinding.aor, SipBinding.expires_at)
        )
        return (await self._session.scalars(query)).all()

    async def replace(self, gone: Sequence[tuple[str, str]], present: Sequence[SipBinding]) -> None:
        """Remove these (aor, contact URI), then put those."""
        for start in range(0, len(gone), 200):
            keys = gone[start : start + 200]
            await self._session.execute(
                delete(SipBinding).where(tuple_(SipBinding.aor, SipBinding.contact_uri).in_(keys))
            )
        self._session.add_all(present)


class BindingWriter:
    """The registrar's store: takes changes at once, writes them later."""

    def __init__(self, database: Database, *, retry: float = RETRY) -> None:
        self.failure: str | None = None
        """Why the database does not take the bindings at present."""
        self._database = database
        self._retry = retry
        self._changes: dict[tuple[str, str], BindingOf | None] = {}
        self._being_written: dict[tuple[str, str], BindingOf | None] = {}
        self._changed = asyncio.Event()
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Bindings whose last change is not in the database yet."""
        return len(self._being_written | self._changes)

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name="binding-writer")

    async def close(self) -> None:
        """Write what is still waiting, if the database takes it."""
        self._closing.set()
        self._changed.set()
        if self._task is not None:
            await self._task

    def saved(self, binding: BindingOf) -> None:
        if len(binding.contact_uri) <= LONGEST_URI:
            self._change(binding.aor, binding.contact_uri, binding)

    def removed(self, aor: str, contact_uri: str) -> None:
        self._change(aor, contact_uri, None)

    def _change(self, aor: str, contact_uri: str, binding: BindingOf | None) -> None:
        self._changes[aor, contact_uri] = binding
        self._changed.set()

    async def _run(self) -> None:
        while not self._closing.is_set():
            await self._changed.wait()
            await self._pause(GATHER)
            if not await self._write():
                await self._pause(self._retry)
        if self._changes:
            await self._write()

    async def _write(self) -> bool:
        """Write what has changed; whether the database took it."""
        self._changed.clear()
        self._being_written, self._changes = self._changes, {}
        changes = self._being_written
        present = [_row(binding) for binding in changes.values() if binding is not None]
        try:
            async with self._database.sessions.begin() as session:
                await SipBindings(session).replace(list(changes), present)
        except UNAVAILABLE as error:
            self.failure = f"{type(error).__name__}: {error}"
            log.warning("store.bindings_not_saved", reason=self.failure, bindings=len(changes))
            self._changes = changes | self._changes
            self._changed.set()
        else:
            self.failure = None
        self._being_written = {}
        return self.failure is None

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            pass


def _row(binding: BindingOf) -> SipBinding:
    flow = binding.flow
    return SipBinding(
        aor=binding.aor,
        contact_uri=binding.contact_uri,
        transport=flow.transport,
        host=flow.host,
        port=flow.port,
        local_host=flow.local[0],
        local_port=flow.local[1],
        expires_at=binding.expires_at,
        sip_call_id=binding.sip_call_id.replace("\0", ""),
        sequence=binding.sequence,
        user_agent=None if binding.user_agent is None else binding.user_agent.replace("\0", ""),
    )
