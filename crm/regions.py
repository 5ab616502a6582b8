"""Where a number is from, by its first digits."""

from collections.abc import Mapping

from .numbers import NumberKind, normalise

Region = tuple[str, ...]
"""From the largest part down: country code, province, city. Empty if it is not known."""


class Regions:
    """
    A table of E.164 prefixes, without the plus; the longest one that a number begins with counts.

    ``home`` (ISO 3166, "CN") is where national numbers are from.
    """

    def __init__(self, table: Mapping[str, Region], home: str) -> None:
        self._table = dict(table)
        self._home = home
        self._longest = max(map(len, self._table), default=0)

    def of(self, raw: str) -> Region:
        """Of a number as it comes from a trunk; empty for one that is not whole."""
        number = normalise(raw, self._home)
        if number.kind is not NumberKind.INTERNATIONAL:
            return ()
        digits = number.digits
        for length in range(min(self._longest, len(digits)), 0, -1):
            region = self._table.get(digits[:length])
            if region is not None:
                return region
        return ()
