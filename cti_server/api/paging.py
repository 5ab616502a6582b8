"""
Lists that go on: by the place of the last item, never by a count of items.

So page 1,000 costs what page 1 does, and what is added meanwhile shifts nothing.
"""

import base64
from typing import Any

import msgspec
from aiohttp import web

from cti_server.wire.storable import fault_of

from .parameters import number
from .problems import BadRequest
from .routing import Query

LIMIT = Query("limit", "integer", "at most this many, 1 to 200; 50 if not given")
AFTER = Query("after", "string", "where to go on: `next` of the page before")
PAGING = (LIMIT, AFTER)

_LARGEST = 200
_LONGEST = 2000  # bytes of a place: its texts are ids, names and words of ours
_NO_PLACE = "after: must be `next` of an earlier page"
_encode = msgspec.json.Encoder().encode


def limit(request: web.Request) -> int:
    """Raises BadRequest."""
    return max(1, number(request, "limit", default=50, most=_LARGEST))


def cursor(*place: object) -> str:
    """The place of an item as opaque text: what its list is sorted by, its id last."""
    return base64.urlsafe_b64encode(_encode(place)).decode().rstrip("=")


def after(request: web.Request, kind: type[Any]) -> Any:
    """
    The place to go on from as ``kind``, a ``tuple[…]``; None at the beginning.

    Raises BadRequest for what :func:`cursor` did not make.
    """
    text = request.query.get("after")
    if text is None:
        return None
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        place = msgspec.json.decode(data[:_LONGEST], type=kind)
    except (ValueError, msgspec.MsgspecError) as error:
        raise BadRequest(_NO_PLACE) from error
    if fault_of(place, "after") is not None:
        raise BadRequest(_NO_PLACE)
    return place
