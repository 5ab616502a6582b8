"""
Closed sessions, remembered until their tokens would have expired, over a restart too.

They are in a small file of the data folder, replaced as a whole. A file that cannot be read must
not open what was closed: then every token from before that moment is refused.
"""

import asyncio
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import structlog

from recording.disk import Disk

from .permissions import Identity

log = structlog.get_logger()

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Kept(msgspec.Struct, frozen=True):
    """What the file holds."""

    closed: dict[str, Moment] = {}  # token id, and when the last token of it would have expired
    agents: dict[str, Moment] = {}  # whose tokens from before that moment are all closed
    none_before: Moment = datetime.fromtimestamp(0, UTC)


class Revocations:
    def __init__(self, file: Path, now: datetime) -> None:
        self._file = file
        self.since = now
        """No session that was opened from then on was renewed by another process."""
        self._kept = _read(file, now)
        self._written = self._kept
        self._writer = ThreadPoolExecutor(1, "revocations")  # one: what was written last is newest

    def close(self) -> None:
        """What was revoked is written before this returns."""
        self._writer.shutdown()

    def covers(self, identity: Identity) -> bool:
        """Whether the identity's session was closed."""
        before = self._kept.agents.get(identity.agent_id, self._kept.none_before)
        return identity.token_id in self._kept.closed or identity.issued_at < max(
            before, self._kept.none_before
        )

    def add(self, identity: Identity, now: datetime, until: datetime) -> Awaitable[None]:
        """
        Closed from this call on; what it returns ends when the disk has it, or refused it.

        ``until``: no token of the session, renewed or not, can hold longer.
        """
        live = {token: end for token, end in self._kept.closed.items() if end > now}
        live[identity.token_id] = max(until, identity.expires_at)
        return self._keep(msgspec.structs.replace(self._kept, closed=live))

    def add_all(self, agent_id: str, now: datetime) -> Awaitable[None]:
        """Closed are all sessions that this agent opened before ``now``; else as :meth:`add`."""
        agents = {**self._kept.agents, agent_id: now}
        return self._keep(msgspec.structs.replace(self._kept, agents=agents))

    def _keep(self, kept: _Kept) -> Awaitable[None]:
        self._kept = kept
        return asyncio.get_running_loop().run_in_executor(self._writer, self._write_newest)

    def _write_newest(self) -> None:
        """On the writer's thread: what was closed while it was busy is written at once."""
        if (kept := self._kept) is not self._written:
            _write(self._file, msgspec.json.encode(kept))
            self._written = kept


def _read(file: Path, now: datetime) -> _Kept:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Kept)
    except FileNotFoundError:
        return _Kept()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        log.warning("api.revocations_unreadable", file=str(file), reason=str(error))
        kept = _Kept(none_before=now)
        _write(file, msgspec.json.encode(kept))
        return kept


def _write(file: Path, content: bytes) -> None:
    try:
        disk = Disk()
        disk.make_folder(file.parent)
        disk.write_atomically(file, [content])
    except OSError as error:
        log.warning("api.revocations_not_written", file=str(file), reason=str(error))
