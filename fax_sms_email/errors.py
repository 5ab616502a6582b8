"""What the channels refuse."""


class ChannelError(Exception):
    """Base of the refusals here."""


class NotSent(ChannelError):
    """
    A message did not go out; the text says why.

    ``permanent``: it would be refused again, as it is.
    """

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class TextRefused(ChannelError):
    """What a gateway hands over is no text that can be taken: which field, and why."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
