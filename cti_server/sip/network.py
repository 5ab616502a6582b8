"""The network as the cores see it: our transports, names, and the one timer of the event loop."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from .grammar import format_host_port
from .limits import Limits
from .tcp import TcpLimits, open_tcp
from .transport import Flow, Listen, Receiver, Transport
from .udp import open_udp

NAME_LIFETIME = 60.0  # seconds that an answer of the resolver is used again
NO_NAME_LIFETIME = 5.0
LOOKUP_TIMEOUT = 5.0
REMEMBERED = 1024  # names, and peers that we know our own address for

Then = Callable[[str | None], None]


class OpenTransport(Protocol):
    """Opens one kind of transport. Raises OSError."""

    async def __call__(self, listen: Listen, receiver: Receiver, limits: Limits) -> Transport: ...


def usual_transports(tcp_limits: TcpLimits) -> Mapping[str, OpenTransport]:
    return {"udp": open_udp, "tcp": partial(open_tcp, bounds=tcp_limits)}


class LoopNetwork:
    """A :class:`Network` on an event loop."""

    def __init__(self, receiver: Receiver, run_due: Callable[[float], float | None]) -> None:
        """``run_due`` runs the timers that are due by a time, and returns when the next one is."""
        self._loop = asyncio.get_running_loop()
        self._receiver = receiver
        self._run_due = run_due
        self._transports: dict[tuple[str, tuple[str, int]], Transport] = {}
        self._advertised: dict[tuple[str, int], str | None] = {}
        self._own_address: dict[str, str] = {}
        self._names = _Names(self._loop)
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._closed = False

    @property
    def transports(self) -> list[Transport]:
        return list(self._transports.values())

    async def open(
        self, listen: Sequence[Listen], limits: Limits, kinds: Mapping[str, OpenTransport]
    ) -> None:
        """Open all sockets. Raises OSError; what was opened before is closed then."""
        try:
            for each in listen:
                transport = await _opened(kinds[each.transport], each, self._receiver, limits)
                self._transports[transport.name, transport.address] = transport
                self._advertised[transport.address] = each.advertised
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        await self._names.close()
        for transport in self._transports.values():
            await transport.close()
        self._transports.clear()

    def time(self) -> float:
        return self._loop.time()

    def send(self, data: bytes, flow: Flow) -> None:
        transport = self._transports.get((flow.transport, flow.local))
        if transport is None:
            self.soon(lambda: self._receiver.failed(flow))
        else:
            transport.send(data, flow)

    def has(self, flow: Flow) -> bool:
        transport = self._transports.get((flow.transport, flow.local))
        return transport is not None and transport.has(flow)

    def flow_to(self, transport: str, host: str, port: int) -> Flow | None:
        for kind, address in self._transports:
            if kind == transport and (":" in address[0]) == (":" in host):
                return Flow(transport, host, port, address)
        return None

    def advertised(self, flow: Flow) -> str:
        host = self._advertised.get(flow.local) or flow.local[0]
        if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
            host = self._address_towards(flow.host)
        return format_host_port(host, flow.local[1])

    def resolve(self, host: str, then: Then) -> None:
        self._names.resolve(host, then)

    def soon(self, callback: Callable[[], None]) -> None:
        self._loop.call_soon(callback)

    def wake_by(self, deadline: float) -> None:
        if self._closed:
            return
        if self._timer is not None:
            if self._timer_at <= deadline:
                return
            self._timer.cancel()
        self._timer_at = deadline
        self._timer = self._loop.call_at(deadline, self._wake)

    def _wake(self) -> None:
        self._timer = None
        now = max(self._timer_at, self._loop.time())
        following: float | None = now  # if a timer breaks, the others come right after it
        try:
            following = self._run_due(now)
        finally:
            if following is not None:
                self.wake_by(following)

    def _address_towards(self, host: str) -> str:
        """Our address on the route to that host; nothing is sent to find it."""
        known = self._own_address.get(host)
        if known is None:
            known = _address_towards(host)
            if len(self._own_address) >= REMEMBERED:
                self._own_address.clear()
            self._own_address[host] = known
        return known


def _address_towards(host: str) -> str:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


class _Names:
    """A and AAAA records through the system's resolver, without blocking."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._known: dict[str, tuple[str | None, float]] = {}
        self._asked: dict[str, list[Then]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def resolve(self, host: str, then: Then) -> None:
        known = self._known.get(host)
        if known is not None and self._loop.time() < known[1]:
            then(known[0])
        elif _is_address(host):
            self._learn(host, host, float("inf"))
            then(host)
        elif host in self._asked:
            self._asked[host].append(then)
        else:
            self._asked[host] = [then]
            task = self._loop.create_task(self._look_up(host))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _look_up(self, host: str) -> None:
        address: str | None = None
        try:
            async with asyncio.timeout(LOOKUP_TIMEOUT):
                found = await self._loop.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
            # IPv4 first: the transport of a phone or trunk that is named seldom listens on both.
            found.sort(key=lambda info: info[0] != socket.AF_INET)
            address = str(found[0][4][0]) if found else None
        except (OSError, TimeoutError, UnicodeError):
            pass
        lifetime = NO_NAME_LIFETIME if address is None else NAME_LIFETIME
        self._learn(host, address, self._loop.time() + lifetime)
        for then in self._asked.pop(host, ()):
            self._loop.call_soon(then, address)

    def _learn(self, host: str, address: str | None, until: float) -> None:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[host] = (address, until)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _opened(
    kind: OpenTransport, listen: Listen, receiver: Receiver, limits: Limits
) -> Transport:
    """Raises OSError, which names the address."""
    try:
        return await kind(listen, receiver, limits)
    except OSError as error:
        where = f"SIP on {listen.transport} {listen.host}:{listen.port}"
        raise OSError(error.errno, f"{where}: {error.strerror or error}") from error
