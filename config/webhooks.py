"""Webhooks: how other systems are told of what happens here."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from .section import Section

HostName = Annotated[str, Field(pattern=r"^(\*\.)?[a-z0-9:]([a-z0-9.:-]*[a-z0-9])?$")]


class WebhookSettings(Section):
    """Where they may lead, and how patient we are with whom they lead to."""

    allow_private_targets: bool = Field(
        default=False,
        description="Let them lead to private and loopback addresses, and without TLS.",
    )
    allowed_hosts: tuple[HostName, ...] = Field(
        default=(),
        description="Where they may lead, `*.example.com` for all below; empty: anywhere public.",
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

    def allows(self, host: str) -> bool:
        """Whether the settings let a webhook lead to this host, wherever its name leads."""
        name = host.lower().rstrip(".")
        return not self.allowed_hosts or any(
            name.endswith(each[1:]) if each.startswith("*.") else name == each
            for each in self.allowed_hosts
        )
