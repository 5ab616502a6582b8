"""What the archive asks of a store."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from recording.sealing import Block


class Store(Protocol):
    """
    Files by name (``2031/07/04/rec-1.wav.sealed``). It raises StoreUnavailable, or another OSError.

    What it does not do at once it tries again for some seconds, not for ever.
    """

    @property
    def name(self) -> str:
        """As the configuration and the recordings' rows name it."""

    def put(self, file: str, blocks: Iterable[Block]) -> None:
        """Keep the file, in the place of one that is there; nobody sees it before it is whole."""

    def get(self, file: str, start: int, end: int) -> Iterator[bytes]:
        """Its bytes from ``start`` up to ``end``, in blocks; FileNotFoundError if it is not."""

    def size(self, file: str) -> int | None:
        """Its bytes, None if it is not there."""

    def delete(self, file: str) -> None:
        """Make sure that it is not there."""

    def files(self) -> Iterator[str]:
        """The names of all files, in any order."""
