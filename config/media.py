"""RTP: addresses, ports, codecs, workers."""

import ipaddress
import os
from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from .section import Section

AudioCodec = Literal["PCMU", "PCMA", "G722", "OPUS"]


class MediaSettings(Section):
    """RTP."""

    workers: int = Field(
        default=0, ge=0, le=64, description="Worker processes; 0 is one a core less one."
    )
    host: str = Field(
        default="127.0.0.1", description="The IP address that RTP uses and the SDP names."
    )
    public_host: str | None = Field(
        default=None,
        description="The IP address that the SDP and the browsers' candidates name in place of "
        "`host`: where this machine is reached if that is not an address of its own (NAT, an "
        "elastic address). The UDP ports have to be passed on by the same numbers.",
    )
    ports: tuple[int, int] = Field(
        default=(20000, 29999), description="First and last UDP port, shared by the workers."
    )
    codecs: tuple[AudioCodec, ...] = Field(
        default=("PCMU", "PCMA"),
        min_length=1,
        description="Of these a phone's own favourite is taken; they are offered in this order. "
        "G.711 is passed from phone to phone as it comes, and others where both have the same one; "
        "else they are decoded.",
    )
    fallback_codecs: tuple[AudioCodec, ...] = Field(
        default=("G722", "OPUS"),
        description="Taken from phones that have none of `codecs`, and offered after them.",
    )
    rtp_timeout: timedelta | None = Field(
        default=timedelta(seconds=60),
        ge=timedelta(seconds=4),
        description="How long nothing may come from a party that should send, until the call ends.",
    )

    @field_validator("host", "public_host")
    @classmethod
    def _is_one_address(cls, host: str | None) -> str | None:
        if host is None:
            return None
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            raise ValueError(f"{host!r} must be an IP address, for it stands in the SDP") from None
        if address.is_unspecified:
            raise ValueError(f"{host} would tell phones to hold: name the address they can reach")
        if address.is_multicast:
            raise ValueError(f"{host} is the address of a group, and nobody could be reached there")
        return host

    @model_validator(mode="after")
    def _is_reached_by_its_own_protocol(self) -> Self:
        named = [self.host] if self.public_host is None else [self.host, self.public_host]
        if len({ipaddress.ip_address(host).version for host in named}) > 1:
            raise ValueError("host and public_host must both be IPv4 or both be IPv6")
        return self

    @model_validator(mode="after")
    def _names_each_codec_once(self) -> Self:
        named = [*self.codecs, *self.fallback_codecs]
        if len(set(named)) < len(named):
            raise ValueError("codecs and fallback_codecs must name each codec once at most")
        return self

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        first, last = self.ports
        if not 1024 <= first < last <= 65535:
            raise ValueError("ports must be two rising numbers between 1024 and 65535")
        return self

    @property
    def silence_limit(self) -> float | None:
        """``rtp_timeout`` in seconds."""
        return None if self.rtp_timeout is None else self.rtp_timeout.total_seconds()

    @property
    def worker_count(self) -> int:
        return self.workers or max(1, (os.cpu_count() or 2) - 1)
