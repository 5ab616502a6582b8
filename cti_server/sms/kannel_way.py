"""Texts leave by the smsbox of a Kannel, over HTTP."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

import aiohttp

from config.sms import KannelSettings
from fax_sms_email.errors import NotSent
from fax_sms_email.kannel import refusal, request

_LARGEST: Final = 1000  # bytes of what a gateway says


class KannelWay:
    """It has no ids of what it takes, and joins and parts texts itself."""

    def __init__(self, settings: KannelSettings, password: str, timeout: float) -> None:
        """``timeout``: in seconds, for one text."""
        self._settings = settings
        self._password = password
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def submit(
        self,
        job_id: str,
        sender: str,
        recipient: str,
        text: str,
        done: Collection[int],
        took: Callable[[int, str], None],
    ) -> None:
        headers, body = request(self._settings.username, self._password, sender, recipient, text)
        status, said = await self._ask(headers, body)
        if (failure := refusal(status, said)) is not None:
            raise failure

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _ask(self, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()
            )
        try:
            async with self._session.post(
                self._settings.send_url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                said = await answer.content.read(_LARGEST)
                return answer.status, said.decode("utf-8", "replace")
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = f"no way to the gateway: {type(error).__name__}"
            raise NotSent(reason, permanent=False) from error
