"""Faxes: the documents that callers can have sent to them."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, FilePath, StringConstraints

from .floor import Language
from .section import Section

DocumentCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}$")]
"""As callers key it in."""

DocumentTitle = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)
]


class FaxDocumentSettings(Section):
    """One document."""

    titles: Mapping[Language, DocumentTitle] = Field(
        min_length=1,
        description="What it is called, by language; a language without one gets the first.",
    )
    file: FilePath = Field(description="PDF or TIFF.")

    def title(self, language: str) -> str:
        """In that language, or as near as can be."""
        return next(
            (title for each, title in self.titles.items() if each == language),
            next(iter(self.titles.values())),
        )


class FaxSettings(Section):
    documents: Mapping[DocumentCode, FaxDocumentSettings] = Field(
        default={}, description='By the code that callers key in, in quotes: `"101"`.'
    )
