"""Faxes: who we are to other machines, how they are sent, the documents that can be asked for."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, FilePath, StringConstraints, model_validator

from .floor import Language
from .section import Section

DocumentCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}$")]
"""As callers key it in."""

DocumentWord = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]

DocumentTitle = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)
]


class FaxDocumentSettings(Section):
    """One document."""

    titles: Mapping[Language, DocumentTitle] = Field(
        min_length=1,
        description="What it is called, by language; a language without one gets the first.",
    )
    file: FilePath | None = Field(
        default=None,
        description="PDF or TIFF; without it the document is made anew each time, from the "
        "template for faxes that has its code.",
    )
    look_ups: Mapping[DocumentWord, DocumentWord] = Field(
        default={},
        description="What such a template gets as tables: by the names of its variables, look-ups "
        "of `queries.lookups`.",
    )

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if self.file is not None and self.look_ups:
            raise ValueError("look_ups: a file has no places for them")
        return self

    def title(self, language: str) -> str:
        """In that language, or as near as can be."""
        return next(
            (title for each, title in self.titles.items() if each == language),
            next(iter(self.titles.values())),
        )


class FaxSettings(Section):
    """Nothing is faxed before ``number`` is known; what is asked for waits until it is."""

    number: str | None = Field(
        default=None,
        pattern=r"^[+0-9 ]{1,20}$",
        description="What our machines call themselves to others (T.30's identification).",
    )
    header: str = Field(
        default="",
        pattern=r"^[ -~]{0,50}$",
        description="Stands at the head of each page that we send; machines know ASCII alone.",
    )
    ports: tuple[int, int] | None = Field(
        default=None,
        description="First and last UDP port of the fax machines, on `media.host`, four for each; "
        "by default those of `media.ports`: each port is taken once.",
    )
    t38: bool = Field(
        default=True, description="Whether T.38 is taken from who proposes it, and proposed."
    )
    queue: str | None = Field(
        default=None,
        description="Whose agents get faxes that come to numbers which are for talking, and those "
        "of a queue that is gone.",
    )
    at_once: int = Field(default=8, ge=1, le=200, description="Faxes that are sent at a time.")
    attempts: int = Field(
        default=6, ge=1, le=50, description="Calls for one fax; then it is a dead letter."
    )
    retry_after: timedelta = Field(
        default=timedelta(minutes=2),
        gt=timedelta(0),
        le=timedelta(hours=1),
        description="After the first failure; four times as long each time, up to an hour.",
    )
    by_mail: bool = Field(
        default=True,
        description="Whether a document that was given up goes by mail, to a customer of ours who "
        "has an address and wants such mail.",
    )
    documents: Mapping[DocumentCode, FaxDocumentSettings] = Field(
        default={}, description='By the code that callers key in, in quotes: `"101"`.'
    )

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.ports is not None and not 1024 <= self.ports[0] < self.ports[1] <= 65535:
            raise ValueError("ports must be two rising numbers between 1024 and 65535")
        return self
