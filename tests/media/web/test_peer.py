"""ICE, consent and paths of a peer connection, on a virtual clock."""

import gc
import random
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.media.web import stun
from cti_server.media.web.peer import Address, Effect, PathSelected, Send
from cti_server.media.web.peers import MOST_PATHS, Peers
from cti_server.media.web.stun import Attribute, Kind
from simulator.web_peer import ClientState, RemotePeer

from .network import BROWSER_IDENTITY, HOME, SERVER_IDENTITY, Datagram, Network, restarted
from .test_srtp import rtp

ELSEWHERE = ("203.0.113.5", 40_000)
CONTROLLING = (Attribute.ICE_CONTROLLING, bytes(8))
NOMINATION = (Attribute.USE_CANDIDATE, b"")


def check(
    network: Network,
    *more: tuple[int, bytes],
    address: Address = HOME,
    pwd: str | None = None,
    ufrag: str | None = None,
    kind: Kind = Kind.REQUEST,
) -> list[Effect]:
    """What becomes of a check by the newest credentials, or by others."""
    newest = network.peer.credentials[-1]
    username = f"{ufrag or newest.ufrag}:browser".encode()
    attributes = [(Attribute.USERNAME, username), *more]
    data = stun.compose(kind, b"t" * 12, attributes, newest.pwd if pwd is None else pwd)
    return network.peers.receive(data, address, network.now)


def answer(effects: list[Effect]) -> stun.Message:
    (sent,) = [effect for effect in effects if isinstance(effect, Send)]
    message = stun.parse(sent.data)
    assert message is not None
    return message


def say(network: Network, number: int, address: Address | None = None) -> bytes | None:
    """Media from the browser, from an address of its own."""
    assert network.browser.srtp is not None
    packet = network.browser.srtp.protect(rtp(number))
    assert packet is not None
    path = network.peers.paths.get(address or network.address)
    return path.unprotect(packet, network.now) if path is not None else None


# --- checks ---------------------------------------------------------------------------------------


def test_a_check_is_answered_to_where_it_came_from_and_says_where_that_is() -> None:
    network = Network()

    effects = check(network, CONTROLLING)

    assert answer(effects).kind is Kind.SUCCESS
    assert answer(effects).mapped_address == HOME
    assert answer(effects).authentic(network.peer.credentials[0].pwd)
    assert effects[1:] == [PathSelected(network.peer)]


@pytest.mark.parametrize(("pwd", "ufrag"), [("wrong", None), (None, "nobody"), ("", None)])
def test_who_has_not_the_password_gets_no_word_from_us(pwd: str | None, ufrag: str | None) -> None:
    network = Network()

    assert check(network, CONTROLLING, pwd=pwd, ufrag=ufrag) == []
    assert network.peers.paths == {}
    assert network.peers.dropped == 1


def test_a_check_without_integrity_gets_no_word_from_us() -> None:
    network = Network()
    username = f"{network.peer.credentials[0].ufrag}:browser".encode()
    data = stun.compose(Kind.REQUEST, b"t" * 12, [(Attribute.USERNAME, username)], None)

    assert network.peers.receive(data, HOME, 0.0) == []


@pytest.mark.parametrize("kind", [Kind.INDICATION, Kind.SUCCESS, Kind.ERROR])
def test_what_is_no_request_is_not_answered(kind: Kind) -> None:
    network = Network()

    assert check(network, kind=kind) == []


def test_a_browser_that_does_not_take_control_is_told_to() -> None:
    refused = answer(check(Network(), (Attribute.ICE_CONTROLLED, bytes(8))))

    assert (refused.kind, refused.error) == (Kind.ERROR, 487)


def test_a_check_that_insists_on_what_is_unknown_is_told_so() -> None:
    network = Network()

    refused = answer(check(network, CONTROLLING, (0x7FFE, b"news")))

    assert (refused.kind, refused.error) == (Kind.ERROR, 420)
    assert refused.attribute(Attribute.UNKNOWN_ATTRIBUTES) == b"\x7f\xfe"
    assert network.peer.path is None
    assert answer(check(network, CONTROLLING, (0xC057, b"news"))).kind is Kind.SUCCESS


