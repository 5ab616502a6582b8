"""A mail as it is written, before anybody sends it."""

from collections.abc import Mapping

import msgspec


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """
    One of the centre's documents for somebody. ``document`` is its code; ``number``: of their fax;
    ``values``: for its template.
    """

    document: str
    title: str
    language: str
    number: str = ""
    customer_id: str | None = None
    contact_id: str | None = None
    values: Mapping[str, str] = {}


class Attachment(msgspec.Struct, frozen=True):
    """
    A file that goes along under this ``name``: a recording by its file in the archive, or a
    ``document``, made when the mail is.
    """

    name: str
    recording: str = ""
    document: Document | None = None


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """``automatic``: nobody wrote it, and no machine is to answer it (RFC 3834)."""

    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    automatic: bool = False
