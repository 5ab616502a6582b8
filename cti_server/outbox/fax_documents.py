"""
The documents that are faxed: files as they are, or made anew for each fax, from the template that
has the document's code, with what the flow knew of the caller and what look-ups say now.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Executor
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

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
from fax_sms_email.fax.errors import BadDocument, NoFaxEngine
from fax_sms_email.fax.images import fax_pages
from fax_sms_email.fax.paper import paper

_KINDS: Final = {"number": "number", "money": "number", "truth": "boolean"}
"""Of a template's variables, as JSON Schema calls them."""


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

    async def make(self, job: OutboxJob, pages: Path) -> None:
        """The pages of a job's document, as a fax. Raises NotSent."""
        code = str(job.content.get("document"))
        document = self._documents.get(code)
        if document is None:
            raise NotSent(f"there is no document {code!r} any more", permanent=True)
        try:
            if document.file is not None:
                await self._in_job_process(fax_pages, document.file, pages)
            else:
                language: Written = "zh" if str(job.content["language"])[:2] == "zh" else "en"
                text = await self._text(job, code, document, language)
                await self._in_job_process(written_pages, text, language, pages)
        except (BadDocument, CrmError) as error:
            again = isinstance(error, OutsideUnavailable | QueryTooSlow)
            raise NotSent(f"document {code!r} {error}", permanent=not again) from error
        except (OSError, BrokenExecutor, NoFaxEngine) as error:
            reason = f"its pages could not be made: {type(error).__name__}"
            raise NotSent(reason, permanent=False) from error
        except UNAVAILABLE as error:
            reason = f"what is in it is not known: {type(error).__name__}"
            raise NotSent(reason, permanent=False) from error

    async def _in_job_process(self, make: Callable[..., object], *what: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(self._jobs, make, *what)

    async def _text(
        self, job: OutboxJob, code: str, document: FaxDocumentSettings, language: Written
    ) -> str:
        """Raises CrmError, and what the databases raise."""
        async with self._database.readers() as session:
            template = _made_from(await RoutingDefinitions(session, "template").all(), code)
            customer = None
            if job.customer_id is not None:
                customer = await Customers(session).need(job.customer_id, None)
        given: Mapping[str, str] = job.content.get("values") or {}
        kinds = {one.name: _KINDS.get(one.type) for one in template.variables}
        values: dict[str, JsonValue] = {
            **self._known(job, customer),
            **typed(given, kinds),
            **{
                variable: await self._table(job, name, given)
                for variable, name in document.look_ups.items()
            },
        }
        wanted = {name: value for name, value in values.items() if name in kinds}
        if missing := self._filling.missing(template, wanted):
            raise InvalidField(f"values.{missing[0]}", "is missing")
        return self._filling.filled(template, language, wanted).body

    def _known(self, job: OutboxJob, customer: Customer | None) -> dict[str, JsonValue]:
        today = self._now().astimezone(self._zone).date().isoformat()
        known: dict[str, JsonValue] = {
            "title": str(job.content.get("title", "")),
            "fax_number": job.recipient,
            "date": today,
        }
        if customer is not None:
            known |= {"customer": customer.name, "customer_number": customer.external_id or ""}
        return known

    async def _table(self, job: OutboxJob, name: str, given: Mapping[str, str]) -> JsonValue:
        """
        What a look-up finds for what the flow gave it: a number that somebody calls from proves
        nothing, whoever is asked for by it.

        Raises OutsideUnavailable, QueryTooSlow and InvalidField.
        """
        look_up = self._queries.lookups[name]
        kinds = {one.name: one.type for one in look_up.parameters}
        known = {key: text for key, text in given.items() if key in kinds}
        at_hand = AtHand(agent="", contact=job.contact_id, customer=job.customer_id)
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


def _made_from(templates: Any, code: str) -> TemplateContent:
    """Raises InvalidField."""
    for one in templates:
        if one.content.get("document") == code:
            return TemplateContent.model_validate(one.content)
    raise InvalidField("template", "none for faxes has this document's code")


def written_pages(text: str, language: Written, pages: Path) -> int:
    """In a job process: a text in Markdown as a fax; how many pages. Raises BadDocument."""
    printed = pages.with_suffix(".pdf")
    printed.write_bytes(paper(text, language))
    return fax_pages(printed, pages)
