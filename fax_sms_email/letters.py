"""A mail as it is written, before anybody sends it."""

from collections.abc import Mapping

import msgspec


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """The first page of a fax: ``to`` whom, ``sender`` by name, and what they write."""

    to: str = ""
    sender: str = ""
    text: str = ""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is made for somebody: one of the centre's documents, a cover, or both.

    ``document`` is its code, empty where there is a cover alone; ``number``: of their fax;
    ``values``: for its template.
    """

    document: str
    cover: Cover | None = None
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
