"""Customers who are on the phone with us at this moment, whoever called."""

from collections import Counter


class EngagedLines:
    """By contact. A line is a number in its one form; it may have several contacts at once."""

    def __init__(self) -> None:
        self._lines: dict[str, str] = {}
        self._engaged: Counter[str] = Counter()

    def __contains__(self, contact_id: str | None) -> bool:
        """Whether the contact's call has begun, and is not over."""
        return contact_id in self._lines

    def of(self, contact_id: str) -> str | None:
        return self._lines.get(contact_id)

    def begin(self, contact_id: str, line: str) -> None:
        self._lines[contact_id] = line
        self._engaged[line] += 1

    def end(self, contact_id: str) -> str | None:
        """The contact's line, if it is free from now on."""
        if (line := self._lines.pop(contact_id, None)) is None:
            return None
        self._engaged[line] -= 1
        if self._engaged[line]:
            return None
        del self._engaged[line]
        return line

    def engaged(self, line: str, *, but_for: str | None) -> bool:
        """Whether somebody is on that line, in another contact than this."""
        return self._engaged[line] > (but_for in self._lines)
