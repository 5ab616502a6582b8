"""Parts of what a path has, as HTTP asks for them."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from aiohttp import ETag, web

_LAST_NONE = re.compile("bytes=-0+", re.IGNORECASE)
"""The last no bytes (RFC 9110 §14.1.2): no such range can be had. aiohttp takes it for all."""


async def answer_part(
    request: web.Request,
    size: int,
    etag: ETag,
    headers: Mapping[str, str],
    opened: Callable[[int, int], Awaitable[AsyncIterator[bytes]]],
) -> web.StreamResponse:
    """
    What is asked for of a file of so many bytes, which ``opened`` gives from one place to another.

    What that raises is raised before anything is sent; 416 if there is no such part.
    """
    headers = {**headers, "Accept-Ranges": "bytes"}
    wanted = span(request, size, etag)
    if wanted is None:
        return web.Response(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    start, end = wanted
    blocks = await opened(start, end)
    response = web.StreamResponse(headers=headers)
    response.etag, response.content_length = etag, end - start
    if (start, end) != (0, size):
        response.set_status(206)
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    await response.prepare(request)
    if request.method != "HEAD":
        async for block in blocks:
            await response.write(block)
    return response


def span(request: web.Request, size: int, etag: ETag) -> tuple[int, int] | None:
    """
    From which byte up to which: all of it unless one range is asked for (RFC 9110 §14).

    Several ranges, and one of another file (If-Range), are answered by the whole. None if there is
    no such byte.
    """
    whole = (0, size)
    condition = request.headers.get("If-Range")
    if condition is not None and condition != f'"{etag.value}"':
        return whole
    try:
        asked = request.http_range
    except ValueError:
        return whole
    if asked.start is None:
        return whole
    if _LAST_NONE.fullmatch(request.headers["Range"]):
        return None
    start = max(size + asked.start, 0) if asked.start < 0 else asked.start
    end = size if asked.stop is None else min(asked.stop, size)
    return (start, end) if start < end else None
