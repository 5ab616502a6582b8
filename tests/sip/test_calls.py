"""The flows of RFC 3665 §3, and the races of RFC 5407, between two user agents on one wire."""

import asyncio
from collections.abc import Callable

import pytest

from cti_server.sip.core import CoreSettings
from cti_server.sip.message import Request
from cti_server.sip.offer_answer import LocalMedia, make_offer
from cti_server.sip.sdp import Sdp
from cti_server.sip.session import SessionRefused

from ..virtual_time import run
from .wire import (
    BOB_MEDIA,
    OFFER,
    Ear,
    Peer,
    Station,
    Wire,
    accept,
    ring_and_answer,
    stations,
)

A, B = "10.0.0.1", "10.0.0.2"
HOLD = make_offer(LocalMedia(host=A, port=20000, session_id=1, version=2), direction="sendonly")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_call_is_rung_answered_and_hung_up_by_the_caller(transport: str) -> None:
    wire = Wire()
    alice = Station(wire, A, transport=transport)
    bob = Station(wire, B, transport=transport, answering=ring_and_answer)

    async def scenario() -> Ear:
        async with stations(alice, bob):
            ear = Ear()
            call = alice.call(B, ear)
            assert ear.heard == []
            await asyncio.sleep(1)
            call.hang_up()
        return ear

    ear = run(scenario())

    assert wire.names() == [
        "INVITE", "100 INVITE", "180 INVITE", "200 INVITE", "ACK", "BYE", "200 BYE",
    ]  # fmt: skip
    assert ear.what == ["ringing", "answered"]
    assert bob.ear.what == ["confirmed", "ended"]
    assert bob.ear.heard[-1] == ("ended", "bye")


def test_the_callee_may_hang_up() -> None:
    wire = Wire()
    alice, bob = Station(wire, A), Station(wire, B, answering=accept)

    async def scenario() -> Ear:
        async with stations(alice, bob):
            ear = Ear()
            alice.call(B, ear)
            await asyncio.sleep(1)
            bob.incoming.hang_up('SIP;cause=200;text="Call completed"')
            bob.incoming.hang_up()
        return ear

    assert run(scenario()).what == ["answered", "ended"]
    assert wire.names()[-2:] == ["BYE", "200 BYE"]
    assert wire.of("BYE")[0].message.headers.get("Reason") == 'SIP;cause=200;text="Call completed"'


def test_both_hang_up_at_once_and_each_bye_is_answered() -> None:
    wire = Wire()
    alice, bob = Station(wire, A), Station(wire, B, answering=accept)

    async def scenario() -> Ear:
        async with stations(alice, bob):
            ear = Ear()
            call = alice.call(B, ear)
            await asyncio.sleep(1)
            call.hang_up()
            bob.incoming.hang_up()
        return ear

    assert run(scenario()).what == ["answered"]
    assert wire.names()[-4:] == ["BYE", "BYE", "200 BYE", "200 BYE"]


@pytest.mark.parametrize("status", [302, 404, 480, 486, 500, 603])
def test_a_refused_call_fails_with_its_status(status: int) -> None:
    wire = Wire()
    alice = Station(wire, A)
    bob = Station(wire, B, answering=lambda call: call.refuse(status))

    async def scenario() -> Ear:
        async with stations(alice, bob):
            ear = Ear()
            alice.call(B, ear)
            await asyncio.sleep(1)
        return ear

    assert run(scenario()).heard == [("failed", status)]
    assert wire.names() == ["INVITE", "100 INVITE", f"{status} INVITE", "ACK"]


def test_a_caller_who_gives_up_while_it_rings_cancels() -> None:
    wire = Wire()
    alice = Station(wire, A)
    bob = Station(wire, B, answering=lambda call: call.ring())

    async def scenario() -> Ear:
        async with stations(alice, bob):
            ear = Ear()
            call = alice.call(B, ear)
            await asyncio.sleep(3)
            call.hang_up()
            await asyncio.sleep(1)
            accept(bob.incoming)  # too late: nothing must happen
        return ear

    assert run(scenario()).what == ["ringing"]
    assert bob.ear.what == ["cancelled"]
    assert wire.names() == [
        "INVITE", "100 INVITE", "180 INVITE", "CANCEL", "200 CANCEL", "487 INVITE", "ACK",
    ]  # fmt: skip