def test_the_first_address_is_used_until_another_is_nominated() -> None:
    network = Network()
    check(network, CONTROLLING)

    assert PathSelected(network.peer) not in check(network, CONTROLLING, address=ELSEWHERE)
    assert PathSelected(network.peer) in check(network, NOMINATION, address=ELSEWHERE)
    assert network.peer.path is network.peers.paths[ELSEWHERE]
    assert PathSelected(network.peer) not in check(network, NOMINATION, address=ELSEWHERE)


def test_the_memory_of_a_browser_with_ever_new_addresses_is_bounded() -> None:
    network = Network()
    for port in range(1000, 1100):
        network.now += 0.1
        check(network, CONTROLLING, address=("203.0.113.5", port))

    assert len(network.peers.paths) == MOST_PATHS
    assert network.peer.path in network.peers.paths.values()


def test_an_address_belongs_to_who_proved_it_last() -> None:
    network = Network()
    check(network, CONTROLLING)
    older, network.peer = (
        network.peer,
        network.peers.open(BROWSER_IDENTITY.fingerprint, network.now),
    )

    check(network, CONTROLLING)

    assert network.peers.paths[HOME].peer is network.peer
    assert older.path is None


def test_two_browsers_on_one_port_do_not_hear_one_another() -> None:
    network = Network()
    network.connect()
    assert network.browser.srtp is not None
    stranger = network.peers.open(BROWSER_IDENTITY.fingerprint, network.now)
    other = Network()
    other.peers, other.peer, other.address, other.now = (
        network.peers,
        stranger,
        ELSEWHERE,
        network.now,
    )
    other.connect()

    assert say(network, 1, ELSEWHERE) is None
    assert say(network, 2) == rtp(2)
    assert say(other, 3) == rtp(3)


# --- consent --------------------------------------------------------------------------------------


def test_a_connection_with_checks_alone_stays_connected() -> None:
    network = Network()
    network.connect()
    network.run(120.0)

    assert network.states == ["connected"]
    assert network.browser.state is ClientState.CONNECTED


@pytest.mark.parametrize(("speaks", "interrupted"), [(True, 3.0), (False, 6.0)])
def test_after_seconds_of_silence_it_is_interrupted_and_after_thirty_gone(
    speaks: bool, interrupted: float
) -> None:
    network = Network()
    network.connect()
    network.run(5.0)
    check(network, CONTROLLING)
    if speaks:
        say(network, 1)
    silent_from = network.now
    network.lost = lambda datagram: True
    network.run(40.0)

    times = [(round(at - silent_from, 1), state) for at, state, _ in network.changes[1:]]
    assert times == [(interrupted, "interrupted"), (30.0, "gone")]
    assert network.changes[-1][2] == "timeout"
    assert len(network.peers) == 0
    assert network.peers.paths == {}
    assert network.peers.deadline is None


@pytest.mark.parametrize("outage", [7.0, 10.0, 14.0, 25.0])
def test_after_an_outage_it_comes_back_by_itself(outage: float) -> None:
    network = Network()
    network.connect()
    network.run(1.0)
    network.lost = lambda datagram: True
    network.run(outage)
    network.lost = lambda datagram: False
    over = network.now
    network.run(5.0)

    assert network.states == ["connected", "interrupted", "connected"]
    assert network.changes[-1][0] - over < 0.6
    assert network.browser.state is ClientState.CONNECTED


def test_media_alone_is_consent_too() -> None:
    network = Network()
    network.connect()
    network.lost = lambda datagram: datagram.data[0] < 4
    for number in range(40):
        assert say(network, number) is not None
        network.run(1.0)

    assert network.states == ["connected"]


