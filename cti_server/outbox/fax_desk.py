"""Faxes that agents send: a document, a cover, or both, looked at before they go."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from config.fax import FaxDocumentSettings
from crm.errors import InvalidField
from cti_server.calls.number_plan import DiallingRefused, NoTrunkForNumber, dialable
from cti_server.clock import Clock
from cti_server.fax.errors import FaxUnavailable
from cti_server.store.changes import Changes
from fax_sms_email.errors import NotSent
from fax_sms_email.letters import Document

from .fax_documents import FaxDocuments
from .faxes import NewFax, keep_fax


class FaxDesk:
    def __init__(
        self,
        documents: Mapping[str, FaxDocumentSettings],
        made: FaxDocuments,
        check: Callable[[str], object],
        changes: Changes,
        clock: Clock,
        new_id: Callable[[], str],
        region: str,
    ) -> None:
        """``check`` raises DiallingRefused for a number that may not be called."""
        self.documents = documents
        self._made = made
        self._check = check
        self._changes = changes
        self._clock = clock
        self._new_id = new_id
        self._region = region

    def number(self, written: str) -> str:
        """As numbers are stored. Raises InvalidField for one that cannot be dialled."""
        try:
            number = dialable(written, self._region)
            self._check(number)
        except NoTrunkForNumber:
            return number  # for whoever sends faxes
        except DiallingRefused as refused:
            raise InvalidField("number", f"cannot be called: {refused.cause}") from None
        return number

    def title(self, code: str, language: str) -> str:
        """Raises InvalidField."""
        if (document := self.documents.get(code)) is None:
            raise InvalidField("document", "there is none with this code")
        return document.title(language)

    async def preview(self, wanted: Document) -> bytes:
        """
        As a PDF.

        Raises InvalidField for what cannot be made, with the reason, and FaxUnavailable for what
        cannot be made now: another system does not answer.
        """
        with _told():
            return await self._made.printed(wanted)

    async def page(self, wanted: Document, number: int) -> tuple[bytes, int, int]:
        """
        A page of it as it would be faxed (PNG), its number (the last one's, if there are fewer)
        and how many there are. Raises as :meth:`preview` does.
        """
        with _told():
            return await self._made.page(wanted, number)

    async def send(self, wanted: Document, sent_by: str) -> str:
        """
        The job of the outbox that it is now; what cannot be made is refused before that.

        Raises as :meth:`preview` does, and CrmError for a customer who was erased.
        """
        await self.preview(wanted)
        new = NewFax(
            document=wanted.document,
            title=wanted.title,
            language=wanted.language,
            number=wanted.number,
            contact_id=wanted.contact_id,
            customer_id=wanted.customer_id,
            values=wanted.values,
            cover=wanted.cover,
        )
        async with self._changes.begin(sent_by) as change:
            job_id = await keep_fax(
                change, new, f"fax {self._new_id()}", self._clock.now(), self._new_id
            )
        if job_id is None:
            raise AssertionError("a key of its own was taken")
        return job_id


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except NotSent as error:
        if error.permanent:
            raise InvalidField("document", str(error)) from error
        raise FaxUnavailable(str(error)) from error
