"""How often strangers may begin something, by their address. Pure, and bounded."""

from collections import deque
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

MINUTE: Final = 60.0
ADDRESSES_KEPT: Final = 10_000
_NETWORK: Final = 64  # bits


def household(address: str) -> str:
    """
    Whom an address stands for where strangers are counted.

    Of IPv6 everybody has a network of 64 bits, and any address in it (RFC 6177); of one that is
    IPv4 in IPv6 that address. What is no address stands for itself.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), _NETWORK), strict=False))


class Openings:
    """How many each address, or household of addresses, has begun in the last minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._begun: dict[str, deque[float]] = {}  # in the order of their last

    def admit(self, address: str, now: float) -> int:
        """Zero, and it is counted; else the seconds after which one more may begin."""
        address = household(address)
        begun = self._begun.pop(address, None) or deque[float](maxlen=self._most)
        self._begun[address] = begun
        while len(self._begun) > ADDRESSES_KEPT:
            del self._begun[next(iter(self._begun))]
        if len(begun) == self._most and now - begun[0] < MINUTE:
            return max(1, round(begun[0] + MINUTE - now))
        begun.append(now)
        return 0
