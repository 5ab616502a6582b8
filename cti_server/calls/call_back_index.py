"""Where the open call-backs are found: by their own id, the customer's line, or their contact."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from .open_call_back import OpenCallBack


class CallBackIndex:
    """All that are open. Pure."""

    def __init__(self) -> None:
        self._open: dict[str, OpenCallBack] = {}
        self._by_line: defaultdict[str, dict[str, OpenCallBack]] = defaultdict(dict)
        self._by_contact: dict[str, OpenCallBack] = {}

    def __contains__(self, call_back_id: str) -> bool:
        return call_back_id in self._open

    def __iter__(self) -> Iterator[OpenCallBack]:
        return iter(self._open.values())

    def get(self, call_back_id: str) -> OpenCallBack | None:
        return self._open.get(call_back_id)

    def add(self, one: OpenCallBack) -> None:
        self._open[one.id] = self._by_line[one.line][one.id] = one

    def remove(self, call_back_id: str) -> OpenCallBack | None:
        """It is open no more; its contact may still be asked for. None if it was not open."""
        if (one := self._open.pop(call_back_id, None)) is None:
            return None
        del self._by_line[one.line][one.id]
        if not self._by_line[one.line]:
            del self._by_line[one.line]
        return one

    def of(self, line: str, queue: str) -> OpenCallBack | None:
        return next((one for one in self.of_line(line) if one.queue == queue), None)

    def of_line(self, line: str) -> list[OpenCallBack]:
        return list(self._by_line[line].values()) if line in self._by_line else []

    def of_contact(self, contact_id: str) -> OpenCallBack | None:
        """The one that waits or is called under this contact."""
        return self._by_contact.get(contact_id)

    def known_as(self, one: OpenCallBack, contact_id: str) -> None:
        """It waits or is called under this contact from now on, and under no other."""
        self.let_be(one)
        one.contact_id = contact_id
        self._by_contact[contact_id] = one

    def let_be(self, one: OpenCallBack) -> None:
        """It does not wait, and nobody has it."""
        if one.contact_id is not None:
            self._by_contact.pop(one.contact_id, None)
        one.contact_id, one.request, one.agent_id, one.dialling = None, None, None, False

    def due(self, now: datetime) -> list[OpenCallBack]:
        """Those to look at, in the order in which the customers queued."""
        due = [one for one in self if one.look_at is not None and one.look_at <= now]
        return sorted(due, key=lambda one: (one.queued_at, one.id))

    def earliest(self) -> datetime | None:
        """When one is to be looked at next."""
        return min((one.look_at for one in self if one.look_at is not None), default=None)
