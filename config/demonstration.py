"""What the start page of a demonstration tells whoever opens it. `hotline demo` writes it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints

from .section import Section

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
Told = Annotated[Mapping[Literal["zh", "en"], Words], Field(min_length=1)]


class DemoLogInSettings(Section):
    """Somebody as whom one can log in."""

    agent_id: str
    name: str
    role: Literal["agent", "supervisor", "auditor", "admin", "field"]
    phone: Literal["browser", "softphone"] | None = None
    about: Told = Field(description="What to see as this one, by language.")


class DemoNumberSettings(Section):
    """A number to be called."""

    number: str
    title: Told = Field(description="What is reached there, by language.")
    hint: Told | None = Field(default=None, description="Which keys to press, and what to type.")


class DemoSettings(Section):
    """Told to everybody, with the password: only a server on loopback may have it."""

    password: SecretStr = Field(description="Of everybody in `log_ins`.")
    log_ins: tuple[DemoLogInSettings, ...] = ()
    numbers: tuple[DemoNumberSettings, ...] = ()
    tries: tuple[Told, ...] = Field(default=(), description="What to try, one after the other.")
