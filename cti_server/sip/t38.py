"""
Offer and answer for fax by T.38 over UDPTL (ITU-T T.38 Annex D, RFC 3362, RFC 3264 §8.3). Pure.

Fax takes the place of the audio stream in a session that is there, by a re-INVITE of either side.
"""

from dataclasses import dataclass
from typing import Final

from .errors import SdpError
from .offer_answer import describe, is_live_audio, is_reachable, refused
from .sdp import Attribute, MediaDescription, Sdp

KIND: Final = "image"
PROTOCOL: Final = "udptl"
FORMAT: Final = "t38"
SMALLEST_DATAGRAM: Final = 72
"""Octets that everybody takes who does T.38: less is not believed (some say how much is free)."""
LARGEST_DATAGRAM: Final = 400
_BUFFER: Final = 1800  # octets
_BIT_RATE: Final = 14400


@dataclass(frozen=True, slots=True)
class LocalFax:
    """Our end. Who changes the description counts ``version`` up."""

    host: str
    port: int
    session_id: int
    version: int


@dataclass(frozen=True, slots=True)
class FaxAgreement:
    """
    Where the other side's T.38 is.

    ``redundant``: what was lost may be sent again with what follows. ``largest``: octets of a
    datagram that they take.
    """

    host: str
    port: int
    redundant: bool
    largest: int


def offers_fax(offer: Sdp) -> bool:
    """Whether this is a proposal to go over to T.38, and not to talk."""
    if any(is_live_audio(media) for media in offer.media):
        return False
    return any(_is_fax(media) for media in offer.media)


def make_fax_offer(local: LocalFax, after: Sdp) -> Sdp:
    """In place of the audio of ``after``, our description in force; other lines stay refused."""
    at = next((i for i, one in enumerate(after.media) if is_live_audio(one)), 0)
    ours = _ours(local, redundant=True)
    media = tuple(ours if i == at else refused(one) for i, one in enumerate(after.media))
    return _description(local, media or (ours,))


def answer_fax_offer(offer: Sdp, local: LocalFax) -> tuple[Sdp, FaxAgreement]:
    """Take the first fax stream that can be reached. Raises SdpError if there is none."""
    for at, theirs in enumerate(offer.media):
        if not _is_fax(theirs) or not is_reachable(offer.host_of(theirs), local.host):
            continue
        agreement = _agreement(offer, theirs)
        ours = _ours(local, redundant=agreement.redundant)
        media = tuple(ours if i == at else refused(one) for i, one in enumerate(offer.media))
        return _description(local, media), agreement
    raise SdpError("no T.38 over UDPTL")


def read_fax_answer(offer: Sdp, answer: Sdp) -> FaxAgreement:
    """What our offer came to. Raises SdpError if it is no answer to it, or refuses."""
    if len(answer.media) != len(offer.media):
        raise SdpError("the answer has not as many media as the offer")
    for ours, theirs in zip(offer.media, answer.media, strict=True):
        if _is_fax(ours) and _is_fax(theirs):
            if not is_reachable(answer.host_of(theirs), offer.host_of(ours) or ""):
                raise SdpError("its fax cannot be reached")
            return _agreement(answer, theirs)
    raise SdpError("fax was refused")


def _is_fax(media: MediaDescription) -> bool:
    return (
        media.kind == KIND
        and not media.rejected
        and media.protocol.lower() == PROTOCOL
        and FORMAT in (one.lower() for one in media.formats)
    )


def _agreement(theirs: Sdp, media: MediaDescription) -> FaxAgreement:
    said = {name.lower(): value or "" for name, value in media.attributes}
    largest = said.get("t38faxmaxdatagram") or said.get("t38maxdatagram") or ""
    octets = int(largest) if largest.isascii() and largest.isdigit() and len(largest) < 6 else 0
    return FaxAgreement(
        host=theirs.host_of(media) or "",
        port=media.port,
        # Who names none takes what comes: redundancy costs them nothing (T.38 §9.1.4).
        redundant=said.get("t38faxudpec", "t38UDPRedundancy").strip().lower()
        in ("t38udpredundancy", "t38udpfec"),
        largest=LARGEST_DATAGRAM if octets < SMALLEST_DATAGRAM else octets,
    )


def _ours(local: LocalFax, *, redundant: bool) -> MediaDescription:
    attributes: list[Attribute] = [
        ("T38FaxVersion", "0"),
        ("T38MaxBitRate", str(_BIT_RATE)),
        ("T38FaxRateManagement", "transferredTCF"),
        ("T38FaxMaxBuffer", str(_BUFFER)),
        ("T38FaxMaxDatagram", str(LARGEST_DATAGRAM)),
    ]
    if redundant:
        attributes.append(("T38FaxUdpEC", "t38UDPRedundancy"))
    return MediaDescription(
        KIND, local.port, PROTOCOL, formats=(FORMAT,), attributes=tuple(attributes)
    )


def _description(local: LocalFax, media: tuple[MediaDescription, ...]) -> Sdp:
    return describe(local.host, local.session_id, local.version, media)
