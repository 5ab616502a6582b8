"""How long who waits will wait."""

from .resource import Resource


class WaitQuantiles(Resource):
    """Of waits: seconds that half, four of five, nine of ten do not take longer than."""

    p50: float
    p80: float
    p90: float


class SharesHeld(Resource):
    """
    The shares of the newest estimates that came true; null while none is known.

    ``told``: of the promises that callers heard, the first one of each; ``told_count`` is of how
    many. Who hung up before the time was over counts as waiting for longer than that, and no more.
    """

    p50: float | None
    p80: float | None
    p90: float | None
    told: float | None
    told_count: int
