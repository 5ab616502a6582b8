"""The worker's end of the control socket: commands in, reports out, never waiting."""

import socket
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec
import structlog

from .errors import BadFrame
from .frames import Frames, frame
from .packets import PacketLoop, guarded

log = structlog.get_logger()

Asked = TypeVar("Asked")
_encode = msgspec.msgpack.Encoder().encode


class ControlLink(Generic[Asked]):
    """
    Reads commands as they come and writes reports as the socket takes them.

    What a round of the loop leads to leaves in one write, before the loop waits: each write would
    wake the control process. ``decode`` reads one command; ``refuse`` answers one that ``obey``
    failed on by an error of ours.
    """

    def __init__(
        self,
        control: socket.socket,
        loop: PacketLoop,
        decode: Callable[[bytes], Asked],
        obey: Callable[[Asked], None],
        refuse: Callable[[Asked], None],
        lost: Callable[[], None],
    ) -> None:
        control.setblocking(False)
        self._control = control
        self._loop = loop
        self._decode = decode
        self._obey = obey
        self._refuse = refuse
        self._lost = lost
        self._frames = Frames()
        self._unsent = bytearray()
        self._blocked = False  # until the socket can be written to
        loop.watch(control.fileno(), self._ready)
        loop.before_waiting(self._flush)

    def send(self, report: object) -> None:
        self._unsent += frame(_encode(report))

    def _flush(self) -> None:
        if self._unsent and not self._blocked:
            self._write()
            if self._unsent:
                self._block(True)

    def _block(self, blocked: bool) -> None:
        self._blocked = blocked
        self._loop.watch_writable(self._control.fileno(), wanted=blocked)

    def close(self) -> None:
        """Send what is left, if it can be sent within a second."""
        self._control.settimeout(1.0)
        try:
            self._control.sendall(self._unsent)
        except OSError:
            log.info("media.reports_unsent", octets=len(self._unsent))
        self._loop.forget(self._control.fileno())
        self._control.close()

    def _ready(self) -> None:
        if self._blocked:
            self._write()
            if not self._unsent:
                self._block(False)
        try:
            data = self._control.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        try:
            commands = [self._decode(body) for body in self._frames.receive(data)]
        except (BadFrame, msgspec.DecodeError) as error:
            log.error("media.control_garbled", error=str(error))  # noqa: TRY400 - theirs, not ours
            self._lost()
            return
        for command in commands:
            # Each by itself: what others asked in the same read is not to suffer.
            if not guarded(self._obey, command):
                guarded(self._refuse, command)

    def _write(self) -> None:
        try:
            sent = self._control.send(self._unsent)
        except BlockingIOError:
            return
        except OSError:
            self._unsent.clear()  # the other end is gone; reading will tell
            return
        del self._unsent[:sent]
