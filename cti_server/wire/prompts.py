"""Prompts: the texts that callers hear, and whether a person or the voice says them."""

from typing import Literal

from .resource import Page, Resource


class PromptView(Resource):
    """
    A text in a language. ``id`` belongs to the two for ever: the studio names its file so.

    ``used_by``: flows with the prompt's name, queues, tiers, announcements. ``source``: "studio", a
    recording is heard; "voice", the synthesised one; "none", nothing is rendered yet.
    """

    id: str
    language: str
    text: str
    used_by: list[str]
    source: Literal["studio", "voice", "none"]


class PromptPage(Page[PromptView]):
    pass
