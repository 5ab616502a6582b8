"""Which rows of a file were there already, without keeping a million rows in memory. Pure."""

from array import array
from collections.abc import Iterable
from hashlib import blake2b


class SeenRows:
    """
    Keys of rows as 64-bit hashes in one flat table: 24 octets a key, where a dict takes 150.

    That two keys of a million have one hash is as likely as 1 in 37 million.
    """

    def __init__(self) -> None:
        self._count = 0
        self._resize(1024)

    def first(self, keys: Iterable[tuple[str, ...]], row: int) -> int | None:
        """The row that had one of these keys before; None if there is none, then this is it."""
        places = [self._place(_hashed(key)) for key in keys]
        for place in places:
            if self._rows[place]:
                return self._rows[place]
        for key in keys:
            hashed = _hashed(key)
            place = self._place(hashed)
            if not self._rows[place]:
                self._hashes[place], self._rows[place] = hashed, row
                self._count += 1
        if self._count * 3 > len(self._rows) * 2:
            self._grow()
        return None

    def _place(self, hashed: int) -> int:
        """Where this is, or belongs: the first free place from its own on."""
        place = hashed & self._mask
        while self._rows[place] and self._hashes[place] != hashed:
            place = (place + 1) & self._mask
        return place

    def _resize(self, size: int) -> None:
        self._hashes = array("Q", bytes(8 * size))
        self._rows = array("I", bytes(4 * size))
        self._mask = size - 1

    def _grow(self) -> None:
        hashes, rows = self._hashes, self._rows
        self._resize(2 * len(rows))
        for hashed, row in zip(hashes, rows, strict=True):
            if row:
                place = self._place(hashed)
                self._hashes[place], self._rows[place] = hashed, row


def _hashed(key: tuple[str, ...]) -> int:
    text = "\0".join(key).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")
