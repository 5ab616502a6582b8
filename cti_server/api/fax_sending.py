"""Faxes that agents send: which documents there are, how one looks, and how far it has got."""

import asyncio
import base64
from contextlib import suppress
from typing import Any, Final, cast

from aiohttp import web

from crm.errors import InvalidField
from crm.numbers import mask
from cti_server.outbox.faxes import FAX
from cti_server.store.agents import Agents
from cti_server.store.customers import Customers
from cti_server.store.fax_attempts import FaxAttempts
from cti_server.store.outbox import WAITING, OutboxJobs
from cti_server.wire.events import RecordRead
from cti_server.wire.faxes import FaxDocumentView, FaxPageSeen, FaxPageToSee, FaxToSend, SentFax
from fax_sms_email.letters import Cover, Document

from .calls_in_sight import STORED_WITHIN, need_contact_known
from .outbox import jobs_in_sight
from .parts import Parts, identity, parts
from .permissions import Identity
from .problems import NotFound
from .routing import Routes, answer, answer_many, read

routes = Routes()

SEND: Final = ("faxes.send",)


@routes.add("GET", "/api/v1/fax-documents", needs=SEND, answers=FaxDocumentView, many=True)
async def fax_documents(request: web.Request) -> web.Response:
    """The centre's documents, by their codes; not those with look-ups that are for others."""
    here, who = parts(request), identity(request)
    return answer_many(
        [
            FaxDocumentView(code=code, titles=dict(document.titles), made=document.file is None)
            for code, document in sorted(here.fax_desk.documents.items())
            if _is_for(here, who, code)
        ]
    )


@routes.add(
    "POST",
    "/api/v1/faxes/preview",
    needs=SEND,
    body=FaxToSend,
    media_type="application/pdf",
)
async def preview_fax(request: web.Request) -> web.Response:
    """What would be sent, as a PDF."""
    here, who = parts(request), identity(request)
    wanted = await _wanted(here, who, await read(request, FaxToSend))
    made = await here.fax_desk.preview(wanted)
    _tell(here, who, wanted)
    return web.Response(
        body=made, content_type="application/pdf", headers={"Cache-Control": "no-store"}
    )


@routes.add(
    "POST", "/api/v1/faxes/preview-page", needs=SEND, body=FaxPageToSee, answers=FaxPageSeen
)
async def preview_page(request: web.Request) -> web.Response:
    """One page of it, as it would be faxed; beyond the last one, that one."""
    here, who = parts(request), identity(request)
    told = await read(request, FaxPageToSee)
    wanted = await _wanted(here, who, told)
    png, page, pages = await here.fax_desk.page(wanted, told.page)
    _tell(here, who, wanted)
    return answer(FaxPageSeen(page=page, pages=pages, png=base64.b64encode(png).decode()))


@routes.add("POST", "/api/v1/faxes", needs=SEND, body=FaxToSend, answers=SentFax, status=201)
async def send_fax(request: web.Request) -> web.Response:
    """Send it: to the outbox, from where it leaves at once if it can."""
    here, who = parts(request), identity(request)
    wanted = await _wanted(here, who, await read(request, FaxToSend))
    job_id = await here.fax_desk.send(wanted, who.agent_id)
    _tell(here, who, wanted)
    return answer(await _sent(request, job_id), status=201)


@routes.add("GET", "/api/v1/faxes/{job_id}", needs=SEND, answers=SentFax)
async def sent_fax(request: web.Request) -> web.Response:
    """How far one that was sent has got, page by page."""
    return answer(await _sent(request, request.match_info["job_id"]))


def _tell(here: Parts, who: Identity, wanted: Document) -> None:
    """To the audit: whose record was read, and each look into another system."""
    document = here.fax_desk.documents.get(wanted.document)
    for name in () if document is None else document.look_ups.values():
        here.log.append(
            RecordRead(
                record="saved_query",
                record_id=name,
                what="fax, whole",
                read_by=who.agent_id,
            )
        )
    if wanted.customer_id is not None and wanted.document:
        here.log.append(
            RecordRead(
                record="customer", record_id=wanted.customer_id, what="fax", read_by=who.agent_id
            )
        )


async def _wanted(here: Parts, who: Identity, told: FaxToSend) -> Document:
    """Raises InvalidField, NotFound, NotPermitted, and UnknownRecord for the customer."""
    if told.document is not None and not _is_for(here, who, told.document):
        raise InvalidField("document", "there is none with this code")
    if told.contact_id is not None:
        await need_contact_known(here, told.contact_id, who)
    name, number = "", told.number
    async with here.database.readers() as session:
        agent = await Agents(session).get(who.agent_id)
        if told.customer_id is not None:
            customer = await Customers(session).need(told.customer_id, who.teams)
            name = customer.name
            faxes = [one.number for one in customer.numbers if one.use == FAX]
            number = number or next(iter(faxes), None)
    if number is None:
        raise InvalidField("number", "the customer has no fax: give one")
    cover = None
    if told.cover is not None:
        sender = agent.name if agent is not None else ""
        cover = Cover(to=told.cover.to or name, sender=sender, text=told.cover.text)
    return Document(
        document=told.document or "",
        title=_title(here, told),
        language=told.language,
        number=here.fax_desk.number(number),
        customer_id=told.customer_id,
        contact_id=told.contact_id,
        values=told.values,
        cover=cover,
    )


def _title(here: Parts, told: FaxToSend) -> str:
    if told.document is None:
        return "传真" if told.language == "zh" else "Fax"
    return here.fax_desk.title(told.document, told.language)


def _is_for(here: Parts, who: Identity, code: str) -> bool:
    """Whether they may run all look-ups of it; those of one queue alone are for its calls."""
    document = here.fax_desk.documents.get(code)
    return document is not None and all(
        here.queries.lookups[name].offered_to.includes(who.roles, who.team, None)
        for name in document.look_ups.values()
    )


async def _sent(request: web.Request, job_id: str) -> SentFax:
    here = parts(request)
    async with here.database.readers() as session:
        job = await OutboxJobs(session).need(job_id, jobs_in_sight(request))
    if job.channel != FAX:
        raise NotFound("fax", job_id)
    with suppress(TimeoutError):  # what was told of its last page before it ended
        async with asyncio.timeout(STORED_WITHIN):
            await here.log.stored()
    async with here.database.readers() as session:
        attempts = await FaxAttempts(session).of_job(job_id)
    last = attempts[-1] if attempts else None
    return SentFax(
        id=job.id,
        title=str(job.content.get("title", "")),
        number=mask(job.recipient),
        state=cast("Any", job.state),
        held=job.state == WAITING and FAX not in here.ways_out,
        pages=last.pages if last is not None else 0,
        document_pages=last.document_pages if last is not None else None,
        attempts=job.attempts,
        failure=job.failure,
        created_at=job.created_at,
        ended_at=job.ended_at,
    )