def test_a_cancel_waits_for_the_first_provisional_response() -> None:
    wire = Wire()
    alice = Station(wire, A)
    bob = Station(wire, B, answering=lambda call: call.ring())

    async def scenario() -> None:
        async with stations(alice, bob):
            alice.call(B, Ear()).hang_up()

    run(scenario())

    assert wire.names()[0] == "INVITE"
    assert wire.names().index("CANCEL") > wire.names().index("100 INVITE")
    assert bob.ear.what == ["cancelled"]


def test_a_2xx_that_crosses_the_cancel_is_acknowledged_and_hung_up() -> None:
    wire = Wire()
    alice = Station(wire, A)
    bob = Station(wire, B, answering=lambda call: call.ring())

    async def scenario() -> Ear:
        async with stations(alice, bob):
            ear = Ear()
            call = alice.call(B, ear)
            await asyncio.sleep(3)
            call.hang_up()
            accept(bob.incoming)
        return ear

    assert run(scenario()).what == ["ringing"]
    assert bob.ear.heard == [("confirmed",), ("ended", "bye")]
    assert wire.names(A) == ["INVITE", "CANCEL", "ACK", "BYE"]


def test_nobody_there_fails_with_408_after_32_seconds() -> None:
    wire = Wire()
    alice = Station(wire, A)

    ear = Ear()

    async def scenario() -> None:
        async with stations(alice):
            alice.call(B, ear)

    run(scenario())
    assert ear.heard == [("failed", 408)]
    assert ear.at == pytest.approx([32.0])
    assert [round(sent.at, 6) for sent in wire.sent] == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]


def test_a_phone_that_rings_for_ever_is_cancelled() -> None:
    wire = Wire()
    settings = CoreSettings(ping_interval=None, longest_ringing=90.0)
    alice = Station(wire, A, settings=settings)
    bob = Station(wire, B, answering=lambda call: call.ring())

    async def scenario() -> Ear:
        async with stations(alice, bob):
            ear = Ear()
            alice.call(B, ear)
            await asyncio.sleep(100)
        return ear

    assert run(scenario()).what == ["ringing", "ringing", "failed"]  # repeated after a minute
    assert bob.ear.what == ["cancelled"]


def test_an_unresolvable_or_unsupported_target_fails_without_a_message() -> None:
    wire = Wire()
    alice = Station(wire, A)

    async def scenario() -> list[list[tuple[object, ...]]]:
        ears = []
        async with stations(alice):
            for target in ("sip:x@[2001:db8::1]", "sip:x@10.0.0.2;transport=tcp", "tel:+4930"):
                ear = Ear()
                alice.agent.call(target, offer=OFFER, listener=ear, from_uri="sip:a@b")
                assert ear.heard == []
                await asyncio.sleep(1)
                ears.append(ear.heard)
        return ears

    assert run(scenario()) == [[("failed", 503)], [("failed", 503)], [("failed", 416)]]
    assert wire.sent == []


def test_an_answer_without_ack_is_given_up_and_hung_up() -> None:
    wire = Wire(lambda number, sender, name: name == "ACK")
    alice, bob = Station(wire, A), Station(wire, B, answering=accept)

    async def scenario() -> None:
        async with stations(alice, bob):
            alice.call(B, Ear())
            await asyncio.sleep(40)

    run(scenario())

    assert bob.ear.heard == [("ended", "ack-timeout")]
    at = [sent.at for sent in wire.of("200 INVITE")]
    gaps = [round(later - at[0], 3) for later in at]
    assert gaps == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert len(wire.of("ACK")) == len(at)  # each copy of the 2xx was acknowledged again
    assert wire.names(B)[-1] == "BYE"


