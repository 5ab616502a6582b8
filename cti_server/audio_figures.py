"""How calls sounded, for ``/metrics``: gathered from the log as legs end and fall silent."""

from collections.abc import Mapping

from cti_server.store.log import hears

from .metrics import Figures, Histogram
from .wire.events import LegEnded, LegFellSilent, Logged

_OPINIONS = (1.5, 2.0, 2.5, 3.0, 3.5, 3.8, 4.0, 4.2, 4.3, 4.4)
_LOSSES = (0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_JITTERS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16)
_UNHEARD = "rtp-timeout"  # of cti_server.calls.termination


class AudioFigures:
    """
    Distributions over all legs that ended since the start, of both directions.

    What a party says is as it reached us; ``remote`` is what we said, as the party's RTCP tells.
    """

    def __init__(self) -> None:
        self._mos, self._remote_mos = Histogram(_OPINIONS), Histogram(_OPINIONS)
        self._loss, self._remote_loss = Histogram(_LOSSES), Histogram(_LOSSES)
        self._jitter, self._remote_jitter = Histogram(_JITTERS), Histogram(_JITTERS)
        self._silences = 0
        self._timeouts = 0

    @hears(LegEnded, LegFellSilent)
    def hear(self, logged: Logged) -> None:
        """For the log's subscribers."""
        match logged.event:
            case LegEnded(quality=quality, reason=reason):
                self._timeouts += reason == _UNHEARD
                self._leg_ended(quality)
            case LegFellSilent():
                self._silences += 1

    def _leg_ended(self, quality: Mapping[str, float]) -> None:
        for histogram, name, unit in (
            (self._mos, "mos", 1.0),
            (self._remote_mos, "remote_mos", 1.0),
            (self._loss, "loss", 1.0),
            (self._remote_loss, "remote_loss", 1.0),
            (self._remote_jitter, "remote_jitter_ms", 0.001),
        ):
            if name in quality:
                histogram.observe(quality[name] * unit)
        if "mos" in quality:  # else nothing came whose jitter it would be
            self._jitter.observe(quality["jitter_ms"] * 0.001)

    async def figures(self) -> Figures:
        return {
            "mos": self._mos,
            "remote_mos": self._remote_mos,
            "loss_ratio": self._loss,
            "remote_loss_ratio": self._remote_loss,
            "jitter_seconds": self._jitter,
            "remote_jitter_seconds": self._remote_jitter,
            "one_way_total": self._silences,
            "timeouts_total": self._timeouts,
        }
