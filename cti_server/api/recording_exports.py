"""
Recordings taken away: a table of them, or their sounds, sent as they are found.

It is asked for by who may, confirms it by the password, and is told to the audit trail recording by
recording. What is too much is refused before anything is sent.
"""

import codecs
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial

from aiohttp import web
from sqlalchemy import ColumnElement

from crm.numbers import mask
from cti_server import recording_table
from cti_server.recording_zip import RecordingZip
from cti_server.store.recording_exports import (
    BROKEN_OFF,
    RUNNING,
    RecordingExport,
    RecordingExports,
)
from cti_server.store.recording_search import Place, search
from cti_server.store.recordings import STORED, Recording, Recordings
from cti_server.wire.recordings import (
    RecordingExportCreate,
    RecordingExportPage,
    RecordingExportView,
)
from recording.search import RecordingSearch

from .four_eyes import of_export
from .paging import PAGING, after, cursor, limit
from .parts import Parts, identity, parts
from .problems import BadRequest
from .recording_access import seen_by
from .recording_search import usual
from .routing import Routes, answer, read
from .sending_exports import PURPOSE, Sent, send_away

routes = Routes()

_AT_ONCE = 100  # recordings
_PAGE = 500  # of the search
_PAGES = 500
"""So many pages of a search are looked at: a million recordings."""

Conditions = Sequence[ColumnElement[bool]]


@routes.add(
    "POST",
    "/api/v1/recording-exports",
    needs=(PURPOSE,),
    body=RecordingExportCreate,
    media_type="application/zip",
)
async def export_recordings(request: web.Request) -> web.StreamResponse:
    """A CSV or ZIP file of all recordings that are meant; the password is asked before."""
    asked = await read(request, RecordingExportCreate)
    here, who = parts(request), identity(request)
    if asked.search.state != "stored":
        raise BadRequest("search.state: what is not in the archive yet is in no export")
    wanted = usual(here, who, asked.search)
    here.confirmations.need(who, PURPOSE, here.clock.now())
    async with here.database.readers() as session:
        seen = await seen_by(session, who, "export")
    ids = await _meant(here, wanted, seen, sounds=asked.format == "zip")

    def pieces(sent: Sent) -> AsyncIterator[bytes]:
        return _Contents(request, asked, ids, seen, sent).pieces()

    about = of_export(asked.format, wanted)
    return await send_away(request, asked.format, sorted(wanted.asked), pieces, about=about)


async def _meant(
    here: Parts, wanted: RecordingSearch, seen: Conditions, *, sounds: bool
) -> list[str]:
    """The ids of all; raises BadRequest for too many of them, or too much sound."""
    protection, found, size = here.recording.protection, list[str](), 0
    place: Place | None = None
    for _ in range(_PAGES):
        page = await here.database.in_one_look(
            partial(search, wanted=wanted, seen=seen, limit=_PAGE, after=place)
        )
        found += page.ids
        if len(found) > protection.export_recordings:
            raise BadRequest(
                f"search: means more than {protection.export_recordings} recordings "
                "(recording.protection.export_recordings); ask for less at a time"
            )
        if sounds and page.ids:
            async with here.database.readers() as session:
                size += await Recordings(session).size_of(page.ids)
        if size > protection.export_bytes:
            raise BadRequest(
                f"search: means more than {protection.export_bytes} bytes of sound "
                "(recording.protection.export_bytes); ask for less at a time"
            )
        place = page.next
        if place is None:
            return found
    raise BadRequest("search: too many recordings would have to be looked at; name a time")


class _Contents:
    """What one export has in it; ``sent`` is told of each recording that is in it whole."""

    def __init__(
        self,
        request: web.Request,
        asked: RecordingExportCreate,
        ids: Sequence[str],
        seen: Conditions,
        sent: Sent,
    ) -> None:
        self._here = parts(request)
        self._asked = asked
        self._ids = ids
        self._seen = seen
        self._sent = sent
        self._whole = identity(request).may("customers.reveal")

    def pieces(self) -> AsyncIterator[bytes]:
        if self._asked.format == "csv":
            return self._table()
        zipped = RecordingZip(
            self._here.database, self._here.edited_sounds, self._sent, self._number
        )
        return zipped.pieces(self._batches(), self._here.clock.now())

    async def _table(self) -> AsyncIterator[bytes]:
        mark = codecs.BOM_UTF8 if self._asked.byte_order_mark else b""
        yield mark + recording_table.header().encode()
        async for batch in self._batches():
            yield recording_table.rows(batch, whole=self._whole).encode()
            for recording in batch:
                self._sent(recording)

    async def _batches(self) -> AsyncIterator[Sequence[Recording]]:
        """As they are now: what was erased meanwhile is not sent."""
        for start in range(0, len(self._ids), _AT_ONCE):
            some = self._ids[start : start + _AT_ONCE]
            async with self._here.database.readers() as session:
                batch = await Recordings(session).in_order(some, self._seen)
            yield [one for one in batch if one.state == STORED]

    def _number(self, number: str) -> str:
        return number if self._whole else mask(number)


@routes.add(
    "GET",
    "/api/v1/recording-exports",
    needs=(PURPOSE, "audit.read"),
    answers=RecordingExportPage,
    query=PAGING,
)
async def recording_exports(request: web.Request) -> web.Response:
    """One's own exports of recordings, the newest first; for who may read the audit trail, all."""
    here, who, most = parts(request), identity(request), limit(request)
    whose = None if who.may("audit.read") else who.agent_id
    place = after(request, tuple[datetime, str])
    async with here.database.readers() as session:
        found = await RecordingExports(session).page(most, place, created_by=whose)
    more = cursor(found[-1].created_at, found[-1].id) if len(found) == most else None
    return answer(RecordingExportPage(items=[_view(here, one) for one in found], next=more))


def _view(here: Parts, export: RecordingExport) -> RecordingExportView:
    left = export.state == RUNNING and export.id not in here.exports_under_way
    told = {name: getattr(export, name) for name in RecordingExportView.model_fields}
    return RecordingExportView.model_validate(told | ({"state": BROKEN_OFF} if left else {}))
