"""Faxes that have come, those that agents send, and the calls by which they are sent."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from .resource import Resource, printable_lines

Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40)]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=100),
    AfterValidator(printable_lines),
]


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


class FaxDocumentView(Resource):
    """
    One that can be faxed. ``made``: anew each time, from the template that has its code.

    ``titles``: by language.
    """

    code: str
    titles: dict[str, str]
    made: bool


class FaxCover(Resource):
    """
    The first page. Without ``to`` it names the customer; ``text`` is as it was typed, no Markdown.
    """

    to: Line = ""
    text: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=4000),
        AfterValidator(printable_lines),
    ] = ""


class FaxToSend(Resource):
    """
    A document by its code, a cover, or both. Without ``number`` it goes to the customer's own.

    ``values`` are for the document's template and its look-ups.
    """

    document: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}$")] | None = None
    cover: FaxCover | None = None
    language: Literal["zh", "en"]
    number: Number | None = None
    customer_id: str | None = None
    contact_id: str | None = None
    values: Annotated[
        dict[str, Annotated[str, StringConstraints(max_length=2000)]], Field(max_length=50)
    ] = Field(default={})

    @model_validator(mode="after")
    def _is_something(self) -> Self:
        if self.document is None and self.cover is None:
            raise ValueError("document: give one, or a cover")
        if self.number is None and self.customer_id is None:
            raise ValueError("number: give one, or a customer who has a fax")
        return self


class FaxPageToSee(FaxToSend):
    """``page``: which one, from 1."""

    page: Annotated[int, Field(ge=1, le=200)] = 1


class FaxPageSeen(Resource):
    """One of its ``pages`` as the other machine will print it; ``png`` in base64."""

    page: int
    pages: int
    png: str


class SentFax(Resource):
    """
    A fax that was sent, as far as it has got. ``pages``: confirmed in the latest call.

    ``held``: nothing is sent here by fax. ``failure`` is why the latest attempt failed.
    """

    id: str
    title: str
    number: str = Field(description="Masked.")
    state: Literal["waiting", "sending", "sent", "dead"]
    held: bool
    pages: int
    document_pages: int | None
    attempts: int
    failure: str | None
    created_at: datetime
    ended_at: datetime | None
