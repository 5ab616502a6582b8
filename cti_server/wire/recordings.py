"""Recordings as they are found."""

from .contacts import RecordingView
from .resource import Page


class RecordingPage(Page[RecordingView]):
    """
    Recordings, the latest first. A page with a ``next`` may have fewer than were asked for.

    ``total``: how many there are, if that was asked; at least so many unless ``whole_total``.
    """

    total: int | None = None
    whole_total: bool | None = None
