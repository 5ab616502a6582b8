"""
One webhook's target: where its events are posted.

Each has connections and a resolving thread of its own, so that one that hangs costs its own
time-out and nobody else's. Redirects are not followed and answers are not read: the status alone
counts, whatever comes behind it.
"""

import asyncio
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from ipaddress import ip_address
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from config.webhooks import WebhookSettings

from .addresses import is_public


class NotTaken(Exception):
    """The target did not take the event; the message says why, and nothing of the event."""

    def __init__(self, reason: str, *, gone: bool = False, retry_after: str | None = None) -> None:
        """``retry_after``: what the target said of when to come again."""
        super().__init__(reason)
        self.gone = gone
        self.retry_after = retry_after


class _Forbidden(OSError):
    """Its name leads to addresses that are not public."""


class Target:
    """To be closed."""

    def __init__(self, url: str, settings: WebhookSettings) -> None:
        self._url = URL(url)
        self._settings = settings
        self._resolver = _Resolver(public_only=not settings.allow_private_targets)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def post(self, body: str, headers: Mapping[str, str]) -> None:
        """Raises NotTaken."""
        self._check_address()
        try:
            async with self._open().post(
                self._url, data=body.encode(), headers=headers, allow_redirects=False
            ) as answer:
                status, retry_after = answer.status, answer.headers.get("Retry-After")
        except TimeoutError:
            raise NotTaken("no answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotTaken(_reason(error)) from None
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            gone = status == HTTPStatus.GONE
            raise NotTaken(f"answered {status}", gone=gone, retry_after=retry_after)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
        await self._resolver.close()

    def _check_address(self) -> None:
        """
        A URL with an address in it is not resolved, so it is looked at here; and so is the host,
        which the settings may have allowed when the webhook was made.
        """
        host = self._url.host or ""
        if not self._settings.allows(host):
            raise NotTaken("its host is not allowed")
        try:
            ip_address(host)
        except ValueError:
            return
        if not self._settings.allow_private_targets and not is_public(host):
            raise NotTaken("its address is not public")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=1, resolver=self._resolver, ttl_dns_cache=60)
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=self._settings.timeout.total_seconds()),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "hotline-webhooks"},
            )
        return self._session


class _Resolver(AbstractResolver):
    """The operating system's resolver in a thread of its own; it gives public addresses only."""

    def __init__(self, *, public_only: bool) -> None:
        self._public_only = public_only
        self._thread = ThreadPoolExecutor(1, "webhook-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._thread, lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        )
        addresses = [(kind, protocol, str(at[0])) for kind, _, protocol, _, at in found]
        if self._public_only:
            addresses = [each for each in addresses if is_public(each[2])]
        if not addresses:
            raise _Forbidden(f"{host}: its addresses are not public")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for kind, protocol, address in addresses
        ]

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def _reason(error: Exception) -> str:
    cause = error
    while cause is not None:
        if isinstance(cause, _Forbidden):
            return "its addresses are not public"
        cause = cause.__cause__ or cause.__context__  # type: ignore[assignment]
    return type(error).__name__
