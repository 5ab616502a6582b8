"""All who serve themselves in writing: who may begin, who is where, and their ends."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import Final, Literal

from acd.model import Channel
from config.self_service import SelfServiceSettings
from cti_server.calls.exchange import Exchange
from cti_server.channels.tray import Tray
from cti_server.openings import MINUTE, Openings
from ivr.model import Flow
from ivr.reading import SayInWriting

from .errors import NoSuchService, NoSuchSession, TooManySessions
from .model import Wanted
from .session import Session

KEPT: Final = 600.0
"""Seconds after its end for which a session can still be read."""

Language = Literal["zh", "en"]


class Sessions:
    """Tasks of their own, from :meth:`open` to their ends or :meth:`close`."""

    def __init__(
        self,
        exchange: Exchange,
        tray: Tray,
        flows: Mapping[str, Flow],
        settings: SelfServiceSettings,
        say: SayInWriting,
    ) -> None:
        """``flows``: by what the configuration calls them, as they are at any moment."""
        self.services = settings.services
        self._exchange = exchange
        self._tray = tray
        self._flows = flows
        self._settings = settings
        self._say = say
        self._openings = Openings(settings.openings)
        self._sessions: dict[str, Session] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    def __len__(self) -> int:
        """How many go on."""
        return len(self._running)

    def open(self, service: str, channel: Channel, language: Language, address: str) -> str:
        """
        What the new session is known by, to whoever has begun it and nobody else.

        Raises NoSuchService and TooManySessions.
        """
        offered = self.services.get(service)
        if offered is None or channel.value not in offered.channels:
            raise NoSuchService(service, channel.value)
        loop = asyncio.get_running_loop()
        if self._closed or len(self._running) >= self._settings.at_once:
            raise TooManySessions(int(MINUTE))
        if wait := self._openings.admit(address, loop.time()):
            raise TooManySessions(wait)
        title = offered.title.get(language) or next(iter(offered.title.values()))
        session = Session(
            self._exchange,
            self._tray,
            self._flows[offered.flow],
            Wanted(service, title, channel, language),
            self._say,
            contact_id=self._exchange.new_id(),
            idle=self._settings.idle.total_seconds(),
        )
        token = secrets.token_urlsafe(24)
        self._forget_some()
        self._sessions[token] = session
        task = asyncio.create_task(session.run())
        self._running.add(task)
        at_last = loop.call_later(self._settings.longest.total_seconds(), session.leave)
        task.add_done_callback(self._ended(token, at_last))
        return token

    def find(self, token: str) -> Session:
        """Raises NoSuchSession."""
        if (session := self._sessions.get(token)) is None:
            raise NoSuchSession
        return session

    async def close(self) -> None:
        """All of them end, on record."""
        self._closed = True
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _forget_some(self) -> None:
        """Of those that are over, the oldest first: there is an end to what is kept."""
        if len(self._sessions) >= 2 * self._settings.at_once:
            over = next(token for token, one in self._sessions.items() if one.over)
            del self._sessions[over]

    def _ended(
        self, token: str, at_last: asyncio.TimerHandle
    ) -> Callable[[asyncio.Task[None]], None]:
        def ended(task: asyncio.Task[None]) -> None:
            at_last.cancel()
            self._running.discard(task)
            asyncio.get_running_loop().call_later(KEPT, self._sessions.pop, token, None)

        return ended
