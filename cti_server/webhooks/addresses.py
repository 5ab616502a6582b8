"""
Which addresses a webhook may lead to: the public ones, unless the settings allow others. Pure.

Whoever may add a webhook must not reach through us what only this machine can reach (SSRF).
"""

import ipaddress
from ipaddress import IPv4Address, IPv6Address

_SITE_LOCAL = ipaddress.ip_network("fec0::/10")  # RFC 3879: not global, and Python says it is
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052 §2.1: an IPv4 address is inside


def is_public(text: str) -> bool:
    """Whether the address is one of the internet's; what is no address is not."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(
        real.is_global
        and not real.is_multicast
        and not real.is_reserved
        and real not in _SITE_LOCAL
        for real in _meant(address)
    )


def _meant(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """Where packets for the address may end: an IPv6 address can carry an IPv4 one."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    if address.sixtofour is not None:
        return [address, address.sixtofour]
    return [address]
