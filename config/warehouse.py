"""The warehouse's staging: where what happened is kept for analysis."""

from pydantic import Field, SecretStr

from .section import Section


class WarehouseSettings(Section):
    """Fed from the event log, beside everything else."""

    enabled: bool = Field(default=True, description="Keep it up to date while the server runs.")
    database_url: SecretStr | None = Field(
        default=None, description="A database of its own; default: the server's, in dw_ tables."
    )
