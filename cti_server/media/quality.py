"""
The account of one leg: what came, what was sent, and how it sounded, in both directions. Pure.

"In" is what the leg's party says, as it reached us. What we say is known by the party's RTCP only:
the ``remote`` figures.
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from . import e_model
from .bursts import GMIN
from .e_model import mean_opinion
from .extended_reports import VoipMetrics
from .reception import Reception
from .rtcp import RemoteView
from .worker_reports import LegQuality

PACKETISATION_MS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Playing:
    """What a leg's jitter buffer did while it was decoded; nothing for a leg that never was."""

    discarded: int = 0
    delay_ms: float | None = None  # that the buffer adds; None: as a phone's would, by the jitter


def account(
    reception: Reception,
    view: RemoteView,
    *,
    codec: str,
    sent: int,
    rejected: int,
    packet_ms: float = PACKETISATION_MS,
    playing: Playing = Playing(),
) -> LegQuality:
    """
    Put together what is known of a leg.

    ``rejected``: packets that were not this leg's. ``packet_ms``: of audio in one of its packets.
    """
    jitter_ms = 1000 * reception.jitter
    trip_ms = None if view.round_trip is None else 1000 * view.round_trip
    known = LegQuality(
        packets_received=reception.received + reception.copies,
        packets_sent=sent,
        packets_lost=reception.lost,
        packets_out_of_order=reception.out_of_order,
        packets_doubled=reception.copies,
        packets_discarded=playing.discarded,
        packets_rejected=rejected,
        jitter_ms=round(jitter_ms, 3),
        round_trip_ms=_rounded(trip_ms),
    )
    known = _hearing_us(known, view, codec, packet_ms)
    expected = reception.expected
    if not expected:
        return known
    figures = reception.bursts.figures(expected, playing.discarded)
    delay = _buffered(jitter_ms) if playing.delay_ms is None else playing.delay_ms
    heard = e_model.rating(
        codec,
        loss=min(1.0, (reception.lost + playing.discarded) / expected),
        burst_ratio=figures.ratio,
        delay_ms=(trip_ms or 0.0) / 2 + packet_ms + delay,
    )
    return msgspec.structs.replace(
        known,
        loss=_rounded(reception.lost / expected, 5),
        burst_density=_rounded(figures.burst_density, 5),
        burst_ms=_rounded(figures.burst_length * packet_ms),
        gap_density=_rounded(figures.gap_density, 5),
        gap_ms=_rounded(figures.gap_length * packet_ms),
        burst_ratio=_rounded(figures.ratio),
        rating=_rounded(heard, 1),
        mos=_rounded(mean_opinion(heard), 2),
    )


def _hearing_us(known: LegQuality, view: RemoteView, codec: str, packet_ms: float) -> LegQuality:
    """How the other side hears us, if its RTCP told; what it worked out itself comes first."""
    own = view.extended
    loss = view.loss if own is None else own.loss
    if loss is None:
        return known
    jitter_ms = 1000 * (view.jitter or 0.0)
    if own is not None and own.rating is not None:
        heard = float(own.rating)
    else:
        heard = e_model.rating(
            codec,
            loss=min(1.0, loss + (own.discarded if own is not None else 0.0)),
            delay_ms=500 * (view.round_trip or 0.0) + packet_ms + _buffered(jitter_ms),
        )
    known = msgspec.structs.replace(
        known,
        remote_loss=_rounded(loss if view.loss is None else view.loss, 5),
        remote_jitter_ms=None if view.jitter is None else _rounded(jitter_ms),
        remote_rating=_rounded(heard, 1),
        remote_mos=_rounded(mean_opinion(heard), 2),
    )
    if own is None:
        return known
    return msgspec.structs.replace(
        known,
        remote_discarded=_rounded(own.discarded, 5),
        remote_burst_density=_rounded(own.burst_density, 5),
        remote_gap_density=_rounded(own.gap_density, 5),
        remote_mos=known.remote_mos if own.mos is None else own.mos,
    )


def voip_metrics(quality: LegQuality, ssrc: int) -> VoipMetrics:
    """The same account, of what came, for the other side to read (RFC 3611 §4.7)."""
    expected = quality.packets_received - quality.packets_doubled + quality.packets_lost
    return VoipMetrics(
        ssrc=ssrc,
        loss=quality.loss or 0.0,
        discarded=quality.packets_discarded / expected if expected > 0 else 0.0,
        burst_density=quality.burst_density or 0.0,
        gap_density=quality.gap_density or 0.0,
        burst_ms=round(quality.burst_ms or 0.0),
        gap_ms=round(quality.gap_ms or 0.0),
        round_trip_ms=round(quality.round_trip_ms or 0.0),
        gmin=GMIN,
        rating=None if quality.rating is None else round(quality.rating),
        mos=None if quality.mos is None else round(quality.mos, 1),
    )


def _buffered(jitter_ms: float) -> float:
    """The delay of a jitter buffer that follows the jitter, as phones have it."""
    return 2 * jitter_ms


def _rounded(figure: float | None, digits: int = 3) -> float | None:
    return None if figure is None else round(figure, digits)
