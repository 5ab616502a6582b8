"""
Everything that is stored of one customer, for that customer: their right of access.

The file is made first and sent then: a slow reader keeps no transaction open, and what fails is
told before anything is sent.
"""

import asyncio
import tempfile
from collections import Counter
from datetime import datetime
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec
from aiohttp import web

from cti_server.store.customers import Customers
from cti_server.store.personal_records import Person, Rows, all_records, person
from cti_server.wire.events import RecordRead

from .parts import Parts, identity, parts
from .routing import Routes

routes = Routes()

CHUNK = 256 * 1024  # bytes
STORED_WITHIN = 10.0  # seconds for what has just happened to be in the database
_encode = msgspec.json.Encoder().encode


@routes.add(
    "GET",
    "/api/v1/customers/{customer_id}/export",
    needs=("customers.export",),
    media_type="application/zip",
)
async def export_person(request: web.Request) -> web.StreamResponse:
    """All that is stored of the customer, whole, as a ZIP of JSON lines; it is audited."""
    here, who = parts(request), identity(request)
    async with asyncio.timeout(STORED_WITHIN):
        await here.log.stored()
    with tempfile.TemporaryFile() as file:
        async with here.database.readers() as session:
            named = request.match_info["customer_id"]
            customer = await Customers(session).need(named, who.teams)
            theirs = await person(session, customer.id)
            counts = await _collect(file, all_records(session, theirs))
        await asyncio.to_thread(_finish, file, _contents(theirs, counts, here.clock.now()))
        _tell(here, customer.id, who.agent_id)
        return await _send(request, file, customer.id)


async def _collect(file: IO[bytes], records: Any) -> Counter[str]:
    """Write each table's rows into a file of its own; how many there are."""
    counts: Counter[str] = Counter()
    archive = ZipFile(file, "w", ZIP_DEFLATED)
    async for table, rows in records:
        counts[table] += len(rows)
        name = f"{table}.{counts[table]:06d}.jsonl"
        await asyncio.to_thread(archive.writestr, name, _lines(rows))
    await asyncio.to_thread(archive.close)
    return counts


def _lines(rows: Rows) -> bytes:
    return b"".join(_encode(row) + b"\n" for row in rows)


def _finish(file: IO[bytes], contents: bytes) -> None:
    with ZipFile(file, "a", ZIP_DEFLATED) as archive:
        archive.writestr("contents.json", contents)


def _contents(theirs: Person, counts: Counter[str], now: datetime) -> bytes:
    contents = {
        "made_at": now,
        "customer_ids": theirs.customer_ids,
        "rows": dict(sorted(counts.items())),
        "shared_contacts": theirs.shared,
        "notes": [
            "Each <table>.<rows so far>.jsonl has one row a line, under its column's names.",
            "recording: what was recorded, where the file is in the archive, and its SHA-256.",
            "shared_contacts: may have been somebody else's, who has the same number; only named.",
        ],
    }
    return msgspec.json.format(_encode(contents), indent=2)


def _tell(here: Parts, customer_id: str, reader: str) -> None:
    here.log.append(
        RecordRead(record="customer", record_id=customer_id, what="export", read_by=reader)
    )


async def _send(request: web.Request, file: IO[bytes], customer_id: str) -> web.StreamResponse:
    answer = web.StreamResponse(
        headers={
            "Content-Type": "application/zip",
            "Content-Disposition": f'attachment; filename="{customer_id}.zip"',
            "Cache-Control": "private, no-store",
        }
    )
    answer.content_length = file.seek(0, 2)
    file.seek(0)
    await answer.prepare(request)
    while chunk := await asyncio.to_thread(file.read, CHUNK):
        await answer.write(chunk)
    await answer.write_eof()
    return answer
