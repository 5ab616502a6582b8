"""Which codec, event or noise an audio stream's payload types stand for (RFC 3551). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from .sdp import Attribute, MediaDescription

__all__ = ["CODECS", "PayloadTypes", "offered_payloads"]


@dataclass(frozen=True, slots=True)
class _Codec:
    encoding: str
    payload: int  # the static one, or the one we offer
    fmtp: str | None = None

    @property
    def clock_rate(self) -> int:
        return int(self.encoding.split("/")[1])


CODECS = {
    "PCMU": _Codec("PCMU/8000", 0),
    "PCMA": _Codec("PCMA/8000", 8),
    # 16 kHz audio; the clock says 8000 by an old mistake (RFC 3551 §4.5.2).
    "G722": _Codec("G722/8000", 9),
    # Always "48000/2", whatever is sent (RFC 7587 §7); all of it is heard at 8 kHz here.
    "OPUS": _Codec(
        "opus/48000/2",
        111,
        "maxplaybackrate=8000;sprop-maxcapturerate=8000;maxaveragebitrate=20000;useinbandfec=1",
    ),
}
COMFORT_NOISE = 13  # of 8 kHz, and then by no other number (RFC 3389 §4)
EVENTS = "0-15"
_EVENT_PAYLOADS = {8000: 101, 48000: 110}
_BY_ENCODING = {codec.encoding.upper(): name for name, codec in CODECS.items()}
_STATIC = {"0": "PCMU/8000", "8": "PCMA/8000", "9": "G722/8000", "13": "CN/8000"}


@dataclass(frozen=True, slots=True)
class PayloadTypes:
    """What of an m= line is known here."""

    codecs: dict[str, int]
    """By name, in their order of preference; of two numbers for one codec the first."""
    events: dict[int, int]
    """telephone-event, by clock rate (RFC 4733 §2.1: that of the codec)."""
    noise: int | None = None

    @classmethod
    def of(cls, media: MediaDescription) -> "PayloadTypes":
        rtpmaps = media.rtpmaps()
        codecs: dict[str, int] = {}
        events: dict[int, int] = {}
        noise = None
        for payload in filter(_is_payload, media.formats):
            encoding = rtpmaps.get(payload, _STATIC.get(payload, "")).upper()
            name, _, clock_rate = encoding.removesuffix("/1").partition("/")
            if (codec := _BY_ENCODING.get(encoding.removesuffix("/1"))) is not None:
                codecs.setdefault(codec, int(payload))
            elif name == "TELEPHONE-EVENT" and clock_rate in ("8000", "48000"):
                events.setdefault(int(clock_rate), int(payload))
            elif (name, clock_rate, int(payload)) == ("CN", "8000", COMFORT_NOISE):
                noise = COMFORT_NOISE
        return cls(codecs, events, noise)

    def first(self, names: Iterable[str]) -> str | None:
        """The most preferred codec that is among these."""
        wanted = set(names)
        return next((name for name in self.codecs if name in wanted), None)

    def events_for(self, codec: str) -> tuple[int, int] | None:
        """
        Number and clock rate of the events that go with a codec.

        They have to be of its own clock (RFC 4733 §2.1); phones that speak Opus and know of 8000
        only send that all the same.
        """
        for clock_rate in (CODECS[codec].clock_rate, 8000):
            if (payload := self.events.get(clock_rate)) is not None:
                return payload, clock_rate
        return None

    def attributes(self) -> list[Attribute]:
        """The lines that say so."""
        lines: list[Attribute] = []
        for name, payload in self.codecs.items():
            codec = CODECS[name]
            lines.append(("rtpmap", f"{payload} {codec.encoding}"))
            if codec.fmtp is not None:
                lines.append(("fmtp", f"{payload} {codec.fmtp}"))
        if self.noise is not None:
            lines.append(("rtpmap", f"{self.noise} CN/8000"))
        for clock_rate, payload in self.events.items():
            lines.append(("rtpmap", f"{payload} telephone-event/{clock_rate}"))
            lines.append(("fmtp", f"{payload} {EVENTS}"))
        return lines

    @property
    def formats(self) -> tuple[str, ...]:
        """The numbers as the m= line has them."""
        noise = [] if self.noise is None else [self.noise]
        return tuple(map(str, [*self.codecs.values(), *noise, *self.events.values()]))


def offered_payloads(
    codecs: Iterable[str], before: PayloadTypes, *, events: bool, noise: bool
) -> PayloadTypes:
    """
    What we offer, in this order; what had a number ``before`` in the session keeps it
    (RFC 3264 §8.3.2).
    """
    wanted = list(dict.fromkeys(codecs))
    taken = {*before.codecs.values(), *before.events.values()}
    numbers = {
        name: _number(before.codecs.get(name), CODECS[name].payload, taken) for name in wanted
    }
    clock_rates = dict.fromkeys(CODECS[name].clock_rate for name in wanted) if events else {}
    return PayloadTypes(
        numbers,
        {
            rate: _number(before.events.get(rate), _EVENT_PAYLOADS[rate], taken)
            for rate in clock_rates
        },
        COMFORT_NOISE if noise else None,
    )


def _number(before: int | None, usual: int, taken: set[int]) -> int:
    if before is not None:
        return before
    number = usual
    if number in taken:
        number = next(free for free in range(96, 128) if free not in taken)
    taken.add(number)
    return number


def _is_payload(text: str) -> bool:
    return text.isdigit() and text.isascii() and len(text) <= 3 and int(text) <= 127
