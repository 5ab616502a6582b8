"""
The documents that are faxed: files as they are, or made anew for each fax, from the template that
has the document's code, with what the flow knew of the caller and what look-ups say now.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from pydantic import JsonValue

from config.fax import FaxDocumentSettings
from crm.errors import CrmError, InvalidField
from crm.queries import AtHand, OutsideUnavailable, QueryTooSlow, filled
from cti_server.filled_templates import FilledTemplates, Written
from cti_server.saved_queries import Queries
from cti_server.store.customers import Customer, Customers
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.outbox import OutboxJob
from cti_server.store.routing_definitions import RoutingDefinitions
from cti_server.typed_values import typed
from cti_server.wire.templates import TemplateContent
from fax_sms_email.errors import NotSent
from fax_sms_email.fax.cover import cover_text
from fax_sms_email.fax.errors import BadDocument, NoFaxEngine
from fax_sms_email.fax.images import as_pdf, count_pages, fax_pages, joined, page_png, pages_in
from fax_sms_email.fax.paper import paper
from fax_sms_email.letters import Cover, Document

R = TypeVar("R")

_KINDS: Final = {"number": "number", "money": "number", "truth": "boolean"}
"""Of a template's variables, as JSON Schema calls them."""


class NotMade(NotSent):
    """What was to be sent could not be made: no other way would bring it there."""


class FaxDocuments:
    """
    What a template gets by itself, where it has a variable of that name: ``customer`` and
    ``customer_number`` (name and number in our records), ``fax_number``, ``title``, ``date``.
    """

    def __init__(
        self,
        documents: Mapping[str, FaxDocumentSettings],
        queries: Queries,
        database: Database,
        jobs: Executor,
        now: Callable[[], datetime],
        zone: ZoneInfo,
    ) -> None:
        """``documents``: by their codes."""
        self._documents = documents
        self._queries = queries
        self._database = database
        self._jobs = jobs
        self._now = now
        self._zone = zone
        self._filling = FilledTemplates(queries.region)

    async def make(self, wanted: Document, pages: Path) -> None:
        """The pages of a document, as a fax. Raises NotMade."""
        document = self._documents.get(wanted.document)
        with _told_why(wanted.document):
            if wanted.cover is None and document is not None and document.file is not None:
                await self._in_job_process(fax_pages, document.file, pages)  # a fax stays as it is
            else:
                await self._in_job_process(drawn_pages, await self.printed(wanted), pages)

    async def printed(self, wanted: Document) -> bytes:
        """The same as a PDF. Raises NotMade."""
        language = _language(wanted)
        with _told_why(wanted.document):
            body = b""
            if wanted.document or wanted.cover is None:
                body = await self._body(wanted, language)
            if wanted.cover is None:
                return body
            about = wanted.cover, language, wanted.number, self._today()
            return await self._in_job_process(covered, body, *about)

    async def page(self, wanted: Document, number: int) -> tuple[bytes, int, int]:
        """One page as it is faxed (PNG), its number, and how many there are. Raises NotMade."""
        with tempfile.TemporaryDirectory(prefix="fax-page-") as folder:
            fax = Path(folder) / "pages.tif"
            await self.make(wanted, fax)
            with _told_why(wanted.document):
                return await self._in_job_process(seen_page, fax, number)

    async def _body(self, wanted: Document, language: Written) -> bytes:
        document = self._need(wanted.document)
        if document.file is not None:
            return await self._in_job_process(as_pdf, document.file)
        text = await self._text(wanted, document, language)
        return await self._in_job_process(paper, text, language)

    def _need(self, code: str) -> FaxDocumentSettings:
        if (document := self._documents.get(code)) is None:
            raise NotMade(f"there is no document {code!r} any more", permanent=True)
        return document

    async def _in_job_process(self, make: Callable[..., R], *what: Any) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._jobs, make, *what)

    async def _text(
        self, wanted: Document, document: FaxDocumentSettings, language: Written
    ) -> str:
        """Raises CrmError, and what the databases raise."""
        async with self._database.readers() as session:
            template = _made_from(
                await RoutingDefinitions(session, "template").all(), wanted.document
            )
            customer = None
            if wanted.customer_id is not None:
                customer = await Customers(session).need(wanted.customer_id, None)
        kinds = {one.name: _KINDS.get(one.type) for one in template.variables}
        values: dict[str, JsonValue] = {
            **self._known(wanted, customer),
            **typed(wanted.values, kinds),
            **{
                variable: await self._table(wanted, name)
                for variable, name in document.look_ups.items()
            },
        }
        taken = {name: value for name, value in values.items() if name in kinds}
        if missing := self._filling.missing(template, taken):
            raise InvalidField(f"values.{missing[0]}", "is missing")
        return self._filling.filled(template, language, taken).body

    def _known(self, wanted: Document, customer: Customer | None) -> dict[str, JsonValue]:
        known: dict[str, JsonValue] = {
            "title": wanted.title,
            "fax_number": wanted.number,
            "date": self._today(),
        }
        if customer is not None:
            known |= {"customer": customer.name, "customer_number": customer.external_id or ""}
        return known

    def _today(self) -> str:
        return self._now().astimezone(self._zone).date().isoformat()

    async def _table(self, wanted: Document, name: str) -> JsonValue:
        """
        What a look-up finds for what the flow gave it: a number that somebody calls from proves
        nothing, whoever is asked for by it.

        Raises OutsideUnavailable, QueryTooSlow and InvalidField.
        """
        look_up = self._queries.lookups[name]
        kinds = {one.name: one.type for one in look_up.parameters}
        known = {key: text for key, text in wanted.values.items() if key in kinds}
        at_hand = AtHand(agent="", contact=wanted.contact_id, customer=wanted.customer_id)
        values = filled(look_up.parameters, typed(known, kinds), at_hand.values)
        found = await self._queries.outside.look_up(name, look_up, values)
        if found.more:
            raise InvalidField(f"look_ups.{name}", f"has more than {look_up.limit} rows")
        columns = [one.column for one in look_up.columns]
        return [
            {column: self._cell(value) for column, value in zip(columns, row, strict=True)}
            for row in found.rows
        ]

    def _cell(self, value: Any) -> JsonValue:
        if isinstance(value, datetime):
            local = value.astimezone(self._zone) if value.tzinfo is not None else value
            return local.strftime("%Y-%m-%d %H:%M")
        known: JsonValue = value
        return known


