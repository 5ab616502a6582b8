"""What can be the matter when another system is asked."""


class ConnectorError(Exception):
    """Base of the refusals here; the messages never have anything of a customer."""


class NoSuchOperation(ConnectorError):
    def __init__(self, connector: str, operation: str) -> None:
        super().__init__(f"there is no operation {operation!r} of a connector {connector!r}")


class ConnectorUnusable(ConnectorError):
    """Its configuration cannot be used; the message names the key and the rule."""

    def __init__(self, connector: str, reason: str) -> None:
        super().__init__(f"connectors.{connector}: {reason}")


class OutsideRefused(ConnectorError):
    """The system understood, and will not: asking again does not help."""


class OutsideFailed(ConnectorError):
    """It did not answer, or not as was agreed; another time it may."""


class OutsideResting(ConnectorError):
    """It failed again and again, and is left alone for a while."""
