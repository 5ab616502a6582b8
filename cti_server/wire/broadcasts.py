"""
Broadcasts: messages that a supervisor puts on for callers, in queues and before numbers' menus.

That one was published, withdrawn or has expired is a ``record.changed`` of the record "broadcast"
(``action`` "published", "withdrawn", "expired", "unspoken"); that a caller has heard it, a
``broadcast.heard``. ``GET /api/v1/queues`` has what is on in each queue.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from config.floor import Language

from .resource import Page, Resource, printable_lines

LONGEST = 30 * 24 * 3600
"""Seconds for which one can be on before it ends by itself."""


def _speakable(text: str) -> str:
    if not any(sign.isalnum() for sign in text):
        raise ValueError("has nothing that could be said")
    return printable_lines(text)


Message = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(_speakable),
]
_Queue = Annotated[str, Field(min_length=1, max_length=64)]
_Number = Annotated[str, Field(min_length=1, max_length=64)]
_PromptId = Annotated[str, Field(min_length=1, max_length=64)]


class NewBroadcast(Resource):
    """
    A message to be put on: in ``queues``, before what ``numbers`` lead to, or both.

    Either ``texts``, which the voice says, or ``prompts``: ids of texts of ``GET /api/v1/prompts``,
    one in each language, heard as the studio has recorded them. Callers hear it in their own
    language or, where that is not there, in the first one.
    """

    queues: Annotated[list[_Queue], Field(max_length=100)] = Field(default=[])
    numbers: Annotated[list[_Number], Field(max_length=100)] = Field(
        default=[], description="The centre's own, that callers dial; heard before the menu."
    )
    texts: dict[Language, Message] = Field(default={})
    prompts: Annotated[list[_PromptId], Field(max_length=2)] = Field(default=[])
    seconds: Annotated[int, Field(ge=1, le=LONGEST)] | None = Field(
        default=None, description="For so long; null: until it is withdrawn."
    )
    to_waiting: bool = Field(
        default=True,
        description="Whether who waits in the queues already hears it, too: once, after what they "
        "are hearing, and not while an agent is rung for them.",
    )

    @model_validator(mode="after")
    def _says_something_somewhere(self) -> "NewBroadcast":
        if not self.queues and not self.numbers:
            raise ValueError("queues: name a queue, or a number")
        if bool(self.texts) == bool(self.prompts):
            raise ValueError("texts: either texts or prompts")
        return self


class BroadcastOn(Resource):
    """One that is on in a queue, as the queue's view has it; null: until it is withdrawn."""

    id: str
    texts: dict[str, str] = Field(description="By language.")
    expires_at: datetime | None


class BroadcastView(Resource):
    """
    One broadcast. It is on until ``ended_at``; ``outcome`` says why it ended ("unspoken": after a
    restart no voice could say it), ``ended_by`` who withdrew it.
    """

    id: str
    queues: list[str]
    numbers: list[str]
    texts: dict[str, str] = Field(description="By language.")
    to_waiting: bool
    published_at: datetime
    published_by: str
    expires_at: datetime | None
    ended_at: datetime | None
    outcome: Literal["withdrawn", "expired", "unspoken"] | None
    ended_by: str | None


class BroadcastPage(Page[BroadcastView]):
    pass
