"""Customers: for now, their import from a spreadsheet's CSV."""

import asyncio

from aiohttp import web

from crm.importing import read_customers
from cti_server.store.customers import Customers
from cti_server.wire.events import CustomersImported
from cti_server.wire.rest import CustomerImport

from .parts import identity, parts
from .problems import BadRequest
from .routing import Routes, answer

routes = Routes()

LARGEST = 32 * 1024 * 1024  # bytes of one file


@routes.add(
    "POST",
    "/api/v1/customers/import",
    needs=("customers.import",),
    answers=CustomerImport,
    accepts="text/csv",
)
async def import_customers(request: web.Request) -> web.Response:
    """Create and update customers from a CSV file (body); bad rows are named and left out."""
    data = await _body(request)
    here = parts(request)
    read = await asyncio.to_thread(read_customers, data, here.default_region)
    async with here.database.sessions() as session, session.begin():
        done = await Customers(session).take_in(
            read.customers, new_id=here.new_id, now=here.clock.now()
        )
    problems = [str(problem) for problem in read.problems]
    here.log.append(
        CustomersImported(
            imported_by=identity(request).agent_id,
            created=done.created,
            updated=done.updated,
            refused=len(problems),
        )
    )
    return answer(CustomerImport(created=done.created, updated=done.updated, problems=problems))


async def _body(request: web.Request) -> bytes:
    """The whole body, whatever the application's limit for JSON is; raises BadRequest."""
    chunks, size = [], 0
    async for chunk in request.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > LARGEST:
            raise BadRequest(f"body: larger than {LARGEST // 1024 // 1024} MiB")
        chunks.append(chunk)
    return b"".join(chunks)
