"""What a play sends next: files one after another, in packets of 20 ms. Pure."""

from collections.abc import Sequence

from .packets import Cursor
from .rtp import TICK_SAMPLES


class Playout(Cursor):
    """A cursor over payloads that join without a gap; the last packet is filled with silence."""

    __slots__ = ("_file", "_files", "_repeat", "_silence")

    def __init__(self, files: Sequence[bytes], *, repeat: bool, silence: int) -> None:
        super().__init__()
        self._files = [file for file in files if file]
        self._repeat = repeat and bool(self._files)
        self._silence = bytes([silence])
        self._file = 0
        self._open()

    def next(self) -> bytes | None:
        """The next 160 octets, or None after the end."""
        payload = self._read(TICK_SAMPLES)
        if len(payload) == TICK_SAMPLES:
            return payload
        while len(payload) < TICK_SAMPLES and self._next_file():
            payload += self._read(TICK_SAMPLES - len(payload))
        if not payload:
            return None
        return payload + self._silence * (TICK_SAMPLES - len(payload))

    def latest(self, count: int) -> bytes:
        """What was sent of this file last, at most so many octets."""
        return self.audio[max(0, self.position - count) : self.position]

    def _read(self, count: int) -> bytes:
        payload = self.audio[self.position : self.position + count]
        self.position += len(payload)
        return payload

    def _open(self) -> None:
        self.audio = self._files[self._file] if self._file < len(self._files) else b""
        self.position = 0

    def _next_file(self) -> bool:
        """Step on to the following file, or back to the first one."""
        self._file += 1
        if self._file >= len(self._files) and self._repeat:
            self._file = 0
        self._open()
        return self._file < len(self._files)
