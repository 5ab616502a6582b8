"""
What the control process tells whoever watches over it: systemd, or ``hotline serve --watched``.

Both are told in the same words, those of sd_notify(3): datagrams to the socket that the
environment names. Nobody watches where it names none. That it lives is told by the event loop
itself, by no thread: a loop that does not come to its beats serves nobody.
"""

import asyncio
import os
import socket
import time
from collections.abc import Mapping
from typing import Self

import structlog

log = structlog.get_logger()

BEATS = 4  # to the time after which silence counts as hung
USUAL = 5.0  # s from beat to beat where nobody says after which time that is
LONGER = 6  # beats by which a start or an end, which may take its time, is granted more of it


class Notices:
    """``address`` of the watcher's socket, if there is one; ``hung_after``: s, None if unsaid."""

    def __init__(self, address: str | None, hung_after: float | None) -> None:
        self._address = address
        self.every = USUAL if hung_after is None else hung_after / BEATS
        """Seconds from beat to beat."""
        self._socket: socket.socket | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._busy = True  # starting or ending
        self._unheard = False

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """As sd_notify(3) and sd_watchdog_enabled(3) have it."""
        address = environment.get("NOTIFY_SOCKET")
        wanted = environment.get("WATCHDOG_USEC", "")
        ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        hung_after = int(wanted) / 1e6 if wanted.isdecimal() and ours else None
        return cls(address, hung_after or None)

    def start(self) -> None:
        """Beat from now on."""
        if self._address is None:
            return
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        self._socket = socket.socket(socket.AF_UNIX, kind)
        self._beat()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._socket is not None:
            self._socket.close()

    def ready(self, status: str) -> None:
        """The start is over."""
        self._busy = False
        self._tell("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """:meth:`ready` says when that is over."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self, status: str) -> None:
        self._busy = True
        self._tell("STOPPING=1", f"STATUS={status}")

    def _beat(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.every, self._beat)
        longer = f"EXTEND_TIMEOUT_USEC={self.every * LONGER * 1e6:.0f}"
        self._tell("WATCHDOG=1", *([longer] if self._busy else []))

    def _tell(self, *lines: str) -> None:
        if self._socket is None or self._address is None:
            return
        place = self._address
        if place.startswith("@"):  # of the abstract namespace
            place = "\0" + place[1:]
        try:
            self._socket.sendto("\n".join(lines).encode(), place)
        except BlockingIOError:
            pass  # it will hear the next one
        except OSError as error:
            if not self._unheard:
                log.error("server.nobody_watches", reason=str(error))  # noqa: TRY400
            self._unheard = True
