"""
Another system that knows our customers, asked by REST for whoever calls.

It is never waited for beyond its time-out, never asked twice for the same within minutes, and left
alone for a while when it fails again and again: a call goes on with what our own records say.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import aiohttp
import jmespath
import structlog
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
)
from yarl import URL

from config.crm import OutsideCrmSettings
from crm.numbers import Number, NumberKind

from .connectors.answers import document_in
from .connectors.errors import OutsideFailed

log = structlog.get_logger()

FAILURES: Final = 3  # in a row, then it is left alone
REST: Final = 10.0  # seconds
LARGEST: Final = 64 * 1024  # octets of an answer
KEPT: Final = 10_000  # numbers that were asked about


def _text(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


_Said = BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)


class OutsideCustomer(BaseModel):
    """A customer as the other system has them; a field that it does not know is not set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    external_id: Annotated[str, _text(64), _Said]
    name: Annotated[str, _text(200)]
    kind: Literal["person", "company"] | None = None
    tier: Annotated[str, _text(32)] | None = None
    language: (
        Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None
    ) = None
    company: Annotated[str, _text(200)] | None = None
    tags: Annotated[tuple[Annotated[str, _text(64)], ...], BeforeValidator(tuple)] | None = None


class OutsideCrmFailed(Exception):
    """It did not answer, or not with what was agreed; the message never has personal data."""


@dataclass(slots=True)
class OutsideFigures:
    """For the metrics page."""

    asked: int = 0
    failed: int = 0
    spared: int = 0  # not asked, because it rests


class OutsideCrm:
    """The way there. :meth:`close` ends its connections."""

    def __init__(self, settings: OutsideCrmSettings) -> None:
        self.figures = OutsideFigures()
        self._url = settings.url
        self._headers = {name: value.get_secret_value() for name, value in settings.headers.items()}
        self._fields = {
            name: jmespath.compile(expression) for name, expression in settings.fields.items()
        }
        self._timeout = settings.timeout.total_seconds()
        self._keep_for = settings.keep_for.total_seconds()
        self._asked: OrderedDict[str, float] = OrderedDict()  # until when it is not asked again
        self._failures = 0
        self._rests_until = 0.0
        self._session: aiohttp.ClientSession | None = None

    async def find(self, number: Number) -> OutsideCustomer | None:
        """
        Whose number it is, if that is worth asking; None if nobody's, or asked a moment ago.

        Raises OutsideCrmFailed.
        """
        now = asyncio.get_running_loop().time()
        if number.kind is not NumberKind.INTERNATIONAL or self._asked.get(number.text, 0.0) > now:
            return None
        if now < self._rests_until:
            self.figures.spared += 1
            return None
        self.figures.asked += 1
        try:
            customer = self._read(await self._ask(number))
        except (
            aiohttp.ClientError,
            TimeoutError,
            OSError,
            ValueError,
            RecursionError,
            OutsideFailed,
        ) as error:
            self._failed(now)
            raise OutsideCrmFailed(_reason(error)) from None
        self._failures = 0
        self._remember(number.text, now + self._keep_for)
        return customer

    def forget(self, numbers: Iterable[str]) -> None:
        """That these were asked about: they are nobody's any more."""
        for number in numbers:
            self._asked.pop(number, None)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _ask(self, number: Number) -> Any:
        """The JSON of the answer; None if nobody is known (404)."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers, timeout=aiohttp.ClientTimeout(total=self._timeout)
            )
        url = URL(self._url.replace("{number}", number.text.replace("+", "%2B")), encoded=True)
        async with self._session.get(url, allow_redirects=False) as answer:
            if answer.status == 404:
                return None
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            body = await answer.content.read(LARGEST + 1)
            while len(body) <= LARGEST and not answer.content.at_eof():
                body += await answer.content.read(LARGEST + 1 - len(body))
        if len(body) > LARGEST:
            raise ValueError(f"an answer of more than {LARGEST} octets")
        return document_in(body, answer.charset)

    def _read(self, document: Any) -> OutsideCustomer | None:
        found = {name: field.search(document) for name, field in self._fields.items()}
        if found["external_id"] is None:
            return None
        return OutsideCustomer.model_validate(
            {name: value for name, value in found.items() if value is not None}
        )

    def _failed(self, now: float) -> None:
        self.figures.failed += 1
        self._failures += 1
        if self._failures >= FAILURES:
            self._rests_until = now + REST
            self._failures = 0

    def _remember(self, number: str, until: float) -> None:
        self._asked[number] = until
        self._asked.move_to_end(number)
        if len(self._asked) > KEPT:
            self._asked.popitem(last=False)


def _reason(error: Exception) -> str:
    """What went wrong, without what was in the answer: that is a person's."""
    if isinstance(error, ValidationError):
        fields = sorted({str(fault["loc"][0]) for fault in error.errors(include_input=False)})
        return f"fields that cannot be used: {', '.join(fields)}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, (aiohttp.ClientError, RecursionError)):
        return type(error).__name__
    return str(error)
