"""What the API refuses because of who asks; ``problems`` gives each its HTTP status."""


class AccessError(Exception):
    """Base of the refusals here. ``retry_after``: seconds after which it may go better."""

    retry_after: int | None = None


class NotLoggedIn(AccessError):
    """No token, or one that is forged, expired, revoked, or of somebody who is gone."""


class SecondFactorNeeded(AccessError):
    """The password is right; a code of the authenticator app, or a recovery code, is to come."""

    def __init__(self) -> None:
        super().__init__("log in again with `code`, from the authenticator app or a recovery code")


class WrongCode(AccessError):
    def __init__(self) -> None:
        super().__init__("this code is of no time near now, or was used already")


class ForeignOrigin(AccessError):
    """A page of somebody else's sends the request: it is not ours to answer."""

    def __init__(self, origin: str) -> None:
        super().__init__(f"requests from pages of {origin} are refused")


class ForeignAddress(AccessError):
    """A gateway hands something over from where it is not."""

    def __init__(self, address: str) -> None:
        super().__init__(f"nothing is taken from {address}")


class NoSingleSignOn(AccessError):
    """None is configured."""

    def __init__(self) -> None:
        super().__init__("no OpenID Connect provider is configured")


class SignOnFailed(AccessError):
    """The provider, or what came from it, does not let this person in; the message says why."""


class ProviderUnavailable(AccessError):
    """The provider does not answer."""

    retry_after = 10


class NotPermitted(AccessError):
    def __init__(self, permission: str) -> None:
        super().__init__(f"this needs the permission {permission!r}")
        self.permission = permission


class ConfirmationNeeded(AccessError):
    """The password is to be given once more: somebody else may sit there now."""

    def __init__(self, purpose: str) -> None:
        super().__init__(
            f"confirm who you are: POST /api/v1/account/confirmations for {purpose!r}, then again"
        )


class ApprovalNeeded(AccessError):
    """One alone may not do it."""

    def __init__(self, action: str) -> None:
        super().__init__(
            f"somebody else has to approve exactly this ({action}): "
            "ask at POST /api/v1/recording-approvals"
        )


class NotBySomebodyElse(AccessError):
    def __init__(self) -> None:
        super().__init__("who asked for it, or made the key that did, does not decide on it")


class ConfirmationImpossible(AccessError):
    """Who logs in at a provider alone has no password that could be asked for."""

    def __init__(self) -> None:
        super().__init__(
            "this account has no password here to confirm with; an administrator can set one"
        )


class WrongPassword(AccessError):
    """The same words whether the name or the password is wrong."""

    def __init__(self) -> None:
        super().__init__("no agent has this name and password")


class TooManyFailures(AccessError):
    """``first``: this name was let in to the check until now."""

    def __init__(self, retry_after: int, *, first: bool = False) -> None:
        super().__init__(f"too many wrong passwords; wait {retry_after} seconds")
        self.retry_after = retry_after
        self.first = first


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
