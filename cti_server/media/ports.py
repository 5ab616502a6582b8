"""The UDP ports of a worker: RTP on the even one, RTCP on the next (RFC 3550 §11)."""

import socket
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from .errors import NoPortFree

Bound = TypeVar("Bound")


@contextmanager
def _shared(new: socket.socket, old: socket.socket | None) -> Iterator[None]:
    """
    Let ``new`` bind where ``old`` is, and nobody else at any other time.

    Linux asks both sockets at the moment of binding; afterwards the port is exclusive again.
    """
    pair = [new, old] if old is not None else []
    for one in pair:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        yield
    finally:
        for one in pair:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)


class PortRange:
    """
    Even ports, the longest unused first, so that late packets of one call do not reach the next.

    A port that another program holds is passed over, and tried again later.
    """

    def __init__(self, host: str, first: int, last: int) -> None:
        self.host = host
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._free = deque(range(first + first % 2, last, 2))

    def __len__(self) -> int:
        """How many are free."""
        return len(self._free)

    def take(self) -> tuple[int, socket.socket, socket.socket]:
        """A port with its two sockets; raises NoPortFree."""
        for _ in range(len(self._free)):
            port = self._free.popleft()
            try:
                rtp, rtcp = self._pair(port)
            except OSError:
                self._free.append(port)
                continue
            return port, rtp, rtcp
        raise NoPortFree(self.host)

    def borrow(self, bind: Callable[[int], Bound]) -> Bound:
        """A port for something of another kind, which binds it by itself; raises NoPortFree."""
        for _ in range(len(self._free)):
            port = self._free.pop()
            try:
                return bind(port)
            except OSError:
                self._free.appendleft(port)
        raise NoPortFree(self.host)

    def give_back(self, port: int) -> None:
        self._free.append(port)

    def _pair(self, port: int) -> tuple[socket.socket, socket.socket]:
        rtp = self.bind(port)
        try:
            return rtp, self.bind(port + 1)
        except OSError:
            rtp.close()
            raise

    def bind(self, port: int, *, beside: socket.socket | None = None) -> socket.socket:
        """A socket on that port; ``beside`` is our own one that is there already."""
        new = socket.socket(self._family, socket.SOCK_DGRAM)
        try:
            new.setblocking(False)
            with _shared(new, beside):
                new.bind((self.host, port))
        except OSError:
            new.close()
            raise
        return new
