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
