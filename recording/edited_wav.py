"""The WAV file of a recording as it was edited: any bytes of it, by where they are found. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .edits import Piece
from .errors import CaptureDamaged
from .laws import SILENCE, Codec
from .sealing import CHUNK, Block
from .stereo import HEADER, wav_header


@dataclass(frozen=True, slots=True)
class Given:
    """These very bytes."""

    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def within(self, start: int, end: int) -> "Given":
        return Given(self.content[start:end])


@dataclass(frozen=True, slots=True)
class Silent:
    """So many bytes of silence."""

    size: int

    def within(self, start: int, end: int) -> "Silent":
        return Silent(end - start)


@dataclass(frozen=True, slots=True)
class Original:
    """The bytes of the recording's own file from ``start`` up to ``end``."""

    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start

    def within(self, start: int, end: int) -> "Original":
        return replace(self, start=self.start + start, end=self.start + end)


Part = Given | Silent | Original


@dataclass(frozen=True, slots=True)
class EditedWav:
    """The file of these pieces of a recording's, which is a WAV file of ours, too."""

    codec: Codec
    channels: int
    heard: tuple[Piece, ...]

    @property
    def size(self) -> int:
        return HEADER + self._samples * self.channels

    @property
    def length(self) -> int:
        """How many samples are heard, in each channel."""
        return sum(piece.samples for piece in self.heard)

    @property
    def silence(self) -> int:
        """The code of it."""
        return SILENCE[self.codec]

    def parts(self, start: int, end: int) -> Iterator[Part]:
        """What its bytes from ``start`` up to ``end`` are."""
        at = 0
        for part in self._parts():
            first, after = max(start - at, 0), min(end - at, part.size)
            if first < after:
                yield part.within(first, after)
            at += part.size

    def out_of(self, codes: Iterable[Block], start: int, end: int) -> Iterator[Block]:
        """
        The same bytes, of a sound that can be read from its beginning alone: the codes after the
        header. Raises CaptureDamaged if it ends too early.
        """
        passing = _Passing(codes)
        for part in self.parts(start, end):
            match part:
                case Given(content):
                    yield content
                case Original(first, after):
                    yield from passing.between(first - HEADER, after - HEADER)
                case Silent(size):
                    for begins in range(0, size, CHUNK):
                        yield bytes([self.silence]) * min(CHUNK, size - begins)

    @property
    def _samples(self) -> int:
        """In each channel. Chunks of a RIFF file end at even places."""
        return self.length + self.length * self.channels % 2

    def _parts(self) -> Iterator[Part]:
        yield Given(wav_header(self.codec, self._samples, self.channels))
        for piece in self.heard:
            if piece.silent:
                yield Silent(piece.samples * self.channels)
            else:
                start, end = piece.start * self.channels, piece.end * self.channels
                yield Original(HEADER + start, HEADER + end)
        yield Silent((self._samples - self.length) * self.channels)


class _Passing:
    """A sound that goes by once."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._blocks = iter(blocks)
        self._block: Block = b""
        self._at = 0  # where the block begins

    def between(self, start: int, end: int) -> Iterator[Block]:
        """What is there; nothing before it can be asked for any more."""
        while start < end:
            after = self._at + len(self._block)
            if start < after:
                yield self._block[start - self._at : end - self._at]
                start = min(after, end)
            elif (block := next(self._blocks, None)) is not None:
                self._at, self._block = after, block
            else:
                raise CaptureDamaged(f"it ends at {after}, not at {end}")
