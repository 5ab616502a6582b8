"""Faxes: what was dialled for them, page by page, and what came."""

from .base import BaseEvent


class FaxDialled(BaseEvent, frozen=True, kw_only=True, tag="fax.dialled"):
    """We call the number of a job of the outbox, to fax it a document."""

    job_id: str
    call_id: str
    contact_id: str | None = None
    customer_id: str | None = None


class FaxPageConfirmed(BaseEvent, frozen=True, kw_only=True, tag="fax.page_confirmed"):
    """The receiving machine has a page and says so; ``bit_rate``: bits a second."""

    job_id: str
    call_id: str
    page: int
    bit_rate: int
    ecm: bool


class FaxAttempted(BaseEvent, frozen=True, kw_only=True, tag="fax.attempted"):
    """
    One call of a fax job is over.

    ``sent``: every page was confirmed; else ``cause`` says why not, in T.30's words or the line's.
    ``way``: "t38" or "audio". ``document_pages`` is not known where no machine answered.
    ``remote_ident``: what the other machine calls itself. ``bit_rate``: of the last page.
    """

    job_id: str
    call_id: str
    trunk: str
    way: str
    answered: bool
    pages: int
    sent: bool
    seconds: float
    cause: str = ""
    document_pages: int | None = None
    remote_ident: str = ""
    bit_rate: int | None = None


AnyFaxEvent = FaxDialled | FaxPageConfirmed | FaxAttempted
