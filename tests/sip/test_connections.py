"""Calls over connections that break, and requests too large for a datagram."""

import asyncio
from collections.abc import Callable

from cti_server.sip.core import WIDEST_DATAGRAM, Core, CoreSettings
from cti_server.sip.transport import Flow

from ..virtual_time import run
from .wire import OFFER, Ear, Peer, Station, Wire, accept, stations

A, B = "10.0.0.1", "10.0.0.2"
FROM_A = Flow("tcp", A, 5060, (B, 5060))
TO_B = Flow("tcp", B, 5060, (A, 5060))


def test_a_connection_that_breaks_before_the_answer_cancels_the_call() -> None:
    wire = Wire()
    alice = Station(wire, A, transport="tcp")
    bob = Station(wire, B, transport="tcp", answering=lambda call: call.ring())

    async def scenario() -> Ear:
        async with stations(alice, bob):
            ear = Ear()
            alice.call(B, ear)
            await asyncio.sleep(1)
            bob.agent.failed(FROM_A)
            alice.agent.failed(TO_B)
        return ear

    assert run(scenario()).heard[-1] == ("failed", 503)
    assert bob.ear.what == ["cancelled"]


def test_a_connection_that_breaks_later_does_not_end_the_call() -> None:
    wire = Wire()
    alice = Station(wire, A, transport="tcp")
    bob = Station(wire, B, transport="tcp", answering=accept)

    async def scenario() -> Ear:
        async with stations(alice, bob):
            ear = Ear()
            call = alice.call(B, ear)
            await asyncio.sleep(1)
            bob.agent.failed(FROM_A)
            alice.agent.failed(TO_B)
            await asyncio.sleep(1)
            call.hang_up()
        return ear

    assert run(scenario()).what == ["answered"]
    assert bob.ear.heard == [("confirmed",), ("ended", "bye")]


def test_a_call_by_tcp_stays_on_its_connection_though_its_contact_says_udp() -> None:
    wire = Wire()
    bob = Station(wire, B, transport="tcp", answering=accept)

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            wire.plug((Peer.HOST, 5060), peer, "tcp")
            await peer.call()
            bob.incoming.hang_up()
            await asyncio.sleep(1)
            assert wire.names(B)[-1] == "BYE"
            peer.send(peer.request("BYE", number=2))

    run(scenario())


class OneConnection:
    """A network with one open TCP connection to 10.0.0.2:5060."""

    def time(self) -> float:
        return 0.0

    def send(self, data: bytes, flow: Flow) -> None: ...

    def has(self, flow: Flow) -> bool:
        return (flow.transport, flow.host, flow.port) == ("tcp", B, 5060)

    def flow_to(self, transport: str, host: str, port: int) -> Flow | None:
        return Flow(transport, host, port, (A, 5060))

    def advertised(self, flow: Flow) -> str:
        return "10.0.0.1:5060"

    def resolve(self, host: str, then: Callable[[str | None], None]) -> None:
        then(host)

    def soon(self, callback: Callable[[], None]) -> None: ...
    def wake_by(self, deadline: float) -> None: ...


def test_a_large_request_goes_by_tcp_if_the_peer_is_connected_and_else_by_udp() -> None:
    core = Core(OneConnection(), CoreSettings())
    near, far = Flow("udp", B, 5060, (A, 5060)), Flow("udp", "10.0.0.3", 5060, (A, 5060))

    assert core.wider(near, WIDEST_DATAGRAM) is near
    assert core.wider(near, WIDEST_DATAGRAM + 1).transport == "tcp"
    assert core.wider(far, WIDEST_DATAGRAM + 1) is far


def test_contact_and_via_name_the_transport_of_their_flow() -> None:
    core = Core(OneConnection(), CoreSettings(token=lambda: "token"))
    udp, tcp = Flow("udp", B, 5060, (A, 5060)), Flow("tcp", B, 5060, (A, 5060))

    assert core.via(udp) == "SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKtoken"
    assert core.via(tcp).startswith("SIP/2.0/TCP ")
    assert core.contact(udp) == "<sip:10.0.0.1:5060>"
    assert core.contact(tcp, "200") == "<sip:200@10.0.0.1:5060;transport=tcp>"


def call_registered(target: str, flow: Flow) -> list[str]:
    """Where the messages of a call to a registered phone go."""
    wire = Wire()
    went_to = list[str]()
    carry = wire.carry

    def noting(data: bytes, origin: tuple[str, int], to: tuple[str, int]) -> None:
        went_to.append(f"{data.split()[0].decode()} {to[0]}:{to[1]}")
        carry(data, origin, to)

    wire.carry = noting  # type: ignore[method-assign]
    alice, phone = Station(wire, A), Station(wire, B, answering=accept)

    async def scenario() -> None:
        async with stations(alice, phone):
            call = alice.agent.call(
                target, offer=OFFER, listener=Ear(), from_uri="sip:a@b", flow=flow
            )
            await asyncio.sleep(1)
            call.hang_up()

    run(scenario())
    return [each for each in went_to if not each.startswith("SIP")]


def test_a_phone_behind_a_nat_is_called_through_the_flow_of_its_registration() -> None:
    through_nat = Flow("udp", B, 5060, (A, 5060))
    went_to = call_registered("sip:200@192.168.1.5:5060", through_nat)
    assert went_to == [f"{method} {B}:5060" for method in ("INVITE", "ACK", "BYE")]


def test_a_phone_that_can_be_reached_is_called_at_its_contact() -> None:
    registered_from_another_port = Flow("udp", B, 40000, (A, 5060))
    went_to = call_registered(f"sip:200@{B}:5060", registered_from_another_port)
    assert went_to == [f"{method} {B}:5060" for method in ("INVITE", "ACK", "BYE")]
