"""Faxes that have come, as agents look at them; and how those went that are sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

from aiohttp import web
from sqlalchemy import select

from cti_server.store.fax_attempts import FaxAttempt, FaxAttempts
from cti_server.store.fax_documents import FaxDocument, FaxDocuments
from cti_server.store.outbox import OutboxJobs
from cti_server.wire.events import RecordRead
from cti_server.wire.faxes import FaxAttemptView, FaxView
from fax_sms_email.fax.errors import BadDocument

from .contact_scope import need_contact
from .outbox import jobs_in_sight
from .parts import identity, parts
from .problems import NotFound
from .routing import Routes, answer, answer_many

routes = Routes()

SEEN: Final = ("contacts.own", "contacts.read")


@routes.add("GET", "/api/v1/contacts/{contact_id}/fax", needs=SEEN, answers=FaxView)
async def fax(request: web.Request) -> web.Response:
    """The fax that a contact is, for who had part in it or may read others' contacts."""
    contact_id = request.match_info["contact_id"]
    async with parts(request).database.readers() as session:
        await need_contact(session, contact_id, identity(request))
        found = await session.scalar(select(FaxDocument).where(FaxDocument.id == contact_id))
    if found is None:
        raise NotFound("fax", contact_id)
    return answer(
        FaxView(
            contact_id=found.id,
            received_at=found.received_at,
            dialled_number=found.dialled_number,
            ident=found.ident,
            pages=found.pages,
            whole=found.whole,
            reason=found.reason,
            way=cast("Any", found.way),
        )
    )


@routes.add(
    "GET", "/api/v1/contacts/{contact_id}/fax.pdf", needs=SEEN, media_type="application/pdf"
)
async def fax_pdf(request: web.Request) -> web.Response:
    """The same as a PDF, its pages as they came."""
    contact_id, tiff = await _pages(request)
    with _readable(contact_id):
        made = await parts(request).fax_pictures.pdf(tiff)
    _told(request, contact_id)
    name = f'attachment; filename="fax-{contact_id}.pdf"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return web.Response(body=made, content_type="application/pdf", headers=headers)


@routes.add(
    "GET", "/api/v1/contacts/{contact_id}/fax/{page}.png", needs=SEEN, media_type="image/png"
)
async def fax_page(request: web.Request) -> web.Response:
    """One of its pages as a picture; they count from 1."""
    contact_id, tiff = await _pages(request)
    number = request.match_info["page"]
    if not (number.isascii() and number.isdigit() and len(number) < 5):
        raise NotFound("page", number)
    with _readable(contact_id):
        made = await parts(request).fax_pictures.page(tiff, int(number))
    if made is None:
        raise NotFound("page", number)
    _told(request, contact_id)
    return web.Response(body=made, content_type="image/png", headers={"Cache-Control": "no-store"})


@routes.add(
    "GET",
    "/api/v1/outbox/{job_id}/fax-attempts",
    needs=("outbox.read",),
    answers=FaxAttemptView,
    many=True,
)
async def fax_attempts(request: web.Request) -> web.Response:
    """The calls that were made for a fax of the outbox, the first first."""
    job_id = request.match_info["job_id"]
    async with parts(request).database.readers() as session:
        await OutboxJobs(session).need(job_id, jobs_in_sight(request))
        found = await FaxAttempts(session).of_job(job_id)
    return answer_many([_attempt(one) for one in found])


async def _pages(request: web.Request) -> tuple[str, bytes]:
    contact_id = request.match_info["contact_id"]
    async with parts(request).database.readers() as session:
        await need_contact(session, contact_id, identity(request))
        tiff = await FaxDocuments(session).pages_of(contact_id)
    if tiff is None:
        raise NotFound("fax", contact_id)
    return contact_id, tiff


@contextmanager
def _readable(contact_id: str) -> Iterator[None]:
    """What came so that nobody can read it is not there to be seen."""
    try:
        yield
    except BadDocument as error:
        raise NotFound("fax", contact_id) from error


def _told(request: web.Request, contact_id: str) -> None:
    """To the audit."""
    parts(request).log.append(
        RecordRead(
            record="fax_document",
            record_id=contact_id,
            what="fax",
            read_by=identity(request).agent_id,
        )
    )


def _attempt(one: FaxAttempt) -> FaxAttemptView:
    return FaxAttemptView(
        call_id=one.id,
        at=one.at,
        ended_at=one.ended_at,
        trunk=one.trunk,
        way=cast("Any", one.way),
        answered=one.answered,
        pages=one.pages,
        document_pages=one.document_pages,
        sent=one.sent,
        cause=one.cause,
        remote_ident=one.remote_ident,
        bit_rate=one.bit_rate,
    )