def test_a_listener_whose_checks_are_as_rare_as_firefox_s_is_not_interrupted() -> None:
    network = Network()
    network.connect()
    say(network, 1)
    network.lost = lambda datagram: True
    for _ in range(20):
        network.carry_out(check(network, CONTROLLING))
        network.run(4.5)

    assert network.states == ["connected", "interrupted", "connected"]  # once, as it fell silent


def test_media_after_an_interruption_ends_it() -> None:
    network = Network()
    network.connect()
    network.lost = lambda datagram: True
    network.run(7.0)
    say(network, 1)
    network.run(0.001)

    assert network.states == ["connected", "interrupted", "connected"]


def test_forged_media_is_no_consent() -> None:
    network = Network()
    network.connect()
    network.lost = lambda datagram: True
    for _ in range(70):
        assert network.peers.paths[HOME].unprotect(rtp(1) + bytes(16), network.now) is None
        network.run(0.1)

    assert network.states == ["connected", "interrupted"]


def test_a_browser_that_never_comes_is_gone_after_thirty_seconds() -> None:
    network = Network()
    network.run(31.0)

    assert network.changes == [(30.0, "gone", "timeout")]


def test_one_that_checks_but_never_shakes_hands_is_gone_as_well() -> None:
    network = Network(lambda datagram: datagram.is_dtls)
    network.begin()
    network.run(31.0)

    assert network.states == ["gone"]


def test_nothing_is_due_for_a_handshake_whose_only_path_is_lost() -> None:
    network = Network(lambda datagram: datagram.is_dtls and not datagram.up)
    network.begin()
    network.run(0.05)
    network.lost = lambda datagram: True
    network.peers.disconnect(HOME)

    assert network.peer.path is None
    assert network.peers.deadline == 30.0
    assert network.peers.handle_timer(20.0) == []


# --- another address ------------------------------------------------------------------------------


def test_media_from_a_new_address_waits_for_its_check_and_is_then_followed() -> None:
    """A NAT has forgotten the browser, which does not nominate again."""
    network = Network()
    network.connect()
    network.address = ELSEWHERE
    assert say(network, 1) is None  # nothing is known of that address yet

    check(network, CONTROLLING, address=ELSEWHERE)
    assert say(network, 2) == rtp(2)
    assert network.peer.path is network.peers.paths[HOME]
    network.now += 1.0
    assert say(network, 3) == rtp(3)
    network.carry_out(network.peers.handle_timer(network.now))

    assert network.paths[-1] == ELSEWHERE


def test_a_spare_path_does_not_take_over_from_one_that_is_heard() -> None:
    network = Network()
    network.connect()
    for number in range(20):
        network.now += 0.5
        say(network, number)
        check(network, CONTROLLING, address=ELSEWHERE)

    assert network.peer.path is network.peers.paths[HOME]


def test_a_path_that_is_quiet_for_long_is_left_for_one_with_checks() -> None:
    network = Network()
    network.connect()
    network.now += 5.0

    assert PathSelected(network.peer) in check(network, CONTROLLING, address=ELSEWHERE)


# --- restart --------------------------------------------------------------------------------------


def test_a_restart_keeps_the_keys_and_the_old_credentials_until_the_new_ones_are_used() -> None:
    network = Network()
    network.connect()
    peer, remote = restarted(network)
    old, new = peer.credentials
    keys = peer.srtp

    assert check(network, CONTROLLING, pwd=old.pwd, ufrag=old.ufrag) != []
    network.browser.renew()
    network.begin(remote)
    network.run(1.0)

    assert peer.credentials == [new]
    assert check(network, CONTROLLING, pwd=old.pwd, ufrag=old.ufrag) == []
    assert peer.srtp is keys
    assert say(network, 5) == rtp(5)
    assert network.states == ["connected"]


