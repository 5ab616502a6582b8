"""
The streams that another PBX sends to be recorded: what is offered, and our answer (RFC 7866 §7).

Pure. We only listen; each stream is known by its label (RFC 4574).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from .audio_payloads import PayloadTypes
from .errors import SdpError
from .offer_answer import is_live_audio, is_reachable, is_rtp, refused
from .sdp import Attribute, MediaDescription, Origin, Sdp

Law = Literal["PCMU", "PCMA"]

_LAWS: Final[tuple[Law, ...]] = ("PCMU", "PCMA")
_SENDING: Final = ("sendonly", "sendrecv")


@dataclass(frozen=True, slots=True)
class OfferedStream:
    """An audio stream that we could record. ``place`` is its m= line's, which it keeps."""

    place: int
    label: str
    host: str
    port: int
    codec: Law
    payload_type: int
    sent: bool
    """Whether anything comes at present; if not, it is silent (RFC 7866 §7.1.1.2: muted)."""


def offered_streams(offer: Sdp, our_host: str) -> list[OfferedStream]:
    """
    In the order of the offer. What is no G.711 that can come here is left out.

    Who does not label a stream has it labelled by its place. Raises SdpError for two of one label.
    """
    found = []
    for place, media in enumerate(offer.media):
        host = offer.host_of(media)
        if not (is_live_audio(media) and is_rtp(media) and is_reachable(host, our_host)):
            continue
        payloads = PayloadTypes.of(media)
        codec = next((law for law in payloads.codecs if law in _LAWS), None)
        if codec is None or host is None:
            continue
        found.append(
            OfferedStream(
                place,
                media.attribute("label") or str(place + 1),
                host,
                media.port,
                "PCMA" if codec == "PCMA" else "PCMU",
                payloads.codecs[codec],
                sent=offer.direction_of(media) in _SENDING,
            )
        )
    if len({stream.label for stream in found}) < len(found):
        raise SdpError("two streams have one label")
    return found


def answer_streams(
    offer: Sdp, origin: Origin, taken: Sequence[OfferedStream], ports: Mapping[int, int]
) -> Sdp:
    """Those that are taken come to our ``ports``, by their places; all others are refused."""
    places = {stream.place: stream for stream in taken}
    media = (
        refused(theirs) if place not in places else _heard(theirs, places[place], ports[place])
        for place, theirs in enumerate(offer.media)
    )
    return Sdp(origin, host=origin.host, media=tuple(media))


def listening_offer(local: Sdp, origin: Origin) -> Sdp:
    """Ours, where we are asked for one: every stream that we took may speak, muted or not."""
    return replace(local, origin=origin, media=tuple(map(_listening, local.media)))


def _listening(ours: MediaDescription) -> MediaDescription:
    others = tuple(each for each in ours.attributes if each[0] != "inactive")
    if ours.rejected or len(others) == len(ours.attributes):
        return ours
    return replace(ours, attributes=(*others, ("recvonly", None)))


def _heard(theirs: MediaDescription, stream: OfferedStream, port: int) -> MediaDescription:
    payloads = PayloadTypes({stream.codec: stream.payload_type}, {})
    attributes: list[Attribute] = [
        *payloads.attributes(),
        ("label", stream.label),
        ("recvonly" if stream.sent else "inactive", None),
    ]
    return MediaDescription(
        "audio", port, theirs.protocol, payloads.formats, attributes=tuple(attributes)
    )
