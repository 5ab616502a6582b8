"""What the API refuses because of who asks; ``problems`` gives each its HTTP status."""


class AccessError(Exception):
    """Base of the refusals here. ``retry_after``: seconds after which it may go better."""

    retry_after: int | None = None


class NotLoggedIn(AccessError):
    """No token, or one that is forged, expired, revoked, or of somebody who is gone."""


class NotPermitted(AccessError):
    def __init__(self, permission: str) -> None:
        super().__init__(f"this needs the permission {permission!r}")
        self.permission = permission


class WrongPassword(AccessError):
    """The same words whether the name or the password is wrong."""

    def __init__(self) -> None:
        super().__init__("no agent has this name and password")


class TooManyFailures(AccessError):
    def __init__(self, retry_after: int) -> None:
        super().__init__("too many wrong passwords; wait a minute")
        self.retry_after = retry_after


class TooManyLogIns(AccessError):
    """More people log in at once than passwords can be checked for in good time."""

    retry_after = 2

    def __init__(self) -> None:
        super().__init__("too many log-ins at once; try again in a moment")


class NotKnownYet(AccessError):
    """The password is right, but the server has not read this agent's definition yet."""

    retry_after = 1

    def __init__(self, agent_id: str) -> None:
        super().__init__(f"agent {agent_id!r} was defined a moment ago; try again")
