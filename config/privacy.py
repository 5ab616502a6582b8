"""Privacy: when what is not to be kept any longer goes."""

from typing import Annotated

from pydantic import Field

from .section import Section


class PrivacySettings(Section):
    """How long what is kept is data, and edited over the API."""

    quiet_hour: Annotated[int, Field(ge=0, le=23)] = Field(
        default=3,
        description="The hour, in the centre's time zone, in which old data goes, and in which a "
        "large SQLite database is written anew after an erasure.",
    )
