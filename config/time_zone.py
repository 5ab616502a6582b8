"""The name of a time zone, wherever somebody writes one."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field


def _known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("no time zone of the IANA database") from error
    return name


ZoneName = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_known)]
"""As in "Asia/Shanghai"."""
