"""The texts that callers hear at this moment, and what the studio has recorded of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Literal

from config.floor import QueueSettings
from crm.errors import UnknownRecord
from crm.queries import Spoken
from ivr.flow import Flow

from .prompt_texts import PromptText, Use, listed, of_flows, of_queries, of_queues
from .speech.errors import RenderFailed
from .speech.library import PromptLibrary

Source = Literal["studio", "voice", "none"]


class PromptBook:
    """
    Read and changed while calls go on: what is said next is what is kept then.

    Values in prompts are always the voice's: their clips have to fit together as parts of words.
    """

    def __init__(
        self,
        library: PromptLibrary,
        flows: Mapping[str, Flow],
        queues: Mapping[str, QueueSettings],
        lasting: Iterable[Use],
        spoken: Callable[[], Awaitable[Mapping[str, Spoken]]],
    ) -> None:
        """
        ``flows``, ``queues`` and what is ``spoken`` of saved queries as they are at any moment;
        ``lasting``: what else is said.
        """
        self._library = library
        self._flows = flows
        self._queues = queues
        self._spoken = spoken
        self._lasting = list(lasting)

    async def texts(self) -> list[PromptText]:
        """All of them, in the order in which they are shown."""
        flows, queues = list(self._flows.values()), list(self._queues.values())
        spoken = await self._spoken()
        uses = chain(of_flows(flows), of_queues(queues), of_queries(spoken), self._lasting)
        return await asyncio.to_thread(listed, uses)

    async def need(self, text_id: str) -> PromptText:
        """Raises UnknownRecord for what nobody says."""
        for text in await self.texts():
            if text.id == text_id:
                return text
        raise UnknownRecord("prompt", text_id)

    def recorded(self, text: PromptText) -> bool:
        return self._library.studio.find(text.id) is not None

    def source(self, text: PromptText) -> Source:
        """Whose it is; "none" if nothing is there yet."""
        if self.recorded(text):
            return "studio"
        return "voice" if self._library.cached(text.text, text.language) else "none"

    def heard(self, text: PromptText) -> Path | None:
        """The file that is played for it."""
        recording = self._library.studio.find(text.id)
        return recording or self._library.cached(text.text, text.language)

    async def edited(self, wav: bytes) -> bytes:
        """A recording as it is kept. Raises SoundInvalid and RenderFailed."""
        return await self._library.edited(wav)

    async def keep(self, text: PromptText, recording: bytes) -> None:
        """Have it heard in place of the voice. Raises RenderFailed."""
        await _on_disk(lambda: self._library.studio.keep(text.id, recording))

    async def withdraw(self, text: PromptText) -> None:
        """Have the voice heard again. Raises RenderFailed."""
        await _on_disk(lambda: self._library.studio.withdraw(text.id))


async def _on_disk(change: Callable[[], None]) -> None:
    try:
        await asyncio.to_thread(change)
    except OSError as error:
        raise RenderFailed(f"the studio's folder cannot be written: {error.strerror}") from error
