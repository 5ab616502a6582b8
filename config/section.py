"""What a section of the settings is."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Read once; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
