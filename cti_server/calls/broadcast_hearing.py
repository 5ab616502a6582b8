"""What one caller hears of the broadcasts: each once, and on record."""

from collections.abc import Iterable
from typing import Final

from cti_server.wire.events import BroadcastHeard

from .broadcasts import Broadcast
from .contact import Contact
from .exchange import Exchange
from .leg import Leg
from .saying_over import FINISHED

INTERRUPTED: Final = "interrupted"
"""By a key of the caller's."""
_CUT_OFF: Final = ("cancelled", "stopped")
_NOT_HEARD: Final = ("failed", "lost")


class BroadcastHearing:
    """Of one contact, whichever queues it waits in one after the other."""

    def __init__(self, exchange: Exchange, contact: Contact, caller: Leg) -> None:
        self._exchange = exchange
        self._contact = contact
        self._caller = caller

    def first_missed(self, broadcasts: Iterable[Broadcast]) -> Broadcast | None:
        """The first of these that the caller has not heard."""
        heard = self._contact.broadcasts_heard
        return next((one for one in broadcasts if one.id not in heard), None)

    async def hear_before_the_menu(self) -> None:
        """Whatever is on for the number that was dialled; keys are typed ahead."""
        broadcasts = self._exchange.broadcasts.of_number(self._contact.dialled_number)
        while (one := self.first_missed(broadcasts)) is not None:
            await self.hear(one)

    async def hear(
        self, one: Broadcast, queue: str | None = None, *, barge_in: bool = False
    ) -> bool:
        """
        Whether the caller listened and pressed no key.

        Who is cut off by somebody's picking up, and has to wait again, hears it then.
        """
        language = self._contact.language
        spoken = language if language in one.texts else next(iter(one.texts))
        files = self._exchange.prompts.of_queue({spoken: one.texts[spoken]}, spoken)
        self._contact.broadcasts_heard.add(one.id)
        if not files:  # its voice is there no more, as was told at the start
            return True
        outcome = "cancelled"
        try:
            outcome = await self._caller.media.play(files, barge_in=barge_in)
        finally:
            if outcome in _CUT_OFF:
                self._contact.broadcasts_heard.discard(one.id)
            if outcome not in _NOT_HEARD:
                self._exchange.append(
                    BroadcastHeard(
                        contact_id=self._contact.id,
                        broadcast_id=one.id,
                        queue=queue,
                        language=spoken,
                        whole=outcome == FINISHED,
                    )
                )
        return outcome != INTERRUPTED
