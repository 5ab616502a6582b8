"""
The E-model (ITU-T G.107): from what is known of a connection to the opinion people have of it.

Pure. The rating is R = Ro - Is - Id - Ie,eff + A. What we do not measure (loudness, sidetone,
noise) has the recommendation's default values; loss, its bursts, delay and codec are ours.
"""

import math
from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class CodecImpairment:
    """G.113 Appendix I: what a codec costs by itself, and how well it bears lost packets."""

    ie: float  # equipment impairment factor
    bpl: float  # packet-loss robustness factor
    delay_ms: float  # look-ahead of the encoder


# G.711 with packet loss concealment, which phones and browsers of today have. G.113 has no values
# on the narrow-band scale for G.722 and Opus; on that scale neither sounds worse than G.711, and
# their receivers conceal as well.
IMPAIRMENTS: Final = {
    "PCMU": CodecImpairment(0.0, 25.1, 0.0),
    "PCMA": CodecImpairment(0.0, 25.1, 0.0),
    "G722": CodecImpairment(0.0, 25.1, 1.5),
    "OPUS": CodecImpairment(0.0, 25.1, 6.5),
}


@dataclass(frozen=True, slots=True)
class Connection:
    """
    The input parameters, with their names and default values of G.107 Table 2.

    ``t`` is the mean one-way delay to the echo, ``tr`` the delay of a whole round, ``ta`` the
    absolute delay, all in ms. ``ppl`` is in percent. ``burst_r`` is the mean length of the losses
    in a row over what it would be by chance.
    """

    slr: float = 8.0
    rlr: float = 2.0
    stmr: float = 15.0
    lstr: float = 18.0
    ds: float = 3.0
    telr: float = 65.0
    wepl: float = 110.0
    t: float = 0.0
    tr: float = 0.0
    ta: float = 0.0
    qdu: float = 1.0
    ie: float = 0.0
    bpl: float = 4.3
    ppl: float = 0.0
    burst_r: float = 1.0
    nc: float = -70.0
    nfor: float = -64.0
    ps: float = 35.0
    pr: float = 35.0
    a: float = 0.0

    @property
    def rating(self) -> float:
        """R (equation 7-1)."""
        noise = self._noise()
        ro = 15 - 1.5 * (self.slr + noise)
        impairments = self._simultaneous(ro, noise) + self._delay(ro, noise) + self._equipment()
        return ro - impairments + self.a

    def _noise(self) -> float:
        """No: the sum of all noise, in dBm0p (7-3 to 7-7)."""
        olr = self.slr + self.rlr
        nos = self.ps - self.slr - self.ds - 100 + 0.004 * (self.ps - olr - self.ds - 14) ** 2
        pre = self.pr + _decibels(1 + _power(10 - self.lstr))
        nor = self.rlr - 121 + pre + 0.008 * (pre - 35) ** 2
        nfo = self.nfor + self.rlr
        return _decibels(sum(_power(level) for level in (self.nc, nos, nor, nfo)))

    def _simultaneous(self, ro: float, noise: float) -> float:
        """Is = Iolr + Ist + Iq (7-8 to 7-17)."""
        xolr = (self.slr + self.rlr + 0.2 * (64 + noise - self.rlr)) / 8
        iolr = 20 * (math.pow(1 + xolr**8, 1 / 8) - xolr)
        g = 1.07 + 0.258 * (q := 37 - 15 * math.log10(self.qdu)) + 0.0602 * q**2
        y = (ro - 100) / 15 + 46 / 8.4 - g / 9
        z = 46 / 30 - g / 40
        iq = 15 * math.log10(1 + 10**y + 10**z)
        return iolr + self._sidetone() + iq

    def _sidetone(self) -> float:
        """Ist (7-11, 7-12)."""
        stmro = -_decibels(_power(-self.stmr) + math.exp(-self.t / 4) * _power(-self.telr))
        return (
            12 * math.pow(1 + ((stmro - 13) / 6) ** 8, 1 / 8)
            - 28 * math.pow(1 + ((stmro + 1) / 19.4) ** 35, 1 / 35)
            - 13 * math.pow(1 + ((stmro - 3) / 33) ** 13, 1 / 13)
            + 29
        )

    def _delay(self, ro: float, noise: float) -> float:
        """Id = Idte + Idle + Idd (7-18 to 7-27), with the sensitivity of the default user."""
        return self._talker_echo(noise) + self._listener_echo(ro) + self._absolute_delay()

    def _talker_echo(self, noise: float) -> float:
        if self.t < 1:
            return 0.0
        terv = self.telr - 40 * math.log10((1 + self.t / 10) / (1 + self.t / 150))
        terv += 6 * math.exp(-0.3 * self.t**2)
        if self.stmr < 9:
            terv += self._sidetone() / 2
        roe, re = -1.5 * (noise - self.rlr), 80 + 2.5 * (terv - 14)
        half = (roe - re) / 2
        idte = (half + math.sqrt(half**2 + 100) - 1) * (1 - math.exp(-self.t))
        return math.hypot(idte, self._sidetone()) if self.stmr > 20 else idte

    def _listener_echo(self, ro: float) -> float:
        half = (ro - 10.5 * (self.wepl + 7) * math.pow(self.tr + 1, -0.25)) / 2
        return half + math.sqrt(half**2 + 169)

    def _absolute_delay(self) -> float:
        if self.ta <= 100:
            return 0.0
        x = math.log2(self.ta / 100)
        return 25 * (math.pow(1 + x**6, 1 / 6) - 3 * math.pow(1 + (x / 3) ** 6, 1 / 6) + 2)

    def _equipment(self) -> float:
        """Ie,eff: the codec and the packets it did not get (7-29)."""
        if self.ppl <= 0:
            return self.ie
        return self.ie + (95 - self.ie) * self.ppl / (self.ppl / self.burst_r + self.bpl)


def rating(codec: str, *, loss: float, burst_ratio: float = 1.0, delay_ms: float = 0.0) -> float:
    """
    R of a connection without echo of its own, 0 or more.

    ``loss`` is a fraction 0 to 1 of all that is not heard, ``delay_ms`` from mouth to ear without
    the codec's own.
    """
    impairment = IMPAIRMENTS[codec]
    delay = delay_ms + impairment.delay_ms
    connection = replace(
        _TYPICAL,
        ie=impairment.ie,
        bpl=impairment.bpl,
        ppl=100 * loss,
        burst_r=max(1.0, burst_ratio),
        t=delay,
        tr=2 * delay,
        ta=delay,
    )
    return max(0.0, connection.rating)


def mean_opinion(rating: float) -> float:
    """The MOS of a rating, 1.0 to 4.5 (Annex B)."""
    if rating <= 0:
        return 1.0
    if rating >= 100:
        return 4.5
    return max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)


def _power(decibels: float) -> float:
    return math.pow(10, decibels / 10)


def _decibels(power: float) -> float:
    return 10 * math.log10(power)


_TYPICAL: Final = Connection()
