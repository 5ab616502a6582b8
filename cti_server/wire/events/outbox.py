"""What left for customers and colleagues by e-mail, and what did not."""

from .base import CommittedEvent


class MessageSent(CommittedEvent, frozen=True, kw_only=True, tag="message.sent"):
    """
    The next server on its way has it and answers for it; ``job_id`` is the outbox's.

    ``contact_id`` and ``customer_id``: whom it is about, if it is about somebody.
    """

    job_id: str
    channel: str
    attempts: int
    contact_id: str | None = None
    customer_id: str | None = None


class MessageFailed(CommittedEvent, frozen=True, kw_only=True, tag="message.failed"):
    """
    It was given up, and is a dead letter of the outbox; fields as in message.sent.

    ``permanent``: it was refused for good; else it was tried until patience was at its end.
    """

    job_id: str
    channel: str
    attempts: int
    permanent: bool
    contact_id: str | None = None
    customer_id: str | None = None


class MessageDelivered(CommittedEvent, frozen=True, kw_only=True, tag="message.delivered"):
    """What a later server says of it: the recipient's device has it; fields as in message.sent."""

    job_id: str
    channel: str
    contact_id: str | None = None
    customer_id: str | None = None


class MessageUndelivered(CommittedEvent, frozen=True, kw_only=True, tag="message.undelivered"):
    """Likewise: the recipient will not get it, for the ``reason`` that the other server gives."""

    job_id: str
    channel: str
    reason: str
    contact_id: str | None = None
    customer_id: str | None = None


AnyOutboxEvent = MessageSent | MessageFailed | MessageDelivered | MessageUndelivered
