"""The memory of a service by text: its steps, in the database before anybody goes on."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import structlog

from cti_server.self_service.past import Past
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.sms_messages import SmsMessages
from cti_server.store.sms_sessions import SmsSessions
from cti_server.wire.events import Event
from ivr.actions import Answer
from ivr.inquiries import AskSystem, Inquiry, Unanswered

from .steps import ASKING, Step, answer_in, last_text, ticket_id, told, typed

log = structlog.get_logger()
A = TypeVar("A", bound=Answer)

REST: Final = 2.0
"""Seconds after which a database that was away is asked again; the customer waits."""

_NOBODY_KNOWS: Final = Unanswered("the server died while the other system was asked")


class KeptSteps:
    """A :class:`cti_server.self_service.memory.Memory`."""

    outlives_server = True

    def __init__(
        self, database: Database, contact_id: str, steps: list[Step], past: Past | None = None
    ) -> None:
        """``steps`` so far, which the session goes through first."""
        self.past = past or Past()
        self._database = database
        self._contact_id = contact_id
        self._steps = list(steps)
        self._at = 0

    @property
    def ticket_id(self) -> str | None:
        return ticket_id(self._contact_id, self._at)

    @property
    def last_text(self) -> str | None:
        """The id of the text that was typed last."""
        return last_text(self._steps)

    async def type(self, text_id: str, line: str) -> None:
        """Before the session is told of it."""
        await self._add(typed(text_id, line), text_id)

    def line(self) -> str | None:
        step = self._next()
        if step is None:
            return None
        self._at += 1
        return cast("str", step["line"])

    async def told(self) -> Answer | None:
        step = self._next()
        if step is None:
            return None
        self._at += 1
        if step != ASKING:
            return answer_in(step)
        if (answer := self._next()) is None:  # nobody knows what became of it: it is not done twice
            return await self.keep(_NOBODY_KNOWS)
        self._at += 1
        return answer_in(answer)

    async def asking(self, inquiry: Inquiry) -> None:
        if isinstance(inquiry, AskSystem):
            await self._add(ASKING)

    async def keep(self, answer: A) -> A:
        step = told(answer)
        await self._add(step)
        return cast("A", answer_in(step))

    def once(self, append: Callable[[Event], object]) -> Callable[[Event], object]:
        def told_once(event: Event) -> object:
            return None if self.past.has(event) else append(event)

        return told_once

    def _next(self) -> dict[str, Any] | None:
        return self._steps[self._at] if self._at < len(self._steps) else None

    async def _add(self, step: Step, text_id: str | None = None) -> None:
        self._steps.append(step)
        self._at = len(self._steps)
        while True:
            try:
                await self._store(text_id)
            except UNAVAILABLE as error:
                log.warning("sms.not_kept", reason=type(error).__name__)
                await asyncio.sleep(REST)
            else:
                return

    async def _store(self, text_id: str | None) -> None:
        async with self._database.sessions.begin() as session:
            await SmsSessions(session).keep(self._contact_id, self._steps)
            if text_id is not None:
                await SmsMessages(session).said_in(text_id, self._contact_id)
