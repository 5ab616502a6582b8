"""Whatever a peer sends, in whatever order and however garbled: nothing breaks, nothing is left."""

import asyncio

import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_server.sip.core import CoreSettings
from cti_server.sip.errors import SipParseError
from cti_server.sip.message import parse
from cti_server.sip.transport import Flow
from tests.sizes import examples

from ..virtual_time import run
from .machines import request
from .wire import OFFER, Peer, Station, Wire, ring_and_answer, stations

B = "10.0.0.2"
METHODS = ["INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "INFO", "OPTIONS", "PRACK", "NOTIFY"]

steps = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.02, 0.4, 5.0, 33.0]),
        st.sampled_from(METHODS),
        st.integers(1, 4),  # CSeq
        st.booleans(),  # with SDP
        st.booleans(),  # with the branch of the first request
    ),
    max_size=10,
)


@settings(max_examples=examples(60), deadline=None)
@given(steps, st.booleans())
def test_any_order_of_requests_ends_with_nothing_left(
    sequence: list[tuple[float, str, int, bool, bool]], answers: bool
) -> None:
    wire = Wire()
    bob = Station(
        wire,
        B,
        settings=CoreSettings(ping_interval=30.0),
        answering=ring_and_answer if answers else lambda call: call.refuse(486),
    )

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            for pause, method, number, with_sdp, same_branch in sequence:
                await asyncio.sleep(pause)
                message = peer.request(method, number=number, body=bytes(OFFER) * with_sdp)
                if same_branch:
                    message.headers.set("Via", f"SIP/2.0/UDP {Peer.HOST}:5060;branch=z9hG4bKpeer1")
                peer.send(message)
            await asyncio.sleep(60)

    with structlog.testing.capture_logs() as logs:
        run(scenario())

    assert [entry for entry in logs if entry["event"] == "sip.message_failed"] == []
    assert all(len(ear.what) <= 1 + len(sequence) * 2 for ear in bob.ears)


garbled = st.tuples(
    st.sampled_from(["INVITE", "REGISTER", "OPTIONS", "BYE", "ACK"]),
    st.lists(st.tuples(st.integers(0, 500), st.binary(max_size=6)), min_size=1, max_size=4),
)


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(garbled, min_size=1, max_size=30))
def test_garbled_datagrams_are_answered_or_dropped(
    garbles: list[tuple[str, list[tuple[int, bytes]]]],
) -> None:
    wire = Wire()
    bob = Station(wire, B)
    flow = Flow("udp", "10.0.0.9", 5060, (B, 5060))

    async def scenario() -> None:
        async with stations(bob):
            for method, changes in garbles:
                data = bytes(request(method))
                for at, noise in changes:
                    data = data[:at] + noise + data[at + len(noise) :]
                try:
                    message = parse(data)
                except SipParseError as error:
                    bob.agent.rejected(error, flow)
                else:
                    bob.agent.received(message, flow)
            for call in bob.calls:
                call.refuse(404)

    with structlog.testing.capture_logs() as logs:
        run(scenario())

    assert [entry for entry in logs if entry["event"] == "sip.message_failed"] == []
