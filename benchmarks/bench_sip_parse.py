"""CPU time of the SIP value layer, in microseconds: ``python -m benchmarks.bench_sip_parse``."""

import time
from collections.abc import Callable

from cti_server.sip.message import Request, parse, response_to
from cti_server.sip.offer_answer import LocalMedia, answer_offer
from cti_server.sip.sdp import Sdp

ROUNDS = 7
REPEATS = 5000

SDP = b"""v=0\r
o=- 3911223344 3911223344 IN IP4 10.0.0.17\r
s=pjmedia\r
b=AS:84\r
t=0 0\r
a=X-nat:0\r
m=audio 4000 RTP/AVP 9 8 0 101 102\r
c=IN IP4 10.0.0.17\r
b=TIAS:64000\r
a=rtcp:4001 IN IP4 10.0.0.17\r
a=sendrecv\r
a=rtpmap:9 G722/8000\r
a=rtpmap:8 PCMA/8000\r
a=rtpmap:0 PCMU/8000\r
a=rtpmap:101 telephone-event/8000\r
a=fmtp:101 0-16\r
a=rtpmap:102 telephone-event/16000\r
a=fmtp:102 0-16\r
a=ssrc:1234567 cname:0123456789abcdef\r
"""
INVITE = (
    b"""INVITE sip:1000@127.0.0.1:5060;transport=udp SIP/2.0\r
Via: SIP/2.0/UDP 10.0.0.17:40062;rport;branch=z9hG4bKPjd3f3d35a7f0b4bb2a0d8d04a6c9b1a\r
Max-Forwards: 70\r
From: "Alice Example" <sip:alice@example.com>;tag=2a8f3d0b1c4e4d6fa1b2c3d4\r
To: <sip:1000@127.0.0.1>\r
Contact: <sip:alice@10.0.0.17:40062;ob>\r
Call-ID: 7d4b2c1e-9f3a-4d7e-8a54-03b3c2f9a6e1\r
CSeq: 22417 INVITE\r
Allow: PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, INFO, SUBSCRIBE, NOTIFY, REFER, MESSAGE, OPTIONS\r
Supported: replaces, 100rel, timer, norefersub\r
Session-Expires: 1800\r
Min-SE: 90\r
User-Agent: PJSUA v2.13 Linux-6.1.21/x86_64/glibc-2.36\r
P-Asserted-Identity: "Alice Example" <sip:+4930123456@example.com;user=phone>\r
Content-Type: application/sdp\r
Content-Length: %d\r
\r
""".replace(b"%d", str(len(SDP)).encode())
    + SDP
)
OURS = LocalMedia("127.0.0.1", 20000, session_id=1)


def read(message: Request) -> None:
    """What finding transaction and dialog takes."""
    _ = (message.via.branch, message.from_.tag, message.to.tag, message.sip_call_id, message.cseq)


def measure(name: str, work: Callable[[], object]) -> None:
    """Print the best of some rounds: the others were disturbed."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(REPEATS):
            work()
        best = min(best, time.process_time() - started)
    print(f"{name:<44}{best / REPEATS * 1e6:8.2f} us")


def main() -> None:
    invite = parse(INVITE)
    assert isinstance(invite, Request)  # noqa: S101
    offer = Sdp.parse(SDP)
    print(f"an INVITE of {len(INVITE)} octets, its SDP of {len(SDP)}")
    measure("parse, check Via From To Call-ID CSeq", lambda: parse(INVITE))
    measure("  the same, and look them up", lambda: read(parse(INVITE)))  # type: ignore[arg-type]
    measure("validate all structured headers and URIs", lambda: parse(INVITE).validate())
    measure("serialise", lambda: bytes(invite))
    measure("build a 180", lambda: response_to(invite, 180, to_tag="0123456789"))
    measure("build and serialise a 180", lambda: bytes(response_to(invite, 180, to_tag="01234")))
    measure("parse the SDP", lambda: Sdp.parse(SDP))
    measure("answer the offer", lambda: answer_offer(offer, OURS))


if __name__ == "__main__":
    main()
