"""What peers wrote, as it is stored."""

MAX_TEXT = 255
"""Characters kept of what a peer wrote; PostgreSQL cannot index some thousands."""


def peer_text(value: str) -> str:
    """A peer's text as every database takes it: no NUL (PostgreSQL has none), not endless."""
    return value[:MAX_TEXT].replace("\0", "\ufffd")
