"""What becomes of a text in the records, in one transaction: its mark, its answer, the wishes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from crm.errors import CrmError
from crm.pop import Pop
from cti_server.clock import Clock
from cti_server.outbox.sms import SMS, Text
from cti_server.store.changes import Change, Changes
from cti_server.store.consents import Consent, Consents
from cti_server.store.customers import Customers
from cti_server.store.outbox import OutboxJob, OutboxJobs
from cti_server.store.sms_messages import KEPT, SEEN_TO, SmsMessage, SmsMessages
from cti_server.store.sms_senders import SmsSenders
from cti_server.tickets.edit import SYSTEM

from .services import Service

STOPPED: Final = ("service", "marketing", "survey")
STARTED: Final = ("service", "survey")
"""What is for marketing needs a consent of its own, which one word to a service is none."""
SOURCE: Final = "sms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    ``text``: None where nothing is said. ``stops`` and ``starts``: what the sender wants from now
    on; ``tells``: that we did not understand. ``service``: in which it was said.
    """

    text: str | None = field(default=None, kw_only=False)
    state: str = SEEN_TO
    stops: bool = False
    starts: bool = False
    tells: bool = False
    service: Service | None = None


class Conclusions:
    def __init__(
        self,
        changes: Changes,
        look_up: Callable[[str], Awaitable[Pop]],
        clock: Clock,
        new_id: Callable[[], str],
        key: bytes,
    ) -> None:
        """``look_up``: whose a number is; ``key``: of the digests of numbers."""
        self._changes = changes
        self._look_up = look_up
        self._clock = clock
        self._new_id = new_id
        self._key = key

    async def conclude(self, message: SmsMessage, answer: Answer) -> None:
        """
        A text whose customer was erased meanwhile leaves nothing.

        Whose the number is may be asked of another system: not while the database is written to.
        """
        contact_id = message.contact_id
        if answer.service is not None:
            contact_id = answer.service.session.id
        theirs = None
        if contact_id is None or answer.stops or answer.starts:
            theirs = await self._customer_of(message)
        async with self._changes.begin(SYSTEM) as change:
            stored = await SmsMessages(change.session).get(message.id)
            if stored is None:
                return
            now = self._clock.now()
            stored.state, stored.seen_to_at, stored.due_at = answer.state, now, now + KEPT
            stored.text = ""  # nobody reads it any more, and there may be a PIN in it
            stored.contact_id = contact_id
            stored.customer_id = theirs if contact_id is None else None
            change.record(SmsMessage.__tablename__, stored.id, answer.state, fields=["state"])
            await self._keep_wishes(change, stored, answer, theirs)
            if answer.text is not None:
                await self._put(change, stored, answer)

    async def _customer_of(self, message: SmsMessage) -> str | None:
        """If the number is one customer's."""
        pop = await self._look_up(message.number)
        return pop.customers[0].id if pop.match == "one" else None

    async def _put(self, change: Change, message: SmsMessage, answer: Answer) -> None:
        text = Text(
            text=answer.text or "",
            gateway=message.gateway,
            our_number=message.our_number,
            after_stop=answer.stops,
        )
        job_id = self._new_id()
        is_new = await OutboxJobs(change.session).put(
            job_id,
            f"sms {message.id}",
            SMS,
            message.number,
            text.as_content(),
            self._clock.now(),
            contact_id=message.contact_id,
            customer_id=message.customer_id,
        )
        if is_new:
            change.record(OutboxJob.__tablename__, job_id, "created")

    async def _keep_wishes(
        self, change: Change, message: SmsMessage, answer: Answer, customer_id: str | None
    ) -> None:
        senders, now = SmsSenders(change.session, self._key), self._clock.now()
        if answer.tells:
            await senders.put(message.number, told_at=now)
        if not (answer.stops or answer.starts):
            return
        await senders.put(message.number, stopped_at=now if answer.stops else None)
        if answer.stops:
            for job_id in await OutboxJobs(change.session).withdraw_all(SMS, message.number, now):
                change.record(OutboxJob.__tablename__, job_id, "withdrawn")
        if customer_id is not None:
            await self._record_consents(change, customer_id, given=answer.starts)

    async def _record_consents(self, change: Change, customer_id: str, *, given: bool) -> None:
        try:
            customer = await Customers(change.session).need_whole(customer_id, None)
        except CrmError:
            return  # erased meanwhile
        purposes = STARTED if given else STOPPED
        for purpose in purposes:
            Consents(change.session).add(
                Consent(
                    id=self._new_id(),
                    customer_id=customer.id,
                    channel=SMS,
                    purpose=purpose,
                    given=given,
                    source=SOURCE,
                    at=self._clock.now(),
                    recorded_by=SYSTEM,
                )
            )
        change.record(
            "customer",
            customer.id,
            "consented" if given else "refused",
            fields=[f"consents.{SMS}.{purpose}" for purpose in purposes],
        )
