"""
What a text is over the air (3GPP TS 23.038, 23.040): its letters, parts and length. Pure.

One sign that the standard's own alphabet lacks makes the whole text one of 16-bit units.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

Coding = Literal["gsm", "ucs2"]

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
"""Behind an escape: two places each."""
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
    return "gsm" if set(text) <= _BASIC | _EXTENDED else "ucs2"


def parts(text: str) -> list[str]:
    """As it is sent: no sign is split."""
    coding = coding_of(text)
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
