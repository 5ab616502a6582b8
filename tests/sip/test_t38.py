"""T.38 in session descriptions (T.38 Annex D, RFC 3264 §8.3)."""

import pytest

from cti_server.sip.errors import SdpError
from cti_server.sip.offer_answer import LocalMedia, make_offer
from cti_server.sip.sdp import Sdp
from cti_server.sip.t38 import (
    LARGEST_DATAGRAM,
    FaxAgreement,
    LocalFax,
    answer_fax_offer,
    make_fax_offer,
    offers_fax,
    read_fax_answer,
)

US = LocalFax("192.0.2.1", 30002, session_id=5, version=2)
VOICE = make_offer(LocalMedia("192.0.2.1", 20000, 5))

GATEWAY = b"""v=0
o=gw 1 2 IN IP4 198.51.100.7
s=-
c=IN IP4 198.51.100.7
t=0 0
m=image 4402 udptl t38
a=T38FaxVersion:0
a=T38MaxBitRate:14400
a=T38FaxRateManagement:transferredTCF
a=T38FaxMaxBuffer:200
a=T38FaxMaxDatagram:176
a=T38FaxUdpEC:t38UDPRedundancy
"""


def test_fax_takes_the_place_of_the_voice() -> None:
    offer = Sdp.parse(bytes(make_fax_offer(US, VOICE)))
    (image,) = offer.media
    assert (image.kind, image.port, image.protocol, image.formats) == (
        "image",
        30002,
        "udptl",
        ("t38",),
    )
    assert offer.origin.version == "2"
    assert offers_fax(offer)
    assert not offers_fax(VOICE)


def test_a_gateways_offer_is_answered_with_the_same_lines() -> None:
    offer = Sdp.parse(GATEWAY + b"m=audio 0 RTP/AVP 0\n")
    answer, agreement = answer_fax_offer(offer, US)
    assert agreement == FaxAgreement("198.51.100.7", 4402, redundant=True, largest=176)
    assert [(one.kind, one.port) for one in answer.media] == [("image", 30002), ("audio", 0)]
    assert read_fax_answer(offer, answer).port == 30002


def test_voice_that_is_offered_beside_it_is_voice() -> None:
    assert not offers_fax(Sdp.parse(GATEWAY + b"m=audio 4000 RTP/AVP 0\n"))


@pytest.mark.parametrize(
    ("line", "redundant", "largest"),
    [
        (b"a=T38FaxUdpEC:t38UDPNoEC\n", False, LARGEST_DATAGRAM),
        (b"a=t38faxudpec:T38UDPFEC\n", True, LARGEST_DATAGRAM),
        (b"", True, LARGEST_DATAGRAM),
        (b"a=T38MaxDatagram:1400\n", True, 1400),
        (b"a=T38FaxMaxDatagram:40\n", True, LARGEST_DATAGRAM),  # some say what is free just now
        (b"a=T38FaxMaxDatagram:many\n", True, LARGEST_DATAGRAM),
    ],
)
def test_what_gateways_say_of_it_is_understood(line: bytes, redundant: bool, largest: int) -> None:
    head = GATEWAY[: GATEWAY.index(b"a=T38FaxMaxDatagram")]
    _, agreement = answer_fax_offer(Sdp.parse(head + line), US)
    assert (agreement.redundant, agreement.largest) == (redundant, largest)


@pytest.mark.parametrize(
    "bad",
    [
        GATEWAY.replace(b"image 4402", b"image 0"),
        GATEWAY.replace(b"udptl", b"tcp"),
        GATEWAY.replace(b"IP4 198.51.100.7", b"IP6 2001:db8::7"),
    ],
)
def test_what_cannot_be_reached_is_refused(bad: bytes) -> None:
    with pytest.raises(SdpError):
        answer_fax_offer(Sdp.parse(bad), US)


def test_a_refusal_of_our_offer_is_told() -> None:
    offer = make_fax_offer(US, VOICE)
    answer, _ = answer_fax_offer(offer, LocalFax("198.51.100.7", 4402, 1, 1))
    assert read_fax_answer(offer, answer).host == "198.51.100.7"
    for refusal in (bytes(answer).replace(b"image 4402", b"image 0"), b"v=0\r\ns=-\r\n"):
        with pytest.raises(SdpError):
            read_fax_answer(offer, Sdp.parse(refusal))
