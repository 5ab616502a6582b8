"""Connectors: other systems that are asked, or told, while a customer is served."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from .section import Section

ConnectorName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z_]+$|^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]


class ConnectorSettings(Section):
    """One system. What its kind has to know of it is in ``settings``."""

    kind: Kind = Field(
        default="rest", description="rest, or the class of a kind of your own: package.module:Class"
    )
    timeout: timedelta = Field(
        default=timedelta(seconds=3),
        gt=timedelta(0),
        le=timedelta(seconds=30),
        description="How long the system may take for one attempt.",
    )
    attempts: int = Field(
        default=2, ge=1, le=5, description="Of what may be done twice, such as a look-up."
    )
    settings: Mapping[str, Any] = {}


class DropFolderSettings(Section):
    """A folder in which another system leaves files, complete under their last name."""

    folder: Path
    every: timedelta = Field(
        default=timedelta(seconds=10),
        ge=timedelta(seconds=1),
        le=timedelta(hours=1),
        description="How often it is looked into.",
    )
