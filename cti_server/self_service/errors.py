"""Why somebody cannot serve themselves in writing."""


class SelfServiceError(Exception):
    """A refusal; nothing was begun or changed."""


class NoSuchService(SelfServiceError):
    """None of that name, or not by that front end."""

    def __init__(self, service: str, channel: str) -> None:
        super().__init__(f"service: there is no {service!r} by {channel}")


class NoSuchSession(SelfServiceError):
    """It never was, or was forgotten after its end."""

    def __init__(self) -> None:
        super().__init__("there is no such session; begin another one")


class TooManySessions(SelfServiceError):
    """``retry_after``: seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many at the moment; try again later")
        self.retry_after = retry_after