def wanted_by(job: OutboxJob) -> Document:
    """What a fax of the outbox is."""
    return Document(
        document=str(job.content.get("document")),
        title=str(job.content.get("title", "")),
        language=str(job.content.get("language", "")),
        number=job.recipient,
        customer_id=job.customer_id,
        contact_id=job.contact_id,
        values=job.content.get("values") or {},
        cover=msgspec.convert(job.content.get("cover"), Cover | None),
    )


@contextmanager
def _told_why(code: str) -> Iterator[None]:
    """Raises NotMade."""
    try:
        yield
    except (BadDocument, CrmError) as error:
        again = isinstance(error, OutsideUnavailable | QueryTooSlow)
        raise NotMade(f"document {code!r} {error}", permanent=not again) from error
    except (OSError, BrokenExecutor, NoFaxEngine) as error:
        reason = f"its pages could not be made: {type(error).__name__}"
        raise NotMade(reason, permanent=False) from error
    except UNAVAILABLE as error:
        reason = f"what is in it is not known: {type(error).__name__}"
        raise NotMade(reason, permanent=False) from error


def _language(wanted: Document) -> Written:
    return "zh" if wanted.language.startswith("zh") else "en"


def _made_from(templates: Any, code: str) -> TemplateContent:
    """Raises InvalidField."""
    for one in templates:
        if one.content.get("document") == code:
            return TemplateContent.model_validate(one.content)
    raise InvalidField("template", "none for faxes has this document's code")


def drawn_pages(pdf: bytes, pages: Path) -> int:
    """In a job process: a PDF as a fax; how many pages. Raises BadDocument."""
    printed = pages.with_suffix(".pdf")
    printed.write_bytes(pdf)
    return fax_pages(printed, pages)


def seen_page(fax: Path, number: int) -> tuple[bytes, int, int]:
    """In a job process. Raises BadDocument."""
    pages = count_pages(fax)
    number = min(number, pages)
    png = page_png(fax.read_bytes(), number)
    if png is None:
        raise BadDocument(f"has no page {number}")
    return png, number, pages


def covered(body: bytes, cover: Cover, language: Written, number: str, date: str) -> bytes:
    """In a job process: a PDF, or nothing, behind its cover. Raises BadDocument."""
    behind = pages_in(body) if body else 0
    text = cover_text(cover, language, number=number, date=date, pages=1 + behind)
    front = paper(text, language)
    if (own := pages_in(front)) > 1:  # what they write is longer than a page
        text = cover_text(cover, language, number=number, date=date, pages=own + behind)
        front = paper(text, language)
    return joined(front, body) if body else front
