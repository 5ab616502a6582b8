"""Queries that agents run while they talk."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from .section import Section

DatabaseName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class OutsideDatabaseSettings(Section):
    """A database of another system. It is only read; its account should not be able to write."""

    url: SecretStr = Field(
        description="postgresql://… or sqlite:///…; credentials by the environment."
    )
    timeout: timedelta = Field(
        default=timedelta(seconds=2),
        gt=timedelta(0),
        le=timedelta(seconds=30),
        description="How long one look-up may take.",
    )
    connections: int = Field(default=4, ge=1, le=50)


class QuerySettings(Section):
    timeout: timedelta = Field(
        default=timedelta(seconds=2),
        gt=timedelta(0),
        le=timedelta(seconds=30),
        description="After this a saved query is broken off; the agent is told so.",
    )
    databases: Mapping[DatabaseName, OutsideDatabaseSettings] = {}
    lookups: Path | None = Field(
        default=None,
        description="A YAML file with look-ups into these databases: the only place for SQL.",
    )
