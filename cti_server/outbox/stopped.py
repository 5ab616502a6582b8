"""Who wants no texts any more: those that are asked for in the same moment with one query."""

import asyncio
from typing import Final

from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.sms_senders import SmsSenders
from fax_sms_email.errors import NotSent

TOGETHER: Final = 100
"""Numbers of one query."""


class Stopped:
    def __init__(self, database: Database, key: bytes) -> None:
        """``key``: of the digests of numbers."""
        self._database = database
        self._key = key
        self._asked: dict[str, asyncio.Future[bool]] = {}
        self._task: asyncio.Task[None] | None = None

    async def has(self, number: str) -> bool:
        """Raises NotSent where the database does not say."""
        answer = self._asked.get(number)
        if answer is None:
            answer = self._asked[number] = asyncio.get_running_loop().create_future()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._answer(), name="sms stopped")
        return await asyncio.shield(answer)

    async def _answer(self) -> None:
        while self._asked:
            some = dict(list(self._asked.items())[:TOGETHER])
            for number in some:
                del self._asked[number]
            try:
                stopped = await self._among(list(some))
            except Exception as error:  # noqa: BLE001 - told to whoever asked
                failure = _not_known(error) if isinstance(error, UNAVAILABLE) else error
                for answer in some.values():
                    answer.set_exception(failure)
                    answer.exception()  # who asked may be gone
            else:
                for number, answer in some.items():
                    answer.set_result(number in stopped)

    async def _among(self, numbers: list[str]) -> set[str]:
        async with self._database.readers() as session:
            return await SmsSenders(session, self._key).stopped_among(numbers)


def _not_known(error: Exception) -> NotSent:
    return NotSent(f"whether they want it is not known: {type(error).__name__}", permanent=False)
