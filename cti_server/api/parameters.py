"""What a request says in its path and its query, as values; what is none is refused by its name."""

import re
from datetime import UTC, date, datetime

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from cti_server.wire.resource import LARGEST_NUMBER, Moment

from .problems import BadRequest, NotFound
from .routing import Query

VERSION = Query("version", "integer", "the version that was read")
_MOMENT = TypeAdapter(Moment)
_NAME = re.compile(r"[A-Za-z0-9][\w.:-]{0,63}", re.ASCII)


def number_in_path(request: web.Request, name: str, *, of: str, digits: int = 9) -> int:
    """Raises NotFound for what is no whole number of so many digits: there is none ``of`` that."""
    text = request.match_info[name]
    if not (text.isascii() and text.isdigit() and len(text) <= digits):
        raise NotFound(of, text)
    return int(text)


def number(request: web.Request, name: str, *, default: int, most: int) -> int:
    """A whole number from the query, from 1 (0 for offsets) to ``most``; raises BadRequest."""
    text = request.query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 18 or int(text) > most:
        raise BadRequest(f"{name}: must be a whole number from 0 to {most}")
    return int(text)


def day(request: web.Request, parameter: str) -> date | None:
    """A day from the query, None where none is given; raises BadRequest."""
    text = request.query.get(parameter)
    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(f"{parameter}: must be a day, as 2026-11-22") from error
    if not 1970 <= found.year < 2200:
        raise BadRequest(f"{parameter}: must be a day from 1970 to 2199")
    return found


def named(request: web.Request, parameter: str) -> str | None:
    """An id or a name from the query. Raises BadRequest."""
    text = request.query.get(parameter)
    if text is not None and _NAME.fullmatch(text) is None:
        raise BadRequest(f"{parameter}: must be a name or an id")
    return text


def version_to_delete(request: web.Request) -> int:
    """Which version was read by whoever deletes it. Raises BadRequest."""
    if VERSION.name not in request.query:
        raise BadRequest("version: say which version was read")
    return number(request, VERSION.name, default=0, most=LARGEST_NUMBER)


def flag(request: web.Request, parameter: str) -> bool | None:
    """Raises BadRequest."""
    text = request.query.get(parameter)
    if text not in {None, "true", "false"}:
        raise BadRequest(f"{parameter}: must be true or false")
    return None if text is None else text == "true"


def moment(request: web.Request, parameter: str) -> datetime | None:
    """An aware moment from the query (RFC 3339), in UTC. Raises BadRequest."""
    text = request.query.get(parameter)
    if text is None:
        return None
    try:
        at = _MOMENT.validate_strings(text.replace(" ", "+"))  # a plus that was not escaped
    except ValidationError as error:
        raise BadRequest(f"{parameter}: must be a moment with its offset (RFC 3339)") from error
    return at.astimezone(UTC)
