"""What became of a text after its gateway took it: told once it is known of all of its parts."""

from datetime import datetime

from cti_server.store.changes import Change
from cti_server.store.outbox import SENT, OutboxJob
from cti_server.store.sms_parts import SmsParts, delivery_of
from cti_server.wire.events import MessageDelivered, MessageUndelivered
from fax_sms_email.errors import NotSent

from .sms import Taken


class SmsEnds:
    """An :class:`.outbox.Aftermath`: which ids a text has at its centre is noted with its end."""

    async def concluded(
        self,
        change: Change,
        job: OutboxJob,
        failure: NotSent | None,
        now: datetime,
        sent: object,
    ) -> None:
        """A receipt may have been faster than this."""
        if not isinstance(sent, Taken):
            return
        parts = SmsParts(change.session)
        await parts.taken(job.id, sent.gateway, sent.ids, now)
        if job.state == SENT:
            await tell_delivery(change, job, parts)


async def tell_delivery(change: Change, job: OutboxJob, parts: SmsParts) -> None:
    """Nothing as long as a receipt is missing."""
    there = await parts.of_job(job.id)
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
                    reason=next(part.reason for part in there if part.state == "undelivered"),
                    contact_id=job.contact_id,
                    customer_id=job.customer_id,
                )
            )
