"""
Texts as SMPP carries them: the octets of each part, and what came read again. Pure.

Coding by data_coding (SMPP 3.4, 5.2.19); parts by a user data header (3GPP TS 23.040, 9.2.3.24.1)
or by the sar_ parameters (SMPP 3.4, 5.3.2.22 to 24).
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final, Literal

import smpp34

from fax_sms_email.errors import TextRefused
from fax_sms_email.texts import coding_of, of_septets, parts, septets

from . import pdu

Alphabet = Literal["gsm", "latin-1"]
"""What a centre takes data_coding 0 for: its own default."""

MOST_PARTS: Final = 255
INTERNATIONAL: Final = 1  # type of number (5.2.5)
ISDN: Final = 1  # numbering plan (5.2.6)
ALPHANUMERIC: Final = 5
_HAS_HEADER: Final = 0x40  # of esm_class (5.2.12)
_IS_RECEIPT: Final = 0x04
_KIND: Final = 0x3C
_DEFAULT, _UCS2 = 0x00, 0x08
_CODECS: Final = {0x01: "ascii", 0x03: "latin-1", 0x08: "utf-16-be", 0x0F: "gb18030"}
_WITH_CLASS: Final = 0xF0
"""Of 0x1x and 0xFx, "shown at once" and its like, the lower bits say the alphabet (23.038, 4)."""
_EIGHT_BIT_REFERENCE, _SIXTEEN_BIT_REFERENCE = 0x00, 0x08


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One submit_sm's worth: ``octets`` with their header before them."""

    octets: bytes = field(repr=False)
    data_coding: int
    esm_class: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Which part of a longer text: ``number`` of ``total``, the first is 1."""

    reference: int
    total: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """One deliver_sm; ``octets`` without a header."""

    number: str = field(repr=False)
    our_number: str
    data_coding: int
    octets: bytes = field(repr=False)
    piece: Piece | None
    is_receipt: bool


def submitted(text: str, job_id: str, alphabet: Alphabet) -> list[Part]:
    """
    The same for the same job, so that a part that is sent again joins those that were there.

    Raises TextRefused for one of more than MOST_PARTS.
    """
    is_default = coding_of(text) == "gsm" and (alphabet == "gsm" or _is_latin(text))
    said = parts(text, "gsm" if is_default else "ucs2")
    if len(said) > MOST_PARTS:
        raise TextRefused("text", f"has {len(said)} parts, and {MOST_PARTS} are the most")
    reference = hashlib.sha256(job_id.encode()).digest()[0]
    found = list[Part]()
    for number, part in enumerate(said, 1):
        octets = _octets(part, alphabet) if is_default else part.encode("utf-16-be")
        header = b""
        if len(said) > 1:
            header = bytes((5, _EIGHT_BIT_REFERENCE, 3, reference, len(said), number))
        found.append(
            Part(
                octets=header + octets,
                data_coding=_DEFAULT if is_default else _UCS2,
                esm_class=_HAS_HEADER if header else 0,
            )
        )
    return found


def address(number: str) -> tuple[str, int, int]:
    """A number as it stands in a PDU, its type and plan."""
    if number.startswith("+"):
        return number[1:], INTERNATIONAL, ISDN
    if number.isdigit():
        return number, 0, ISDN
    return number, ALPHANUMERIC, 0


def came(deliver: smpp34.DeliverSm) -> Came:
    """Raises TextRefused for a header that is none."""
    octets = deliver.short_message
    by_tag = {tlv.tag: tlv for tlv in deliver.tlvs}
    if not octets and pdu.MESSAGE_PAYLOAD in by_tag:
        octets = by_tag[pdu.MESSAGE_PAYLOAD].value
    piece = _by_sar(by_tag)
    if deliver.esm_class & _HAS_HEADER:
        header, octets = _split(octets)
        piece = _by_header(header) or piece
    return Came(
        number=_with_plus(deliver.source_addr, deliver.source_addr_ton),
        our_number=deliver.destination_addr,
        data_coding=deliver.data_coding,
        octets=octets,
        piece=piece,
        is_receipt=deliver.esm_class & _KIND == _IS_RECEIPT,
    )


def wording(octets: bytes, data_coding: int, alphabet: Alphabet) -> str:
    """What is not in its own coding is replaced. Raises TextRefused for what is no text."""
    if data_coding & _WITH_CLASS == _WITH_CLASS:
        data_coding = 0x04 if data_coding & 0x04 else _DEFAULT
    elif data_coding & _WITH_CLASS == 0x10:
        data_coding &= 0x0C
    if data_coding == _DEFAULT and alphabet == "gsm":
        return of_septets(octets)
    codec = "latin-1" if data_coding == _DEFAULT else _CODECS.get(data_coding)
    if codec is None:
        raise TextRefused("data_coding", f"0x{data_coding:02X} is of what is no text")
    return octets.decode(codec, "replace")


def _octets(part: str, alphabet: Alphabet) -> bytes:
    return septets(part) if alphabet == "gsm" else part.encode("latin-1")


def _is_latin(text: str) -> bool:
    return all(ord(sign) < 0x100 for sign in text)


def _split(octets: bytes) -> tuple[bytes, bytes]:
    if not octets or octets[0] >= len(octets):
        raise TextRefused("short_message", "has a header longer than itself")
    return octets[1 : octets[0] + 1], octets[octets[0] + 1 :]


def _by_header(header: bytes) -> Piece | None:
    """The first element that says so; others are passed over."""
    place = 0
    while place + 2 <= len(header):
        kind, length = header[place], header[place + 1]
        value = header[place + 2 : place + 2 + length]
        if kind == _EIGHT_BIT_REFERENCE and len(value) == 3:
            return _piece(value[0], value[1], value[2])
        if kind == _SIXTEEN_BIT_REFERENCE and len(value) == 4:
            return _piece(int.from_bytes(value[:2]), value[2], value[3])
        place += 2 + length
    return None


def _by_sar(by_tag: dict[int, smpp34.Tlv]) -> Piece | None:
    tags = (pdu.SAR_REFERENCE, pdu.SAR_TOTAL, pdu.SAR_NUMBER)
    if not all(tag in by_tag for tag in tags):
        return None
    return _piece(*(int.from_bytes(by_tag[tag].value) for tag in tags))


def _piece(reference: int, total: int, number: int) -> Piece | None:
    """What cannot be is taken for a text of its own (23.040: such an element is ignored)."""
    if total < 2 or not 1 <= number <= total:
        return None
    return Piece(reference=reference, total=total, number=number)


def _with_plus(number: str, type_of_number: int) -> str:
    if type_of_number == INTERNATIONAL and number.isdigit():
        return f"+{number}"
    return number
