"""What became of a text after its gateway took it: told once it is known of all of its parts."""

from collections.abc import Sequence
from datetime import datetime

from cti_server.store.changes import Change
from cti_server.store.outbox import SENT, OutboxJob
from cti_server.store.sms_parts import UNDELIVERED, SmsParts, TakenPart, delivery_of
from cti_server.wire.events import MessageDelivered, MessageUndelivered

from .ends import Concluded
from .sms import Taken


class SmsEnds:
    """An :class:`.ends.Aftermath`: which ids a text has at its centre is noted with its end."""

    async def concluded(self, change: Change, ended: Sequence[Concluded], now: datetime) -> None:
        """A receipt may have been faster than this."""
        parts = SmsParts(change.session)
        taken = [(one.job.id, one.sent) for one in ended if isinstance(one.sent, Taken)]
        await parts.taken(
            [
                TakenPart(job_id, part, sent.gateway, gateway_id)
                for job_id, sent in taken
                for part, gateway_id in sent.ids.items()
            ],
            now,
        )
        await tell_deliveries(change, [one.job for one in ended if one.job.state == SENT])


async def tell_deliveries(change: Change, jobs: Sequence[OutboxJob]) -> None:
    """Of those of which no receipt is missing."""
    known = await SmsParts(change.session).of_jobs([job.id for job in jobs])
    for job in jobs:
        there = known.get(job.id, [])
        match delivery_of(there):
            case "delivered":
                change.tell(
                    MessageDelivered(
                        change_id=change.new_id(),
                        job_id=job.id,
                        channel=job.channel,
                        contact_id=job.contact_id,
                        customer_id=job.customer_id,
                    )
                )
            case "undelivered":
                change.tell(
                    MessageUndelivered(
                        change_id=change.new_id(),
                        job_id=job.id,
                        channel=job.channel,
                        reason=next(part.reason for part in there if part.state == UNDELIVERED),
                        contact_id=job.contact_id,
                        customer_id=job.customer_id,
                    )
                )