def test_a_callee_who_hangs_up_before_the_ack_waits_for_it() -> None:
    wire = Wire(lambda number, sender, name: name == "ACK" and number < 5)
    alice = Station(wire, A)

    def answer_and_leave(call: object) -> None:
        accept(bob.incoming)
        bob.incoming.hang_up()

    bob = Station(wire, B, answering=answer_and_leave)

    async def scenario() -> Ear:
        async with stations(alice, bob):
            ear = Ear()
            alice.call(B, ear)
        return ear

    assert run(scenario()).what == ["answered", "ended"]
    assert wire.names() == [
        "INVITE", "100 INVITE", "200 INVITE", "ACK", "200 INVITE", "ACK", "BYE", "200 BYE",
    ]  # fmt: skip


LOSSES: dict[str, Callable[[int, str, str], bool]] = {
    "every third": lambda number, sender, name: number % 3 == 0,
    "every second of the callee's": lambda number, sender, name: sender == B and number % 2 == 0,
    "first invite": lambda number, sender, name: number == 0,
    "first response": lambda number, sender, name: number in (1, 2, 3),
    "first ack": lambda number, sender, name: number == 4,
    "first bye": lambda number, sender, name: number == 5,
    "answer to the bye": lambda number, sender, name: number == 6,
}


@pytest.mark.parametrize("pattern", LOSSES)
def test_no_pattern_of_losses_loses_a_call(pattern: str) -> None:
    wire = Wire(LOSSES[pattern])
    alice, bob = Station(wire, A), Station(wire, B, answering=ring_and_answer)

    async def scenario() -> Ear:
        async with stations(alice, bob):
            ear = Ear()
            call = alice.call(B, ear)
            await asyncio.sleep(20)
            call.hang_up()
        return ear

    ear = run(scenario())
    assert ear.what[-1] == "answered"
    assert bob.ear.what == ["confirmed", "ended"]


def test_an_invite_without_an_offer_gets_ours_and_the_ack_brings_theirs() -> None:
    wire = Wire()
    bob = Station(wire, B, answering=accept)

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            invite = peer.request("INVITE")
            peer.send(invite)
            await asyncio.sleep(1)
            peer.send(peer.ack(bytes(OFFER)))
            await asyncio.sleep(1)
            peer.send(peer.request("BYE", number=2))

    run(scenario())

    assert bob.ear.heard == [("answered", OFFER), ("confirmed",), ("ended", "bye")]
    assert wire.of("200 INVITE")[0].message.body == bytes(make_offer(BOB_MEDIA))


def test_an_ack_that_owes_us_an_answer_and_has_none_ends_the_call() -> None:
    wire = Wire()
    bob = Station(wire, B, answering=accept)

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            peer.send(peer.request("INVITE"))
            await asyncio.sleep(1)
            peer.send(peer.ack(b""))

    run(scenario())

    assert bob.ear.heard == [("ended", "no-answer")]
    assert wire.names(B)[-1] == "BYE"


def test_an_ack_with_the_branch_of_its_invite_and_a_made_up_tag_counts() -> None:
    wire = Wire()
    bob = Station(wire, B, answering=accept)

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            invite = peer.request("INVITE", body=bytes(OFFER))
            peer.send(invite)
            await asyncio.sleep(0.1)
            ack = peer.ack(b"")
            ack.headers.set("Via", invite.headers.get("Via") or "")
            ack.headers.set("To", "<sip:hotline@10.0.0.2>;tag=random")
            peer.send(ack)
            await asyncio.sleep(1)
            peer.send(peer.request("BYE", number=2))

    run(scenario())
    assert bob.ear.what == ["confirmed", "ended"]
    assert len(wire.of("200 INVITE")) == 1


def test_a_reinvite_is_answered_by_the_layer_above_and_its_contact_is_the_new_target() -> None:
    wire = Wire()
    bob = Station(wire, B, answering=accept)

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            await peer.call()
            wire.plug(("10.0.0.9", 5099), peer, "udp")
            peer.send(
                peer.request(
                    "INVITE", number=2, body=bytes(HOLD), Contact="<sip:peer@10.0.0.9:5099>"
                )
            )
            await asyncio.sleep(0.1)
            peer.send(peer.ack(b"", number=2))
            await asyncio.sleep(0.1)
            bob.incoming.hang_up()

    run(scenario())

    assert bob.ear.heard == [("confirmed",), ("offered", HOLD)]
    bye = wire.of("BYE")[0].message
    assert isinstance(bye, Request)
    assert bye.uri == "sip:peer@10.0.0.9:5099"


