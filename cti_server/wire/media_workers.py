"""The processes that carry audio."""

from .resource import Resource


class MediaWorkerView(Resource):
    """
    A process that carries calls' audio.

    One that is being drained has a ``successor``: it takes no new calls, and ends with its last.
    """

    number: int
    legs: int
    successor: int | None
