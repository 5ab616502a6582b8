"""What comes in on a desktop's stream, and why the stream ends."""

import asyncio
from collections import deque
from collections.abc import Callable

from aiohttp import WSMessage, WSMsgType, web

from .pulse import Pulse

FRAMES, FRAMES_WITHIN = 100, 10.0  # frames of any kind, and seconds; keys come one by one
TOO_MANY_MESSAGES = 4429
_ENDS = {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}


class Closing(Exception):
    """The stream ends: the close code, and why in words."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


class Left(Exception):
    """The desktop has gone; it will be back with a hello."""


class Incoming:
    """What the desktop sends: little, so that a flood of it ends the stream."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self.pulse = Pulse()
        self.on_pong: Callable[[], None] = lambda: None
        self._recent: deque[float] = deque()  # when the last frames came, loop time

    async def next(self) -> WSMessage:
        """The next message, pings answered; raises Closing or Left."""
        while True:
            message = await self._socket.receive()
            if message.type in _ENDS:
                raise Left
            now = asyncio.get_running_loop().time()
            self._count(now)
            if message.type is WSMsgType.PING:
                await self._socket.pong(message.data)
            elif message.type is WSMsgType.PONG:
                if self.pulse.pong(bytes(message.data), now):
                    self.on_pong()
            else:
                return message

    def _count(self, now: float) -> None:
        self._recent.append(now)
        while now - self._recent[0] > FRAMES_WITHIN:
            self._recent.popleft()
        if len(self._recent) > FRAMES:
            raise Closing(TOO_MANY_MESSAGES, "too many messages")
