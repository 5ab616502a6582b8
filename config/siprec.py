"""Calls of other PBXs that are recorded here (SIPREC, RFC 7866)."""

from typing import Self

from pydantic import Field, model_validator

from .numbers import Prefix
from .section import Section
from .sip import KnownPeerSettings


class RecordingClientSettings(KnownPeerSettings):
    """A PBX that may send us its calls to be recorded; a trunk may be one, too."""

    agents: tuple[Prefix, ...] = Field(
        min_length=1,
        max_length=500,
        description="What the numbers of the PBX's own people begin with: they are the agent's "
        "side. Where both are such, or neither, the first stream is the customer's.",
    )

    @model_validator(mode="after")
    def _can_be_identified(self) -> Self:
        if not self.addresses and self.username is None:
            raise ValueError("a recording client needs addresses, or a username and password")
        return self


class SiprecSettings(Section):
    """Off unless there are clients."""

    clients: tuple[RecordingClientSettings, ...] = Field(default=(), max_length=200)
    sessions: int = Field(
        default=200,
        ge=1,
        le=10_000,
        description="Calls that are recorded at once at most; more get 503 with Retry-After.",
    )

    @model_validator(mode="after")
    def _names_are_different(self) -> Self:
        names = [client.name for client in self.clients]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"clients: {twice[0]!r} is there twice")
        return self
