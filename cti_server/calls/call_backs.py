"""Calling back: one agent at a time dials a call-back, and it is closed once."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from cti_server.store.call_backs import CallBacks as StoredCallBacks
from cti_server.store.database import Database
from cti_server.wire.events import CallBackClosed, CallBackDialled, Event

from .errors import CallError

REMEMBERED = 1000
"""Closed ones that are known before the records say so: these follow within a second or so."""


class NoSuchCallBack(CallError):
    """It was never offered, or is closed."""

    def __init__(self, call_back_id: str) -> None:
        super().__init__(f"no call-back {call_back_id!r} is open")
        self.call_back_id = call_back_id


class CallBackTaken(CallError):
    """An agent is calling this customer back at this moment."""

    def __init__(self, call_back_id: str, agent_id: str) -> None:
        super().__init__(f"agent {agent_id!r} is calling back {call_back_id!r} now")
        self.call_back_id = call_back_id
        self.agent_id = agent_id


class Claim(NamedTuple):
    """What an agent who calls back has to know."""

    id: str
    number: str
    queue: str
    queued_at: datetime


class CallBacks:
    """Who is calling whom back now."""

    def __init__(self, database: Database, append: Callable[[Event], object]) -> None:
        self._database = database
        self._append = append
        self._claimed: dict[str, str] = {}
        self._closed: OrderedDict[str, None] = OrderedDict()

    async def claim(self, call_back_id: str, agent_id: str) -> Claim:
        """
        Take it for an agent, until :meth:`reached` or :meth:`let_go`.

        Raises NoSuchCallBack and CallBackTaken.
        """
        self._need_free(call_back_id)
        self._claimed[call_back_id] = agent_id
        claim: Claim | None = None
        try:
            claim = await self._find(call_back_id)
        finally:
            if claim is None:
                self.let_go(call_back_id)
        return claim

    def dialled(self, call_back_id: str, contact_id: str) -> None:
        """The agent who claimed it is calling; ``contact_id`` is the new contact's."""
        self._append(
            CallBackDialled(
                contact_id=call_back_id,
                new_contact_id=contact_id,
                dialled_by=self._claimed[call_back_id],
            )
        )

    def reached(self, call_back_id: str) -> None:
        """The customer was spoken with: that was it."""
        if (agent_id := self._claimed.pop(call_back_id, None)) is not None:
            self._close(call_back_id, "reached", agent_id)

    def let_go(self, call_back_id: str) -> None:
        """Whoever claimed it is through with it; if nobody was reached it stays open."""
        self._claimed.pop(call_back_id, None)

    async def remove(self, call_back_id: str, removed_by: str) -> None:
        """It is not wanted any more. Raises NoSuchCallBack and CallBackTaken."""
        await self._find(call_back_id)
        self._need_free(call_back_id)  # who claimed or removed it meanwhile was first
        self._close(call_back_id, "removed", removed_by)

    def _need_free(self, call_back_id: str) -> None:
        if call_back_id in self._closed:
            raise NoSuchCallBack(call_back_id)
        if (agent_id := self._claimed.get(call_back_id)) is not None:
            raise CallBackTaken(call_back_id, agent_id)

    def _close(self, call_back_id: str, outcome: str, closed_by: str) -> None:
        self._closed[call_back_id] = None
        if len(self._closed) > REMEMBERED:
            self._closed.popitem(last=False)
        self._append(CallBackClosed(contact_id=call_back_id, outcome=outcome, closed_by=closed_by))

    async def _find(self, call_back_id: str) -> Claim:
        async with self._database.readers() as session:
            found = await StoredCallBacks(session).get(call_back_id)
        if found is None or found.closed_at is not None:
            raise NoSuchCallBack(call_back_id)
        return Claim(found.id, found.number, found.queue, found.queued_at)