def test_a_refused_reinvite_leaves_the_call_as_it_was() -> None:
    wire = Wire()
    bob = Station(wire, B, answering=accept)

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            await peer.call()
            bob.ear.accepts_offers = False
            peer.send(peer.request("INVITE", number=2, body=bytes(HOLD)))
            await asyncio.sleep(0.1)
            peer.send(peer.request("BYE", number=3))

    run(scenario())
    assert "488 INVITE" in wire.names()
    assert bob.ear.what == ["confirmed", "offered", "ended"]


def test_a_reinvite_without_offer_is_answered_with_what_is_in_force() -> None:
    wire = Wire()
    bob = Station(wire, B, answering=accept)

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            await peer.call()
            peer.send(peer.request("INVITE", number=2))
            await asyncio.sleep(0.1)
            peer.send(peer.ack(bytes(HOLD), number=2))
            await asyncio.sleep(0.1)
            await peer.bye(3)

    run(scenario())
    first, second = (sent.message.body for sent in wire.of("200 INVITE"))
    assert first == second
    assert bob.ear.heard == [("confirmed",), ("answered", HOLD), ("ended", "bye")]


def test_update_and_info_are_answered_within_the_dialog() -> None:
    wire = Wire()
    bob = Station(wire, B, answering=accept)
    relay = "application/dtmf-relay"

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            await peer.call()
            for number, request in enumerate(
                (
                    peer.request("UPDATE", number=2, body=bytes(HOLD)),
                    peer.request("UPDATE", number=3),
                    peer.request(
                        "INFO", number=4, body=b"Signal=5\r\nDuration=160\r\n", Content_Type=relay
                    ),
                    peer.request("INFO", number=5, body=b"*", Content_Type="application/dtmf"),
                    peer.request("INFO", number=6, body=b"?", Content_Type="application/dtmf"),
                    peer.request("INFO", number=7, body=b"x", Content_Type="text/plain"),
                    peer.request("INFO", number=8),
                    peer.request("OPTIONS", number=9),
                    peer.request("REFER", number=10),
                    peer.request("FROBNICATE", number=11),
                    peer.request("OPTIONS", number=12, Require="100rel"),
                    peer.request("OPTIONS", number=5),
                )
            ):
                peer.send(request)
                await asyncio.sleep(0.1 + number / 1000)
            await peer.bye(20)

    run(scenario())

    assert wire.names(B)[2:] == [
        "200 UPDATE", "200 UPDATE", "200 INFO", "200 INFO", "400 INFO", "415 INFO", "200 INFO",
        "200 OPTIONS", "405 REFER", "501 FROBNICATE", "420 OPTIONS", "500 OPTIONS", "200 BYE",
    ]  # fmt: skip
    assert bob.ear.heard[1:-1] == [("offered", HOLD), ("digit", "5", 160), ("digit", "*", 250)]
    refused = wire.of("420 OPTIONS")[0].message
    assert refused.headers.get("Unsupported") == "100rel"


def test_our_reinvite_brings_their_answer() -> None:
    wire = Wire(lambda number, sender, name: number % 4 == 3)
    alice, bob = Station(wire, A), Station(wire, B, answering=accept)

    async def scenario() -> Sdp:
        async with stations(alice, bob):
            call = alice.call(B, Ear())
            await asyncio.sleep(5)
            answer = await call.reinvite(HOLD)
            call.hang_up()
        return answer

    answer = run(scenario())
    assert answer.media[0].direction == "recvonly"
    assert ("offered", HOLD) in bob.ear.heard


def test_a_refused_reinvite_raises_its_status_and_an_over_session_481() -> None:
    wire = Wire()
    alice, bob = Station(wire, A), Station(wire, B, answering=accept)

    async def scenario() -> list[int]:
        statuses = []
        async with stations(alice, bob):
            call = alice.call(B, Ear())
            await asyncio.sleep(1)
            bob.ear.accepts_offers = False
            for _ in range(2):
                with pytest.raises(SessionRefused) as refused:
                    await call.reinvite(HOLD)
                statuses.append(refused.value.status)
                call.hang_up()
        return statuses

    assert run(scenario()) == [488, 481]


