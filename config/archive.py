"""The archive of recordings: where they lie, and under which keys."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator

from .mail import MailAddress
from .section import Section

StoreName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


class FolderSettings(Section):
    kind: Literal["folder"]
    folder: Path = Field(description="On a disk of its own, if it is to be the second copy.")


class S3Settings(Section):
    """A bucket that is there. Without keys, those of the machine's role are asked for."""

    kind: Literal["s3"]
    bucket: str = Field(min_length=1)
    endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://\S+$",
        description="Of a store that is not Amazon's; over http all but the sound is readable.",
    )
    region: str = "us-east-1"
    prefix: str = Field(default="", description="Before every name in the bucket.")
    virtual_hosted: bool = Field(
        default=False, description="Whether the bucket is part of the host's name."
    )
    access_key: SecretStr | None = None
    secret_key: SecretStr | None = None
    patience: timedelta = Field(
        default=timedelta(seconds=10),
        gt=timedelta(0),
        le=timedelta(minutes=5),
        description="How long it may be silent.",
    )
    retries: int = Field(default=2, ge=0, le=10, description="Of one request.")

    @model_validator(mode="after")
    def _has_both(self) -> Self:
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("access_key and secret_key go together")
        return self


StoreSettings = Annotated[FolderSettings | S3Settings, Field(discriminator="kind")]


class DrillSettings(Section):
    """A restore that is tried out, where there is more than one store."""

    every: timedelta = Field(
        default=timedelta(days=7),
        ge=timedelta(days=1),
        le=timedelta(days=366),
        description="In the first quiet hour (`privacy.quiet_hour`) after that.",
    )
    sample: int = Field(
        default=20,
        ge=1,
        le=1000,
        description="Recordings, of all times, that are restored from other stores than the first.",
    )
    keys: Path | None = Field(
        default=None,
        description="The copy of the master keys that a restore would be done with, if this "
        "machine can read it; by default `keys`.",
    )


class PublishSettings(Section):
    """Where the last entry of the archive's chain goes at each start and in each quiet hour."""

    file: Path | None = Field(
        default=None,
        description="Gets a line each time; best on a disk where nobody can alter what is there.",
    )
    mail: tuple[MailAddress, ...] = Field(
        default=(), max_length=20, description="Who gets it in a mail, once a day (`mail`)."
    )


class ArchiveSettings(Section):
    """Every recording lies sealed in each of the stores."""

    stores: Mapping[StoreName, StoreSettings] = Field(
        default={},
        max_length=4,
        description="By names that stay: each recording's row has them. A recording is stored when "
        "the first has it; the others get it at once, or as soon as they can. By default one "
        "folder, `archive` in the data folder, by the name `local`.",
    )
    keys: Path | None = Field(
        default=None,
        description="The file of master keys, readable by its owner only; keep a copy elsewhere: "
        "without it no recording can be heard. By default `archive.key` in the data folder, which "
        "is made at the first start.",
    )
    active_key: str | None = Field(
        default=None, description="The id of the master key for new recordings; else the last one."
    )
    reread: int = Field(
        default=200,
        ge=0,
        le=100_000,
        description="Recordings whose every copy is opened whole in each quiet hour, by turns; "
        "what a store has lost or altered is brought to it again from another one.",
    )
    drill: DrillSettings = DrillSettings()
    publish: PublishSettings = PublishSettings()
