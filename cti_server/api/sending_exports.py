"""Exports of recordings on their way: kept as rows, told one by one, cut off if they fail."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import structlog
from aiohttp import web

from cti_server.recorded_sound import SoundUnavailable
from cti_server.store.recording_exports import (
    BROKEN_OFF,
    CANCELLED,
    DONE,
    RecordingExport,
    RecordingExports,
)
from cti_server.store.recordings import Recording
from cti_server.wire.events import RecordingExported

from .four_eyes import spend
from .parts import identity, parts

log = structlog.get_logger()

PURPOSE = "recordings.export"
"""The permission, and what the password is asked for."""
_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
    "wav": "audio/wav",
}

Sent = Callable[[Recording], None]


async def send_away(
    request: web.Request,
    format: str,
    asked: Sequence[str],
    pieces: Callable[[Sent], AsyncIterator[bytes]],
    *,
    about: Mapping[str, Any],
) -> web.StreamResponse:
    """
    The ``pieces`` of a file; they say which recordings they have in them whole.

    ``asked``: what was asked for, in names alone; ``about``: exactly what, as it is approved.
    Raises NotNow for too many at once, and ApprovalNeeded.
    """
    here, who = parts(request), identity(request)
    export = RecordingExport(
        id=here.new_id(),
        format=format,
        asked=list(asked),
        created_by=who.agent_id,
        created_at=here.clock.now(),
    )
    with here.exports_under_way.sending(export.id, who.agent_id):
        async with here.changes.begin(who.agent_id) as change:
            await spend(here, who, change, "export", about)
            RecordingExports(change.session).add(export)
            change.record(RecordingExport.__tablename__, export.id, "created")
        return await _Sending(request, export).send(pieces)


class _Sending:
    """One export on its way to who asked."""

    def __init__(self, request: web.Request, export: RecordingExport) -> None:
        self._request = request
        self._here = parts(request)
        self._export = export
        self._recordings = self._size = 0

    async def send(self, pieces: Callable[[Sent], AsyncIterator[bytes]]) -> web.StreamResponse:
        name = f"recordings-{self._export.id}.{self._export.format}"
        headers = {
            "Content-Type": _KINDS[self._export.format],
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        }
        response, state = web.StreamResponse(headers=headers), CANCELLED
        try:
            await response.prepare(self._request)
            async for piece in pieces(self._sent):
                await response.write(piece)
            state = DONE
        except SoundUnavailable:
            state = BROKEN_OFF
            self._cut()  # no client is to take half a file for a whole one
        except ConnectionError:
            log.info("recording.export_cancelled", export=self._export.id)
        finally:
            await asyncio.shield(self._end(state))
        if state == DONE:
            await response.write_eof()  # who has it all finds the export done
        return response

    def _cut(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()

    def _sent(self, recording: Recording) -> None:
        self._recordings += 1
        self._size += recording.size or 0
        self._here.log.append(
            RecordingExported(
                recording_id=recording.id,
                export_id=self._export.id,
                format=self._export.format,
                exported_by=self._export.created_by,
            )
        )

    async def _end(self, state: str) -> None:
        async with self._here.changes.begin(self._export.created_by) as change:
            export = await RecordingExports(change.session).get(self._export.id)
            if export is not None:
                export.state, export.ended_at = state, self._here.clock.now()
                export.recordings, export.size = self._recordings, self._size
                change.record(RecordingExport.__tablename__, export.id, state)
