"""Texts out of the outbox, by the gateway of the number that they are from."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import aiohttp
import msgspec

from config.sms import SmsSettings
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.outbox import OutboxJob
from cti_server.store.sms_senders import SmsSenders
from fax_sms_email.attempts import Pace, Patience
from fax_sms_email.errors import NotSent
from fax_sms_email.kannel import refusal, request

SMS: Final = "sms"
LONGEST_WAIT: Final = timedelta(minutes=10)
_LARGEST: Final = 1000  # bytes of what a gateway says
_MARGIN: Final = timedelta(seconds=5)


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """``after_stop``: the one that tells who wants no more texts that there will be none."""

    text: str
    gateway: str
    our_number: str
    after_stop: bool = False

    def as_content(self) -> Mapping[str, Any]:
        content: Mapping[str, Any] = msgspec.to_builtins(self)
        return content


class SmsSender:
    """
    A :class:`.outbox.Sender`: at least once.

    Kannel knows no key by which it could tell that it has a text already: what it took in the
    moment that we died is sent again.
    """

    def __init__(
        self,
        settings: SmsSettings,
        passwords: Mapping[str, str],
        database: Database,
        key: bytes,
    ) -> None:
        """``passwords``: by gateway; ``key``: of the digests of numbers."""
        self.at_once = settings.sent_at_once
        self.within = settings.timeout + _MARGIN
        self.patience = Patience(Pace(settings.retry_after, LONGEST_WAIT), settings.give_up_after)
        self._gateways = settings.gateways
        self._timeout = aiohttp.ClientTimeout(total=settings.timeout.total_seconds())
        self._passwords = passwords
        self._database = database
        self._key = key
        self._session: aiohttp.ClientSession | None = None

    async def send(self, job: OutboxJob) -> None:
        text = msgspec.convert(job.content, Text)
        if not text.after_stop:
            await self._check_wanted(job.recipient)
        if (gateway := self._gateways.get(text.gateway)) is None:
            raise NotSent(f"there is no gateway {text.gateway!r} any more", permanent=False)
        headers, body = request(
            gateway.username,
            self._passwords[text.gateway],
            text.our_number,
            job.recipient,
            text.text,
        )
        status, said = await self._ask(gateway.send_url, headers, body)
        if (failure := refusal(status, said)) is not None:
            raise failure

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _check_wanted(self, number: str) -> None:
        try:
            async with self._database.readers() as session:
                stopped = await SmsSenders(session, self._key).has_stopped(number)
        except UNAVAILABLE as error:
            reason = f"whether they want it is not known: {type(error).__name__}"
            raise NotSent(reason, permanent=False) from error
        if stopped:
            raise NotSent("they want no texts any more", permanent=True)

    async def _ask(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()
            )
        try:
            async with self._session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                said = await answer.content.read(_LARGEST)
                return answer.status, said.decode("utf-8", "replace")
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = f"no way to the gateway: {type(error).__name__}"
            raise NotSent(reason, permanent=False) from error
