"""What can be wrong in the signalling layer."""


class SipError(Exception):
    """Anything that this package raises on purpose."""


class IllegalStep(SipError):
    """Our own code asked a machine for something that its state does not allow."""


class SipParseError(SipError):
    """
    What a peer sent is not SIP as we take it.

    ``status`` and ``reason`` say how a request is to be answered. ``message`` is the Request or
    Response as far as it could be read (so that the edge can answer it), or None.
    """

    def __init__(self, status: int, reason: str, *, fatal: bool = False) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason
        self.message: object | None = None
        self.fatal = fatal
        """The stream that it came by has lost its framing: answer if possible, then close."""


class SdpError(SipError):
    """A session description that cannot be read, or an answer that does not fit its offer."""


class NoCommonCodec(SipError):
    """No audio stream of the other side can be taken: answer 488."""
