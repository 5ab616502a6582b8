"""What is kept of texts and their senders for a while, and no longer: without a gateway, too."""

from datetime import UTC, datetime
from typing import Final

from cti_server.store import sms_senders
from cti_server.store.database import Database
from cti_server.store.sms_messages import SmsMessages
from cti_server.store.sms_parts import SmsParts

_AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Forgetting:
    """Due work: at the start, and as often as the shortest of what is kept is over."""

    name = "sms_forgetting"
    records: frozenset[str] = frozenset()

    def __init__(self, database: Database) -> None:
        self._database = database
        self._next_at = _AT_ONCE

    async def earliest(self) -> datetime | None:
        return self._next_at

    async def do(self, now: datetime) -> None:
        async with self._database.sessions.begin() as session:
            await SmsMessages(session).forget(now)
            await SmsParts(session).forget(now)
            await sms_senders.forget(session, now)
        self._next_at = now + sms_senders.TOLD_FOR
