"""What an agent has begun to write about a contact and not handed in."""

import json
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue

from .resource import Resource

LARGEST = 16_384
"""Bytes of a draft's JSON."""

DraftKind = Literal["note", "disposition", "form", "message", "ticket"]


def _bounded(content: dict[str, JsonValue]) -> dict[str, JsonValue]:
    size = len(json.dumps(content).encode())
    if size > LARGEST:
        raise ValueError(f"has {size} bytes as JSON, and may have {LARGEST}")
    return content


class DraftToKeep(Resource):
    """
    ``content`` is the desktop's own, whatever it needs to go on: at most 16,384 bytes of JSON.

    It takes the place of what was kept before, from whatever desktop.
    """

    content: Annotated[dict[str, JsonValue], Field(max_length=200), AfterValidator(_bounded)]


class DraftView(Resource):
    """
    A draft of one's own; ``about`` is the id of the contact or interaction that it was kept for.

    It goes a day after the contact has ended, with 30 days without a change, or with the customer's
    data.
    """

    kind: DraftKind
    about: str
    contact_id: str
    content: dict[str, JsonValue]
    updated_at: datetime
