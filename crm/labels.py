"""What people read, in the languages that they read."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has characters that cannot be printed")
    return text


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(_printable),
]


class Labels(BaseModel):
    """A name in Chinese and in English."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: Name
    en: Name
