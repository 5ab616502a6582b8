"""What the start page of a demonstration is told: who to be, what to call, what to try."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from .resource import Resource


class DemoLogIn(Resource):
    """Somebody as whom one can log in, with the one password of this run."""

    agent_id: str = Field(description="As `POST /sessions` takes it.")
    name: str
    role: str = Field(description="agent, supervisor, auditor or admin")
    phone: Literal["browser", "softphone"] | None = Field(
        description="By what their calls come: the page itself, or a SIP phone that is registered "
        "under the same name and password; null: by nothing."
    )
    about: Mapping[str, str] = Field(description="What to see as this one, by language: zh, en.")


class DemoNumber(Resource):
    """A number to be called."""

    number: str
    title: Mapping[str, str] = Field(description="What is reached there, by language: zh, en.")
    hint: Mapping[str, str] | None = Field(description="What to press there, by language.")
    sip_uri: str | None = Field(description="What a softphone dials; null: nothing listens.")
    from_page: bool = Field(description="Whether it can be called from a page, too.")


class DemoSip(Resource):
    """Where softphones call, and register."""

    transport: Literal["udp", "tcp"]
    host: str
    port: int


class DemoFacts(Resource):
    """Everything that one needs to know to try the demonstration out."""

    password: str = Field(description="Of everybody in `log_ins`; another one at each start.")
    log_ins: list[DemoLogIn]
    sip: list[DemoSip]
    realm: str = Field(description="Of the SIP accounts.")
    numbers: list[DemoNumber]
    page_caller_number: str = Field(
        description="The number that calls from a page come from, which a customer's record has; "
        "empty: withheld."
    )
    tries: list[Mapping[str, str]] = Field(
        description="What to try, one after the other, by language: zh, en."
    )
