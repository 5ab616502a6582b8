"""Trunks: the carriers and PBXs whose calls we take, known by address or by digest."""

import ipaddress
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .errors import SipError

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

REMEMBERED = 4096  # sources whose trunk (or absence of one) is kept at hand


class BadTrunkAddress(SipError):
    """A trunk's address is neither an IP address nor a network."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """
    One trunk.

    ``addresses`` are IP addresses or networks, each with an optional port ("192.0.2.1:5060",
    "[2001:db8::1]:5060", "198.51.100.0/24"). ``username`` with ``ha1`` (algorithm → H(A1) in hex)
    lets it come from anywhere with digest authentication.
    """

    name: str
    addresses: tuple[str, ...] = ()
    username: str | None = None
    ha1: tuple[tuple[str, str], ...] = field(default=(), repr=False)


class TrunkTable:
    """Finds the trunk of a source: the most exact address wins."""

    def __init__(self, trunks: Sequence[Trunk]) -> None:
        """Raises BadTrunkAddress."""
        self._rules: list[tuple[_Network, int | None, Trunk]] = [
            (*_parse(address), trunk) for trunk in trunks for address in trunk.addresses
        ]
        self._rules.sort(key=lambda rule: (-rule[0].prefixlen, rule[1] is None))
        self._by_user = {trunk.username: trunk for trunk in trunks if trunk.username}
        self._remembered: OrderedDict[tuple[str, int], Trunk | None] = OrderedDict()
        self._ports_matter = any(port is not None for _, port, _ in self._rules)

    def at(self, host: str, port: int) -> Trunk | None:
        """The trunk that sends from this address."""
        key = (host, port if self._ports_matter else 0)
        if key in self._remembered:
            return self._remembered[key]
        trunk = self._search(host, port)
        self._remembered[key] = trunk
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return trunk

    def of_user(self, username: str) -> Trunk | None:
        """The trunk that authenticates by this name."""
        return self._by_user.get(username)

    def _search(self, host: str, port: int) -> Trunk | None:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return None
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        matching: Iterable[Trunk] = (
            trunk
            for network, only_port, trunk in self._rules
            if only_port in (None, port) and address in network
        )
        return next(iter(matching), None)


def _parse(text: str) -> tuple[_Network, int | None]:
    host, port = text, ""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    try:
        return ipaddress.ip_network(host, strict=False), int(port) if port else None
    except ValueError:
        raise BadTrunkAddress(text) from None
