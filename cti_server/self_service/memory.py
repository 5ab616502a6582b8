"""What a session remembers beyond its server, if it does."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from cti_server.wire.events import Event
from ivr.actions import Answer
from ivr.inquiries import Inquiry

from .past import Past

A = TypeVar("A", bound=Answer)


class Memory(Protocol):
    """
    A session asks here first, at each step: what was answered before is answered again.

    ``ticket_id``: of the ticket that the step at hand may open.
    """

    outlives_server: bool
    past: Past

    @property
    def ticket_id(self) -> str | None: ...

    def line(self) -> str | None:
        """What was typed at this step."""

    async def told(self) -> Answer | None:
        """What was found out at this step."""

    async def asking(self, inquiry: Inquiry) -> None:
        """It is about to be found out."""

    async def keep(self, answer: A) -> A:
        """It was; the answer as it will be remembered."""

    def once(self, append: Callable[[Event], object]) -> Callable[[Event], object]:
        """The log, for what it does not have yet."""


class Forgetful:
    """Of a session that ends with its server."""

    outlives_server = False
    ticket_id: str | None = None

    def __init__(self) -> None:
        self.past = Past()

    def line(self) -> str | None:
        return None

    async def told(self) -> Answer | None:
        return None

    async def asking(self, inquiry: Inquiry) -> None:
        """Nobody will want to know."""

    async def keep(self, answer: A) -> A:
        return answer

    def once(self, append: Callable[[Event], object]) -> Callable[[Event], object]:
        return append
