"""
RTCP extended reports (RFC 3611): the VoIP metrics and the receivers' round trip. Pure.

Read: VoIP metrics (§4.7), receiver reference time (§4.4), DLRR (§4.5). Blocks of other types are
passed over by their length. Written: the same three, to those who send extended reports themselves.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

EXTENDED_REPORT: Final = 207
REFERENCE_TIME: Final = 4
DELAY_SINCE: Final = 5
VOIP_METRICS: Final = 7
UNAVAILABLE: Final = 127  # of levels, ratings and opinions

_HEAD = struct.Struct("!BBHI")  # V P, type, length in words less one, SSRC
_BLOCK = struct.Struct("!BBH")  # type, type-specific, length in words less one
_DELAY = struct.Struct("!III")
_METRICS = struct.Struct("!I4B4HbbBB4BBBHHH")
_UNSPECIFIED = 0  # §4.7.6: whoever we relay to conceals and buffers, not we


@dataclass(frozen=True, slots=True)
class ReferenceTime:
    """When a receiver's report left, so that a round trip can be measured without its sending."""

    ntp: int  # 64-bit NTP time


@dataclass(frozen=True, slots=True)
class DelaySince:
    """The answer to a :class:`ReferenceTime`."""

    ssrc: int  # who sent that
    last_reference: int  # its middle 32 bits
    delay: int  # since it came, 1/65536 s


@dataclass(frozen=True, slots=True)
class VoipMetrics:
    """How one side hears the other. Fractions are 0 to 1, times ms; None is "not available"."""

    ssrc: int  # who is heard
    loss: float = 0.0
    discarded: float = 0.0
    burst_density: float = 0.0
    gap_density: float = 0.0
    burst_ms: int = 0
    gap_ms: int = 0
    round_trip_ms: int = 0  # 0 where it is not known
    end_system_ms: int = 0
    signal_level: int | None = None  # dBm0
    noise_level: int | None = None
    echo_return_loss: int | None = None
    gmin: int = 16
    rating: int | None = None  # R factor
    outer_rating: int | None = None  # of the network beyond
    listening_mos: float | None = None
    mos: float | None = None  # conversational
    buffer_ms: int = 0  # jitter buffer: now, as far as it has grown, as far as it can
    buffer_most_ms: int = 0
    buffer_limit_ms: int = 0


ReportBlock = ReferenceTime | DelaySince | VoipMetrics


@dataclass(frozen=True, slots=True)
class ExtendedReport:
    ssrc: int  # whose it is
    blocks: tuple[ReportBlock, ...]


def compose(report: ExtendedReport) -> bytes:
    """One packet, to stand in a compound packet after its first (RFC 3550 §6.1)."""
    body = b"".join(_written(block) for block in report.blocks)
    return _HEAD.pack(0x80, EXTENDED_REPORT, 1 + len(body) // 4, report.ssrc) + body


def read(body: bytes) -> ExtendedReport | None:
    """An extended report without its first four octets; None if there is no SSRC in it."""
    if len(body) < 4:
        return None
    blocks = [block for kind, data in _parts(body[4:]) for block in _read(kind, data)]
    return ExtendedReport(int.from_bytes(body[:4], "big"), tuple(blocks))


def _parts(body: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _BLOCK.size <= len(body):
        kind, _, words = _BLOCK.unpack_from(body, at)
        at += _BLOCK.size
        if at + 4 * words > len(body):
            return
        yield kind, body[at : at + 4 * words]
        at += 4 * words


def _read(kind: int, data: bytes) -> Iterator[ReportBlock]:
    if kind == REFERENCE_TIME and len(data) == 8:
        yield ReferenceTime(int.from_bytes(data, "big"))
    elif kind == DELAY_SINCE and len(data) % _DELAY.size == 0:
        for delay in _DELAY.iter_unpack(data):
            yield DelaySince(*delay)
    elif kind == VOIP_METRICS and len(data) == _METRICS.size:
        yield _metrics(*_METRICS.unpack(data))


def _metrics(*fields: int) -> VoipMetrics:
    ssrc, loss, discarded, in_burst, in_gap, burst, gap, trip, system = fields[:9]
    signal, noise, echo, gmin, rating, outer, listening, mos = fields[9:17]
    buffer, most, limit = fields[19:]
    return VoipMetrics(
        ssrc=ssrc,
        loss=loss / 256,
        discarded=discarded / 256,
        burst_density=in_burst / 256,
        gap_density=in_gap / 256,
        burst_ms=burst,
        gap_ms=gap,
        round_trip_ms=trip,
        end_system_ms=system,
        signal_level=_known(signal),
        noise_level=_known(noise),
        echo_return_loss=_known(echo),
        gmin=gmin,
        rating=_within(rating, 0, 100),
        outer_rating=_within(outer, 0, 100),
        listening_mos=_opinion(listening),
        mos=_opinion(mos),
        buffer_ms=buffer,
        buffer_most_ms=most,
        buffer_limit_ms=limit,
    )


def _written(block: ReportBlock) -> bytes:
    match block:
        case ReferenceTime(ntp=ntp):
            return _BLOCK.pack(REFERENCE_TIME, 0, 2) + ntp.to_bytes(8, "big")
        case DelaySince():
            fields = _DELAY.pack(block.ssrc, block.last_reference, block.delay)
            return _BLOCK.pack(DELAY_SINCE, 0, 3) + fields
        case VoipMetrics():
            return _BLOCK.pack(VOIP_METRICS, 0, 8) + _pack_metrics(block)


def _pack_metrics(block: VoipMetrics) -> bytes:
    return _METRICS.pack(
        block.ssrc,
        *(
            min(255, int(256 * fraction))
            for fraction in (block.loss, block.discarded, block.burst_density, block.gap_density)
        ),
        *(
            min(0xFFFF, ms)
            for ms in (block.burst_ms, block.gap_ms, block.round_trip_ms, block.end_system_ms)
        ),
        _or_unavailable(block.signal_level),
        _or_unavailable(block.noise_level),
        _or_unavailable(block.echo_return_loss),
        block.gmin,
        _or_unavailable(block.rating),
        _or_unavailable(block.outer_rating),
        *(
            UNAVAILABLE if opinion is None else round(10 * opinion)
            for opinion in (block.listening_mos, block.mos)
        ),
        _UNSPECIFIED,
        0,
        *(min(0xFFFF, ms) for ms in (block.buffer_ms, block.buffer_most_ms, block.buffer_limit_ms)),
    )


def _known(value: int) -> int | None:
    return None if value == UNAVAILABLE else value


def _within(value: int, least: int, most: int) -> int | None:
    return value if least <= value <= most else None


def _opinion(value: int) -> float | None:
    return value / 10 if 10 <= value <= 50 else None


def _or_unavailable(value: int | None) -> int:
    return UNAVAILABLE if value is None else value
