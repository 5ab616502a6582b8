"""Webhooks' resources."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from .event_names import Pattern
from .resource import Line, Page, Resource, Version

TargetUrl = Annotated[str, Field(min_length=8, max_length=2000)]
Patterns = Annotated[list[Pattern], Field(min_length=1, max_length=100)]


class NewWebhook(Resource):
    """``names``: ``contact.queued``, ``contact.*``, ``ticket.created``, ``*``."""

    url: TargetUrl
    names: Patterns
    description: Line | None = None


class WebhookEdit(Resource):
    """
    What is named is changed. Enabled again, a webhook goes on with the event that was next when it
    was disabled, or with ``from_now`` after the newest one.
    """

    version: Version
    url: TargetUrl | None = None
    names: Patterns | None = None
    description: Line | None = None
    enabled: bool | None = None
    from_now: bool = False

    @model_validator(mode="after")
    def _none_is_for_description_alone(self) -> Self:
        for field in ("url", "names", "enabled"):
            if field in self.model_fields_set and getattr(self, field) is None:
                raise ValueError(f"{field}: must not be null")
        return self


class SecretRotation(Resource):
    """
    For a new secret: ``overlap`` seconds long, a week at most, the old one signs beside it, so that
    receivers can change theirs meanwhile; 0 for one that others may know.
    """

    version: Version
    overlap: Annotated[int, Field(ge=0, le=7 * 86400)] = 86400


class WebhookView(Resource):
    """
    ``previous_secret_until``: the secret before the last rotation signs, too, until then.
    ``position`` is the last event that was delivered, passed over or given up; ``behind`` how many
    events have come since. ``failure`` is why the last attempt failed, if it did.
    """

    id: str
    url: str
    names: list[str]
    description: str | None
    enabled: bool
    disabled_reason: str | None
    position: int
    behind: int
    attempts: int
    failing_since: datetime | None
    next_at: datetime | None
    failure: str | None
    delivered_at: datetime | None
    previous_secret_until: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


class WebhookPage(Page[WebhookView]):
    pass


class WebhookMade(Resource):
    """``secret`` (Standard Webhooks, ``whsec_…``) is shown this once."""

    secret: str
    made: WebhookView


class DeadLetterView(Resource):
    """``body`` is what was sent; ``delivered_at``: taken when it was sent again."""

    sequence: int
    message_id: str
    name: str
    body: str
    attempts: int
    failure: str
    failed_at: datetime
    delivered_at: datetime | None


class DeadLetterPage(Page[DeadLetterView]):
    pass
