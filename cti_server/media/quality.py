"""
The account of one leg: what came, what was sent, and how it sounded, in both directions. Pure.

"In" is what the leg's party says, as it reached us. What we say is known by the party's RTCP only:
the ``remote`` figures.
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from . import e_model
from .bursts import GMIN, Bursts
from .e_model import mean_opinion
from .extended_reports import VoipMetrics
from .reception import Reception
from .rtcp import RemoteView

__all__ = ["LegQuality", "Playing", "account", "mean_opinion", "rating", "voip_metrics"]

PACKETISATION_MS: Final = 20.0


class LegQuality(msgspec.Struct, frozen=True, kw_only=True):
    """
    The worker's account of one leg. None is "not known"; fractions are 0 to 1.

    Loss counts what the sequence numbers show as missing; bursts and gaps are those of RFC 3611
    §4.7.2, ratings and opinions the E-model's (ITU-T G.107).
    """

    packets_received: int = 0
    packets_sent: int = 0
    packets_lost: int = 0
    packets_out_of_order: int = 0
    packets_doubled: int = 0
    packets_discarded: int = 0  # too late for our jitter buffer
    packets_rejected: int = 0  # from strangers, malformed, or of an unknown payload type
    loss: float | None = None  # fraction
    jitter_ms: float = 0.0  # interarrival jitter, RFC 3550 §6.4.1
    burst_density: float | None = None  # fraction lost or discarded within bursts
    burst_ms: float | None = None  # mean length of a burst; 0 if there was none
    gap_density: float | None = None
    gap_ms: float | None = None
    burst_ratio: float | None = None  # BurstR of G.107; 1 where losses are spread by chance
    round_trip_ms: float | None = None  # from RTCP
    rating: float | None = None  # R, 0 to 93.2
    mos: float | None = None
    remote_loss: float | None = None  # fraction of what we sent, by RTCP
    remote_jitter_ms: float | None = None
    remote_discarded: float | None = None  # fraction that came too late there, by RTCP XR
    remote_burst_density: float | None = None
    remote_gap_density: float | None = None
    remote_rating: float | None = None  # the other side's own, by RTCP XR, or else ours of theirs
    remote_mos: float | None = None


@dataclass(frozen=True, slots=True)
class Playing:
    """What a leg's jitter buffer did while it was decoded; nothing for a leg that never was."""

    discarded: int = 0
    delay_ms: float | None = None  # that the buffer adds; None: as a phone's would, by the jitter


def account(
    reception: Reception,
    bursts: Bursts,
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
    figures = bursts.figures(expected, playing.discarded)
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
    heard = _rating_there(own) or e_model.rating(
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


def _rating_there(own: VoipMetrics | None) -> float | None:
    return None if own is None or own.rating is None else float(own.rating)


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


def rating(loss: float, round_trip_ms: float = 0.0, jitter_ms: float = 0.0) -> float:
    """R of G.711 at these; ``loss`` is a fraction 0 to 1."""
    delay = round_trip_ms / 2 + PACKETISATION_MS + _buffered(jitter_ms)
    return e_model.rating("PCMU", loss=loss, delay_ms=delay)


def _buffered(jitter_ms: float) -> float:
    """The delay of a jitter buffer that follows the jitter, as phones have it."""
    return 2 * jitter_ms


def _rounded(figure: float | None, digits: int = 3) -> float | None:
    return None if figure is None else round(figure, digits)
