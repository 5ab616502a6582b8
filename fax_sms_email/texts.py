"""
What a text is over the air (3GPP TS 23.038, 23.040): its letters, parts and length. Pure.

One sign that the standard's own alphabet lacks makes the whole text one of 16-bit units.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

Coding = Literal["gsm", "ucs2"]

_ESCAPE: Final = 0x1B
_ALPHABET: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_SEPTETS: Final = {sign: place for place, sign in enumerate(_ALPHABET) if place != _ESCAPE}
_EXTENDED: Final = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
"""Behind an escape: two places each."""
_BEHIND_ESCAPE: Final = {septet: sign for sign, septet in _EXTENDED.items()}
_ALONE: Final = {"gsm": 160, "ucs2": 70}
_OF_SEVERAL: Final = {"gsm": 153, "ucs2": 67}  # a header says which part it is
_MORE: Final = {"gsm": "...", "ucs2": "…"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedText:
    """As a gateway hands it over; ``gateway_id`` is the same however often it does."""

    gateway_id: str
    number: str = field(repr=False)
    our_number: str
    text: str = field(repr=False)


def coding_of(text: str) -> Coding:
    return "gsm" if all(sign in _SEPTETS or sign in _EXTENDED for sign in text) else "ucs2"


def septets(text: str) -> bytes:
    """An octet a septet. Raises KeyError for a sign that the alphabet lacks."""
    return b"".join(
        bytes((_ESCAPE, _EXTENDED[sign])) if sign in _EXTENDED else bytes((_SEPTETS[sign],))
        for sign in text
    )


def of_septets(octets: bytes) -> str:
    """
    What another table or no table has behind an escape is the sign without it (23.038, 6.2.1.1).
    """
    text, escaped = "", False
    for octet in octets:
        septet = octet & 0x7F
        if escaped:
            text += _BEHIND_ESCAPE.get(septet, _ALPHABET[septet])
        elif septet != _ESCAPE:
            text += _ALPHABET[septet]
        escaped = not escaped and septet == _ESCAPE
    return text


def parts(text: str, coding: Coding | None = None) -> list[str]:
    """As it is sent, in the shortest coding or in that one: no sign is split."""
    coding = coding or coding_of(text)
    if sum(_places(sign, coding) for sign in text) <= _ALONE[coding]:
        return [text]
    return list(_filled(text, coding))


def cut(text: str, most: int) -> str:
    """So long that it is sent in so many parts; what is left out is told by three dots."""
    if len(parts(text)) <= most:
        return text
    more = _MORE[coding_of(text)]
    kept = "".join(parts(text)[:most])[: -len(more)]
    while len(parts(kept + more)) > most:
        kept = kept[:-1]
    return kept + more


def _filled(text: str, coding: Coding) -> Iterator[str]:
    part, places = "", 0
    for sign in text:
        width = _places(sign, coding)
        if places + width > _OF_SEVERAL[coding]:
            yield part
            part, places = "", 0
        part, places = part + sign, places + width
    yield part


def _places(sign: str, coding: Coding) -> int:
    if coding == "gsm":
        return 2 if sign in _EXTENDED else 1
    return 2 if ord(sign) > 0xFFFF else 1
