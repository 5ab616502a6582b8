"""What the tests of the transactions share: plain messages, and letting time pass."""

import math

from cti_server.sip.message import Request, Response, parse, response_to
from cti_server.sip.transaction import Effect, Machine

INVITE_TEXT = """\
{method} sip:hotline@127.0.0.1 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5071;branch=z9hG4bKinvite1
Max-Forwards: 70
From: "Ann" <sip:ann@example.com>;tag=from1
To: <sip:hotline@127.0.0.1>
Call-ID: call1@example.com
CSeq: 1 {method}
Contact: <sip:ann@127.0.0.1:5071>

"""


def request(method: str = "INVITE", **changes: str) -> Request:
    """A request; ``changes`` replace headers, "_" standing for "-"."""
    message = parse(INVITE_TEXT.format(method=method).replace("\n", "\r\n").encode())
    assert isinstance(message, Request)
    for name, value in changes.items():
        message.headers.set(name.replace("_", "-"), value)
    return message


def answer(status: int, to_tag: str = "to1", to: Request | None = None) -> Response:
    return response_to(to or request(), status, to_tag=to_tag)


def run_timers(machine: Machine, until: float = math.inf) -> list[tuple[float, Effect]]:
    """Let time pass; return what the machine did by itself, and when."""
    happened: list[tuple[float, Effect]] = []
    while (at := machine.deadline) is not None and at <= until:
        happened += [(at, effect) for effect in machine.handle_timer(at)]
    return happened
