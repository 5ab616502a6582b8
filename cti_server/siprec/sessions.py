"""All recording sessions of other PBXs (RFC 7866), from the INVITE to the archive."""

import asyncio
import itertools
import secrets
from collections.abc import Mapping
from typing import Final

import structlog

from config.siprec import RecordingClientSettings, SiprecSettings
from cti_server.calls.exchange import Exchange
from cti_server.sip.recording_call import DEAF_RECORDER, RecordingCall, RecordingListener

from .session import RecordingSession

log = structlog.get_logger()

RETRY_AFTER: Final = 30
"""Seconds for a client whose session is one too many; it may have another server meanwhile."""
CLOSES_WITHIN: Final = 10.0  # seconds in which a session ends, as long as the disk answers


class RecordingSessions:
    """Those that run. Each session's task is held here until it has ended."""

    def __init__(self, exchange: Exchange, settings: SiprecSettings) -> None:
        self._exchange = exchange
        self._most = settings.sessions
        self._clients: Mapping[str, RecordingClientSettings] = {
            client.name: client for client in settings.clients
        }
        self._sdp_ids = itertools.count(secrets.randbits(31))
        self._running: dict[asyncio.Task[None], RecordingSession] = {}
        self.refused = 0

    @property
    def running(self) -> int:
        return len(self._running)

    def arrived(self, call: RecordingCall) -> RecordingListener:
        """A session from a client that we know; what is returned hears it."""
        client = self._clients[call.identity.name]
        if self.running >= self._most:
            self.refused += 1
            log.warning("siprec.session_refused", client=client.name, running=self.running)
            call.refuse(503, headers=(("Retry-After", str(RETRY_AFTER)),))
            return DEAF_RECORDER
        session = RecordingSession(self._exchange, call, client, next(self._sdp_ids))
        log.info(
            "siprec.session_began",
            session_id=session.id,
            client=client.name,
            sip_call_id=call.sip_call_id,
        )
        task = asyncio.create_task(session.run(), name=f"recording session {session.id}")
        self._running[task] = session
        task.add_done_callback(self._ended)
        return session

    async def drain(self, seconds: float) -> bool:
        """Let those that run end by themselves; whether they did."""
        if self._running:
            await asyncio.wait(list(self._running), timeout=seconds)
        return not self._running

    async def close(self) -> None:
        """
        End every session now, and wait until what it recorded is handed over.

        What a disk that stands still has not taken by then is found by the next start.
        """
        for session in self._running.values():
            session.stop("server-stopped")
        if not await self.drain(CLOSES_WITHIN):
            log.error("siprec.sessions_left", running=self.running)
            for task in list(self._running):
                task.cancel()
            await self.drain(CLOSES_WITHIN)

    def _ended(self, task: asyncio.Task[None]) -> None:
        session = self._running.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("siprec.session_failed", session_id=session.id, exc_info=error)
