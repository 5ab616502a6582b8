"""What customers say of how they were served, and what somebody has to look at because of it."""

from .base import BaseEvent


class SurveyStarted(BaseEvent, frozen=True, kw_only=True, tag="survey.started"):
    """Whoever served the customer is gone, and the ``flow`` asks how it was."""

    contact_id: str
    interaction_id: str  # that the answers are about
    about_agent: str
    queue: str
    flow: str


class ContactRated(BaseEvent, frozen=True, kw_only=True, tag="contact.rated"):
    """
    The customer has rated: from 1 to ``best``; the same ``question`` again replaces it.

    Outside a survey it is about no agent.
    """

    contact_id: str
    question: str
    rating: int
    best: int
    interaction_id: str | None = None
    about_agent: str | None = None
    queue: str | None = None


AnyRatingEvent = SurveyStarted | ContactRated
