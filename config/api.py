"""The HTTP side: REST and the desktops' stream."""

import ipaddress
from datetime import timedelta
from typing import Self

from pydantic import Field, FilePath, model_validator

from .section import Section


class TlsSettings(Section):
    certificate: FilePath
    key: FilePath


class ApiSettings(Section):
    """REST and the desktops' stream."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    tls: TlsSettings | None = None
    session_lifetime: timedelta = Field(
        default=timedelta(hours=10),
        description="How long a log-in holds; a page that is used renews it in time.",
    )
    session_longest: timedelta = Field(
        default=timedelta(days=30),
        description="How long after its log-in a session ends at the latest, renewed or not.",
    )
    wall_session: timedelta = Field(
        default=timedelta(days=30),
        description="How long the log-in of a wall screen, whose only role is that, holds.",
    )
    origins: tuple[str, ...] = Field(
        default=(),
        description="Origins beside our own whose pages may use the API: https://crm.example.com",
    )

    @model_validator(mode="after")
    def _public_needs_tls(self) -> Self:
        if not is_loopback(self.host) and self.tls is None:
            raise ValueError(f"host {self.host} is reachable from outside: set tls, or a loopback")
        return self


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