def test_a_restart_from_another_address_after_an_outage_is_quick() -> None:
    network = Network()
    network.connect()
    network.lost = lambda datagram: True
    network.run(20.0)
    network.lost, network.address = lambda datagram: False, ELSEWHERE
    _, remote = restarted(network)
    network.browser.renew()
    began = network.now
    network.begin(remote)
    network.run(1.0)

    assert network.states == ["connected", "interrupted", "connected"]
    assert network.changes[-1][0] - began < 0.05
    assert network.paths[-1] == ELSEWHERE
    assert network.browser.state is ClientState.CONNECTED


def test_the_first_address_with_new_credentials_is_used_without_a_nomination() -> None:
    network = Network()
    network.connect()
    restarted(network)

    assert PathSelected(network.peer) in check(network, CONTROLLING, address=ELSEWHERE)


def test_nothing_is_kept_of_a_peer_that_is_gone() -> None:
    peers = Peers(SERVER_IDENTITY, random.Random(1))
    network = Network()
    network.peers, network.peer = peers, peers.open(BROWSER_IDENTITY.fingerprint, 0.0)
    check(network, CONTROLLING)
    for _ in range(6):
        peers.restart(network.peer)
    check(network, NOMINATION, address=ELSEWHERE)
    gone = weakref.ref(network.peer)

    peers.close(network.peer)
    del network
    gc.collect()

    assert gone() is None


def test_restarts_that_nobody_follows_are_forgotten() -> None:
    network = Network()
    network.connect()
    in_use = network.peer.credentials[0]
    issued = [network.peers.restart(network.peer) for _ in range(20)]

    assert network.peer.credentials == [in_use, *issued[-3:]]
    assert check(network, CONTROLLING, pwd=issued[0].pwd, ufrag=issued[0].ufrag) == []
    assert check(network, CONTROLLING, pwd=issued[-2].pwd, ufrag=issued[-2].ufrag) != []
    assert network.peer.credentials == issued[-2:]


def test_credentials_are_long_and_never_the_same() -> None:
    peers = Peers(SERVER_IDENTITY, random.SystemRandom())
    made = [peers.open(BROWSER_IDENTITY.fingerprint, 0.0).credentials[0] for _ in range(500)]

    assert len({one.ufrag for one in made}) == len({one.pwd for one in made}) == 500
    assert all(len(one.ufrag) >= 4 and len(one.pwd) >= 22 for one in made)


# --- junk -----------------------------------------------------------------------------------------


@given(st.binary(max_size=300), st.booleans(), st.booleans())
def test_no_datagram_at_all_disturbs_a_call(data: bytes, known: bool, as_stun: bool) -> None:
    if as_stun:
        length = (len(data) & ~3).to_bytes(2, "big")
        data = b"\0\1" + length + b"\x21\x12\xa4\x42" + bytes(12) + data[: len(data) & ~3]
    address = HOME if known else ELSEWHERE
    before = len(CALL.changes)

    effects = CALL.peers.receive(data, address, CALL.now)
    path = CALL.peers.paths[HOME]

    assert effects == []
    assert path.unprotect(data, CALL.now) is None
    assert path.unprotect_rtcp(data, CALL.now) is None
    assert len(CALL.changes) == before


CALL = Network()
CALL.connect()


def test_a_remote_with_the_wrong_password_never_connects() -> None:
    network = Network()
    right = network.remote()
    wrong = type(right.credentials)(right.credentials.ufrag, "x" * 24)
    network.begin(RemotePeer(wrong, right.fingerprint))
    network.run(10.0)

    assert network.browser.state is ClientState.CONNECTING
    assert [datagram for datagram in network.sent if not datagram.up] == []


def test_lost_datagrams_are_data() -> None:
    """The network itself: what is lost does not arrive, and the rest arrives later."""

    def first_lost(datagram: Datagram) -> bool:
        return datagram.up and datagram.number == 0

    network = Network(first_lost)
    network.begin()
    network.run(0.04)
    assert network.paths == []
    network.run(0.1)
    assert network.paths == [HOME]
