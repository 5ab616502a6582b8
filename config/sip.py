"""Signalling: where phones and trunks come in, and which trunk takes which number."""

import ipaddress
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from .section import Section


class ListenSettings(Section):
    transport: Literal["udp", "tcp"]
    host: str = "127.0.0.1"
    port: int = Field(default=5060, ge=0, le=65535)


class OutboundSettings(Section):
    """Calls to telephone numbers that a trunk takes from us."""

    to: str = Field(description="Where to send them: a host, host:port or SIP URI without a user.")
    username: str | None = Field(default=None, description="Answers the trunk's 401 or 407.")
    password: SecretStr | None = None
    caller_id: str | None = Field(
        default=None, description="The number shown where the queue has none of its own."
    )
    shows_caller: bool = Field(
        default=False,
        description="Whether the trunk takes a customer's own number as caller of a transfer.",
    )
    domain: str | None = Field(default=None, description="The host of From; else the realm.")
    channels: int | None = Field(default=None, ge=1, description="Calls out at once at most.")

    @model_validator(mode="after")
    def _has_both(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together")
        return self


class KnownPeerSettings(Section):
    """Somebody who is known by their address, or authenticates."""

    name: str
    addresses: tuple[str, ...] = Field(
        default=(), description="IP addresses or networks (CIDR) that need no password."
    )
    username: str | None = Field(default=None, description="For who authenticates.")
    password: SecretStr | None = None

    @field_validator("addresses")
    @classmethod
    def _are_networks(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            ipaddress.ip_network(address, strict=False)
        return addresses

    @model_validator(mode="after")
    def _has_both(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together")
        return self


class TrunkSettings(KnownPeerSettings):
    """Somebody who may bring calls without being one of our phones, or takes calls from us."""

    outbound: OutboundSettings | None = None
    lines: int | None = Field(
        default=None,
        ge=1,
        description="How many calls it carries at once, in and out: what its occupancy is of. "
        "The provider holds callers to it; this server does not.",
    )
    inband_digits: bool = Field(
        default=False,
        description="Hear keys in the audio, too: it agrees on telephone-event and sends none.",
    )

    @model_validator(mode="after")
    def _can_be_identified(self) -> Self:
        if not self.addresses and self.username is None and self.outbound is None:
            raise ValueError("a trunk needs addresses, a username and password, or outbound")
        return self


class RouteSettings(Section):
    """
    Which trunks take the numbers that begin with ``prefix``; the longest prefix that fits decides.

    Complete numbers are compared as E.164 ("+8675595588"), short and local ones as dialled.
    """

    prefix: Annotated[str, StringConstraints(pattern=r"^\+?[0-9]*$", max_length=16)]
    trunks: tuple[str, ...] = Field(
        default=(), description="The preferred one first; none bars the prefix."
    )
    dial_as: Annotated[str, StringConstraints(pattern=r"^\+?[0-9*#]*$", max_length=16)] | None = (
        Field(default=None, description="What the trunks want in the prefix's place.")
    )


class SipSettings(Section):
    """Signalling."""

    listen: tuple[ListenSettings, ...] = (
        ListenSettings(transport="udp"),
        ListenSettings(transport="tcp"),
    )
    realm: str = Field(default="hotline", description="The digest realm of phones and trunks.")
    trunks: tuple[TrunkSettings, ...] = ()
    calls_per_second: float = Field(
        default=200.0, gt=0, description="New calls beyond this rate get 503 with Retry-After."
    )
    concurrent_calls: int = Field(
        default=2000, gt=0, description="New calls beyond this many get 503 with Retry-After."
    )
    tcp_connections_per_source: int = Field(
        default=200, gt=0, description="An office behind one address needs one a phone."
    )
    digest_algorithms: tuple[Literal["MD5", "SHA-256"], ...] = Field(
        default=("MD5",),
        min_length=1,
        description="Offered to phones and trunks. Some phones (baresip 1.0) fail when they see "
        "SHA-256 at all, so it is asked for only where every phone is known to speak it.",
    )
    trunks_asked_every: timedelta | None = Field(
        default=timedelta(seconds=30),
        ge=timedelta(seconds=1),
        description="How often a trunk with outbound is asked by OPTIONS whether it lives; never "
        "if empty: its calls alone tell then.",
    )
    ping_every: timedelta | None = Field(
        default=timedelta(seconds=60),
        description="How often a silent dialog is asked whether it still lives; never if empty.",
    )
