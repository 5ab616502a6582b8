"""Systems that are asked by REST: what to ask, and what of the answer is wanted, is data."""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import quote

import aiohttp
import jmespath
import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    model_validator,
)
from yarl import URL

from config import yaml_text
from config.settings import SHIPPED
from crm.errors import InvalidField
from crm.json_form import check_schema

from .answers import document_in
from .errors import OutsideFailed, OutsideRefused
from .kinds import Operation

LARGEST = 256 * 1024  # bytes of an answer
_SHIPPED = "shipped:"
_AGAIN = frozenset({408, 425, 429})
"""Statuses below 500 that do not say no."""

Expression = Annotated[str, Field(min_length=1, max_length=500)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RestOperation(_Part):
    """
    ``path`` has values as ``{name}``; ``query`` and ``body`` say under which of its own names the
    system gets which value. ``answer``: JMESPath of what is wanted of it. ``key_header``: where the
    system takes a key by which it does the same thing once only. ``risk``: the part of the answer
    that is true where a ticket is to be marked as a risk.
    """

    method: Literal["GET", "POST", "PUT"] = "GET"
    path: Annotated[str, Field(pattern=r"^/")]
    parameters: Mapping[str, Any]
    query: Mapping[str, str] = {}
    body: Mapping[str, str] = {}
    answer: Mapping[str, Expression]
    key_header: str | None = None
    risk: str | None = None

    @property
    def repeatable(self) -> bool:
        return self.method != "POST" or self.key_header is not None

    @property
    def in_address(self) -> set[str]:
        """The parameters that the address shows."""
        known = self.parameters.get("properties", {})
        return {*self.query.values(), *(name for name in known if "{" + name + "}" in self.path)}

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        try:
            check_schema(self.parameters, "parameters")
        except InvalidField as error:
            raise ValueError(str(error)) from error
        for expression in self.answer.values():
            _compiled(expression)
        known = set(self.parameters.get("properties", {}))
        if self.risk is not None and self.risk not in self.answer:
            raise ValueError(f"risk: {self.risk!r} is no part of the answer")
        if unknown := {*self.query.values(), *self.body.values()} - known:
            raise ValueError(f"{', '.join(sorted(unknown))}: is no parameter")
        return self


class RestSettings(_Part):
    """``definition``: a YAML file of operations, ``shipped:billing.yaml`` for one of ours."""

    url: HttpUrl
    headers: Mapping[str, SecretStr] = {}
    definition: str

    @cached_property
    def operations(self) -> Mapping[str, RestOperation]:
        """Raises ValueError and OSError."""
        file = Path(self.definition)
        if self.definition.startswith(_SHIPPED):
            file = SHIPPED / "outside" / self.definition.removeprefix(_SHIPPED)
        try:
            parsed = yaml_text.load(file.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise ValueError(f"{file}: not YAML") from error
        return _Operations.model_validate(parsed).operations


class _Operations(_Part):
    operations: Mapping[str, RestOperation]


class Rest:
    """One system."""

    Settings: ClassVar[type[BaseModel]] = RestSettings

    def __init__(self, settings: RestSettings) -> None:
        self._base = str(settings.url).rstrip("/")
        self._headers = {name: value.get_secret_value() for name, value in settings.headers.items()}
        self._operations = settings.operations
        self._wanted = {
            name: {field: _compiled(path) for field, path in operation.answer.items()}
            for name, operation in self._operations.items()
        }
        self._session: aiohttp.ClientSession | None = None

    @property
    def operations(self) -> Mapping[str, Operation]:
        return {
            name: Operation(
                each.parameters, each.repeatable, each.risk, {*each.answer}, each.in_address
            )
            for name, each in self._operations.items()
        }

    async def call(
        self, operation: str, values: Mapping[str, Any], key: str | None
    ) -> Mapping[str, Any]:
        asked = self._operations[operation]
        try:
            document = await self._ask(asked, values, key)
        except aiohttp.ClientError as error:
            raise OutsideFailed(type(error).__name__) from None
        return _found(document, self._wanted[operation])

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _ask(
        self, asked: RestOperation, values: Mapping[str, Any], key: str | None
    ) -> object:
        headers = {asked.key_header: key} if asked.key_header and key else {}
        body = _named(asked.body, values)
        if self._session is None:  # the time-out is that of whoever calls us
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=None),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        async with self._session.request(
            asked.method,
            self._address(asked, values),
            data=json.dumps(body).encode() if asked.method != "GET" else None,
            headers=headers | ({"Content-Type": "application/json"} if body else {}),
            allow_redirects=False,
        ) as answer:
            if 400 <= answer.status < 500 and answer.status not in _AGAIN:
                raise OutsideRefused(f"answered {answer.status}")
            if not 200 <= answer.status < 300:
                raise OutsideFailed(f"answered {answer.status}")
            return await _document(answer)

    def _address(self, asked: RestOperation, values: Mapping[str, Any]) -> URL:
        """No value becomes more than one segment of the path."""
        path = asked.path
        for name, value in values.items():
            if "{" + name + "}" in path:
                if str(value) in {"", ".", ".."}:
                    raise InvalidField(f"values.{name}", "cannot be asked for")
                path = path.replace("{" + name + "}", quote(str(value), safe=""))
        query = {name: str(value) for name, value in _named(asked.query, values).items()}
        return URL(self._base + path, encoded=True).update_query(query)


def _found(document: object, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """
    What is wanted of an answer, by its field.

    JMESPath's functions meet values of any kind there: its errors, which are ValueErrors, and
    Python's own are the answer's fault. Raises OutsideFailed.
    """
    try:
        return {field: path.search(document) for field, path in wanted.items()}
    except (ArithmeticError, RecursionError, TypeError, ValueError) as error:
        raise OutsideFailed(type(error).__name__) from None


async def _document(answer: aiohttp.ClientResponse) -> object:
    body = b""
    async for some in answer.content.iter_chunked(16 * 1024):
        body += some
        if len(body) > LARGEST:
            raise OutsideFailed(f"an answer of more than {LARGEST} bytes")
    return document_in(body, answer.charset) if body else None


def _named(names: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values under the system's own names; what was not given is left out."""
    return {theirs: values[ours] for theirs, ours in names.items() if ours in values}


def _compiled(expression: str) -> Any:
    try:
        return jmespath.compile(expression)
    except jmespath.exceptions.JMESPathError as error:
        raise ValueError(f"{expression!r} is no JMESPath") from error
