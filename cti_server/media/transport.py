"""What a leg asks of the way to its other side."""

from typing import Protocol

from .protocol import SetRemote


class Transport(Protocol):
    """A port of the leg's own (:mod:`.rtp_port`), or a browser's connection (:mod:`.web_leg`)."""

    @property
    def port(self) -> int: ...

    @property
    def reachable(self) -> bool:
        """Whether it is known where reports go."""
        ...

    @property
    def strangers(self) -> int:
        """Packets from others than the leg's other side."""
        ...

    def open(self) -> None: ...

    def set_remote(self, remote: SetRemote, *, moved: bool, now: float) -> None: ...

    def settle(self, now: float) -> None: ...

    def send_rtcp(self, data: bytes) -> None: ...

    def close(self) -> None: ...
