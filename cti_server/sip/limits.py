"""How much of a message is taken in at most."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """In octets, but for ``header_count``. Beyond them a message is refused with 413 or 513."""

    header_count: int = 100
    line: int = 8192
    head: int = 32768
    body: int = 65536
    datagram: int = 65535


DEFAULT_LIMITS = Limits()
