"""How a call sounded, estimated: the E-model (ITU-T G.107) simplified for G.711. Pure."""

from typing import Final

DEFAULT_RATING: Final = 93.2  # R with every other parameter of G.107 at its default
# G.113 Appendix I, G.711 with packet loss concealment and random loss: what phones of today do.
LOSS_ROBUSTNESS: Final = 25.1
PACKETISATION_MS: Final = 20.0


def rating(loss: float, round_trip_ms: float = 0.0, jitter_ms: float = 0.0) -> float:
    """
    The transmission rating R, 0 to 93.2; ``loss`` is a fraction 0 to 1.

    The delay is half the round trip, one packet, and a de-jitter buffer of twice the jitter; its
    impairment is Cole and Rosenbluth's fit of G.107's Id.
    """
    delay = round_trip_ms / 2 + PACKETISATION_MS + 2 * jitter_ms
    delay_impairment = 0.024 * delay + (0.11 * (delay - 177.3) if delay > 177.3 else 0.0)
    percent = 100 * loss
    loss_impairment = 95 * percent / (percent + LOSS_ROBUSTNESS)
    return max(0.0, DEFAULT_RATING - delay_impairment - loss_impairment)


def mean_opinion(rating: float) -> float:
    """The MOS of a rating, 1.0 to 4.5 (G.107 Annex B)."""
    if rating <= 0:
        return 1.0
    if rating >= 100:
        return 4.5
    return max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)
