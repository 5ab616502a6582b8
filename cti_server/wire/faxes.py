"""Faxes that have come, and the calls by which others are sent."""

from datetime import datetime
from typing import Literal

from .resource import Resource


class FaxView(Resource):
    """
    A fax that has come, by its contact. ``ident`` is what the other machine calls itself.

    ``whole``: every page of it came; else ``reason`` says why not. ``way``: by T.38 or by audio,
    empty where a server died in the midst of it.
    """

    contact_id: str
    received_at: datetime
    dialled_number: str
    ident: str
    pages: int
    whole: bool
    reason: str
    way: Literal["t38", "audio", ""]


class FaxAttemptView(Resource):
    """
    One call by which a fax was to be sent; ``pages`` of ``document_pages`` were confirmed.

    It goes on until ``ended_at``. ``cause``: why it was not ``sent``, in T.30's words or the
    line's. ``bit_rate``: bits a second, of the last page.
    """

    call_id: str
    at: datetime
    ended_at: datetime | None
    trunk: str
    way: Literal["t38", "audio", ""]
    answered: bool
    pages: int
    document_pages: int | None
    sent: bool
    cause: str
    remote_ident: str
    bit_rate: int | None
