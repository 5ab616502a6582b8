"""Webhooks: how other systems are told of what happens here."""

from datetime import timedelta

from pydantic import Field

from .section import Section


class WebhookSettings(Section):
    """Where they may lead, and how patient we are with whom they lead to."""

    allow_private_targets: bool = Field(
        default=False,
        description="Let them lead to private and loopback addresses, and without TLS.",
    )
    timeout: timedelta = Field(
        default=timedelta(seconds=10),
        gt=timedelta(0),
        le=timedelta(minutes=1),
        description="How long a target may take for one event, its name's look-up included.",
    )
    disable_after: timedelta = Field(
        default=timedelta(days=5),
        gt=timedelta(0),
        description="A webhook that failed for so long, without one success, is disabled.",
    )
