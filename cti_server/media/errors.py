"""What the media side refuses."""


class MediaError(Exception):
    """The base of them all."""


class NoPortFree(MediaError):
    """Every RTP port of the range is in use."""

    def __init__(self, host: str) -> None:
        super().__init__(f"no RTP port is free on {host}")
        self.host = host


class MediaUnavailable(MediaError):
    """No media worker can take this leg now."""


class NoSuchWorker(MediaError):
    """There is no media worker of this number, or no more."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no media worker {number}")


class WorkerDraining(MediaError):
    """This media worker has a successor already, and ends with its last call."""

    def __init__(self, number: int) -> None:
        super().__init__(f"media worker {number} is being drained already")


class BadFrame(MediaError):
    """What came over the control socket is no frame of ours."""