def test_two_reinvites_that_cross_are_both_carried_out_in_the_end() -> None:
    wire = Wire()
    alice, bob = Station(wire, A), Station(wire, B, answering=accept)
    ear = Ear()

    async def scenario() -> None:
        async with stations(alice, bob):
            call = alice.call(B, ear)
            await asyncio.sleep(1)
            await asyncio.gather(call.reinvite(HOLD), bob.incoming.reinvite(make_offer(BOB_MEDIA)))
            call.hang_up()

    run(scenario())
    assert len(wire.of("491 INVITE")) == 2
    assert "offered" in ear.what
    assert "offered" in bob.ear.what


def test_a_caller_who_vanishes_is_noticed_by_the_ping() -> None:
    wire = Wire()
    bob = Station(wire, B, answering=accept, settings=CoreSettings(ping_interval=60.0))

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            await peer.call()
            wire.unplug((Peer.HOST, 5060))

    run(scenario())
    assert 45 + 32 <= bob.ear.at[-1] <= 60 + 33
    assert bob.ear.heard[-1] == ("ended", "session-gone")


def test_a_peer_that_does_not_know_the_session_any_more_ends_it() -> None:
    wire = Wire()
    alice = Station(wire, A, settings=CoreSettings(ping_interval=60.0))
    bob = Station(wire, B, answering=accept)
    ear = Ear()

    async def scenario() -> None:
        async with stations(alice, bob):
            alice.call(B, ear)
            await asyncio.sleep(1)
            bob.incoming.close()  # as after a restart
            await asyncio.sleep(61)

    run(scenario())
    assert ear.heard[-1] == ("ended", "session-gone")
    assert wire.names()[-2:] == ["OPTIONS", "481 OPTIONS"]


def test_a_living_session_is_pinged_again_and_again() -> None:
    wire = Wire()
    alice = Station(wire, A, settings=CoreSettings(ping_interval=60.0))
    bob = Station(wire, B, answering=accept)
    ear = Ear()

    async def scenario() -> None:
        async with stations(alice, bob):
            call = alice.call(B, ear)
            await asyncio.sleep(301)
            call.hang_up()

    run(scenario())
    assert ear.what == ["answered"]
    assert len(wire.of("200 OPTIONS")) >= 5


def test_a_key_is_sent_by_info() -> None:
    wire = Wire()
    alice, bob = Station(wire, A), Station(wire, B, answering=accept)

    async def scenario() -> None:
        async with stations(alice, bob):
            call = alice.call(B, Ear())
            await asyncio.sleep(1)
            call.send_info_digit("7", 120)
            await asyncio.sleep(1)
            call.hang_up()

    run(scenario())
    assert ("digit", "7", 120) in bob.ear.heard


def test_a_layer_above_that_breaks_costs_only_its_own_call() -> None:
    def broken(call: object) -> None:
        raise ZeroDivisionError

    wire = Wire()
    alice, bob = Station(wire, A), Station(wire, B, answering=broken)

    async def scenario() -> Ear:
        async with stations(alice, bob):
            ear = Ear()
            alice.call(B, ear)
            await asyncio.sleep(1)
        return ear

    assert run(scenario()).heard == [("failed", 500)]


def test_a_layer_above_that_breaks_over_a_response_costs_nobody_elses_call() -> None:
    """The last request that was served was another's: it has nothing to do with the response."""
    wire = Wire()
    alice = Station(wire, A, answering=accept)
    bob = Station(wire, B, answering=lambda call: call.ring())

    class Broken(Ear):
        def answered(self, remote: Sdp) -> None:
            raise RuntimeError("broken")

    async def scenario() -> list[object]:
        caller = Ear()
        async with stations(alice, bob):
            theirs = alice.call(B, caller)
            await asyncio.sleep(1)
            ours = bob.call(A, Broken())
            await asyncio.sleep(1)
            accept(bob.incoming)
            await asyncio.sleep(1)
            heard = caller.what
            theirs.hang_up()
            ours.hang_up()
        return heard

    assert run(scenario()) == ["ringing", "answered"]
