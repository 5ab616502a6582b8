"""Files that one leg is being sent, from the command to the last packet."""

from .g711 import SILENCE, translation
from .playout import Playout
from .protocol import Codec


class PlayInProgress:
    """A play of one leg; it says nothing while its files are being read."""

    __slots__ = ("_codec", "_playout", "barge_in", "begun", "number", "over")

    def __init__(self, number: int, codec: Codec, *, barge_in: bool, over: bool) -> None:
        self.number = number
        self.barge_in = barge_in
        self.over = over  # over what the leg hears, not in its place
        self.begun = False  # whether anything of it was sent
        self._codec = codec  # of the files as they were asked for
        self._playout: Playout | None = None

    @property
    def loaded(self) -> bool:
        return self._playout is not None

    def load(self, files: list[bytes], *, repeat: bool) -> None:
        self._playout = Playout(files, repeat=repeat, silence=SILENCE[self._codec])

    def in_law(self, codec: Codec) -> Playout | None:
        """Its audio, if that is in this law as it is."""
        return self._playout if codec == self._codec else None

    def latest(self, count: int) -> tuple[bytes, Codec]:
        """What of it was sent last, at most so many octets, and their law."""
        sent = self._playout.latest(count) if self._playout is not None else b""
        return sent, self._codec

    def next(self, codec: Codec) -> bytes | None:
        """20 ms in this law, or None after the end. Only once it is loaded."""
        payload = self._playout.next() if self._playout is not None else None
        if payload is None or codec == self._codec:
            return payload
        # The other side has changed its codec in the middle of it.
        return payload.translate(translation(self._codec, codec))
