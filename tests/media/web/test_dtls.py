"""The handshake against our own client, on a virtual clock. Foreign clients: tests/interop."""

import contextlib
import random
import statistics
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from OpenSSL import SSL

from cti_server.media.web.dtls import Dtls, DtlsState, Fingerprint, Identity
from cti_server.media.web.srtp import PROFILES
from simulator.web_peer import ClientState

from .network import AT, BROWSER_IDENTITY, DELAY, SERVER_IDENTITY, Datagram, Network


class LargeHello(Identity):
    """A client whose ClientHello takes two datagrams, as that of Chromium and Firefox does."""

    def connection(self, peer: Fingerprint, *, client: bool) -> SSL.Connection:
        connection = super().connection(peer, client=client)
        connection.set_alpn_protos([b"x" * 250] * 5)
        return connection


def nth_dtls(*numbers: int, up: bool) -> Callable[[Datagram], bool]:
    """Loses these of the DTLS datagrams of one direction."""
    count = 0

    def lost(datagram: Datagram) -> bool:
        nonlocal count
        if datagram.up is not up or not datagram.is_dtls:
            return False
        count += 1
        return count - 1 in numbers

    return lost


def share_lost(share: float, seed: int) -> Callable[[Datagram], bool]:
    chance = random.Random(seed)
    return lambda datagram: chance.random() < share


def test_without_losses_it_takes_three_round_trips_one_of_them_for_ice() -> None:
    network = Network()

    assert network.connect() == pytest.approx(6 * DELAY)
    assert network.changes == [(5 * DELAY, "connected", "")]


def test_both_ends_have_the_same_keys_and_prefer_gcm() -> None:
    network = Network()
    network.connect()
    ours, theirs = network.peer.srtp, network.browser.srtp
    assert ours is not None
    assert theirs is not None
    packet = b"\x80\x00" + bytes(10) + b"words"

    up, down = theirs.protect(packet), ours.protect(packet)

    assert up is not None
    assert down is not None
    assert (ours.unprotect(up), theirs.unprotect(down)) == (packet, packet)
    assert up != down
    assert ours.profile.name == theirs.profile.name == b"SRTP_AEAD_AES_128_GCM"


def test_a_client_without_gcm_gets_the_other_profile() -> None:
    network = Network(
        identity=(identity := Identity(AT, PROFILES[1:])), fingerprint=identity.fingerprint
    )
    network.connect()

    assert network.peer.srtp is not None
    assert network.peer.srtp.profile is PROFILES[1]


@pytest.mark.parametrize(
    ("lost", "within"),
    [
        (nth_dtls(0, up=True), 0.5),  # the client sends it again after 0.4 s
        (nth_dtls(0, up=False), 0.5),
        (nth_dtls(1, up=True), 0.5),  # its second flight
        (nth_dtls(1, up=False), 0.5),  # our second flight: it sends its own again, and we ours
        (nth_dtls(0, 1, up=False), 1.3),
    ],
)
def test_a_lost_flight_is_sent_again(lost: Callable[[Datagram], bool], within: float) -> None:
    assert Network(lost).connect() < within


@pytest.mark.parametrize("numbers", [(0,), (1,), (0, 1)])
def test_a_client_hello_of_two_datagrams_is_put_together(numbers: tuple[int, ...]) -> None:
    identity = LargeHello(AT)
    network = Network(
        nth_dtls(*numbers, up=True), identity=identity, fingerprint=identity.fingerprint
    )

    network.connect()

    hello = [datagram for datagram in network.sent if datagram.up and datagram.is_dtls][:2]
    assert [len(datagram.data) > 150 for datagram in hello] == [True, True]
    assert network.now < 0.5


def test_a_repeated_client_hello_gets_the_flight_again_and_not_more_often_than_is_good() -> None:
    server = Dtls(SERVER_IDENTITY, BROWSER_IDENTITY.fingerprint, client=False)
    (hello,) = Dtls(BROWSER_IDENTITY, SERVER_IDENTITY.fingerprint, client=True).start(0.0)

    flight = server.receive(hello, 0.0)

    assert flight
    assert server.receive(hello, 0.02) == []  # a copy on the way
    assert server.receive(hello, 0.05) == flight
    assert server.receive(hello, 0.10) == flight


def test_a_new_flight_that_comes_in_pieces_is_not_taken_for_a_repetition() -> None:
    server = Dtls(SERVER_IDENTITY, BROWSER_IDENTITY.fingerprint, client=False)
    client = Dtls(BROWSER_IDENTITY, SERVER_IDENTITY.fingerprint, client=True)
    (hello,) = client.start(0.0)
    (first,) = server.receive(hello, 0.0)
    (second,) = client.receive(first, 0.0)

    pieces = records(second)
    answers = [server.receive(piece, 1.0 + number) for number, piece in enumerate(pieces)]

    assert len(pieces) > 3
    assert [len(answer) for answer in answers] == [0] * (len(pieces) - 1) + [1]
    assert server.state is DtlsState.ESTABLISHED


def records(datagram: bytes) -> list[bytes]:
    """Cut at the records (RFC 6347 §4.1)."""
    found = []
    while datagram:
        size = 13 + int.from_bytes(datagram[11:13], "big")
        found.append(datagram[:size])
        datagram = datagram[size:]
    return found


def test_a_goodbye_behind_data_in_one_datagram_is_heard() -> None:
    server = Dtls(SERVER_IDENTITY, BROWSER_IDENTITY.fingerprint, client=False)
    client = BROWSER_IDENTITY.connection(SERVER_IDENTITY.fingerprint, client=True)
    while server.state is DtlsState.HANDSHAKE:
        with contextlib.suppress(SSL.WantReadError):
            client.do_handshake()
        for answer in server.receive(client.bio_read(65536), 0.0):
            client.bio_write(answer)
    client.do_handshake()
    client.send(b"data that nobody has asked for")
    client.shutdown()

    server.receive(client.bio_read(65536), 1.0)

    assert server.state is DtlsState.CLOSED


def test_the_flight_is_sent_again_at_doubling_times() -> None:
    server = Dtls(SERVER_IDENTITY, BROWSER_IDENTITY.fingerprint, client=False)
    (hello,) = Dtls(BROWSER_IDENTITY, SERVER_IDENTITY.fingerprint, client=True).start(0.0)
    flight = server.receive(hello, 0.0)

    times = []
    while server.deadline is not None and server.deadline < 9:
        times.append(round(server.deadline, 3))
        assert server.handle_timer(server.deadline - 0.001) == []
        assert server.handle_timer(server.deadline) == flight

    assert times == [0.4, 1.2, 2.8, 4.4, 6.0, 7.6]


@pytest.mark.parametrize("share", [0.2, 0.4])
def test_it_comes_through_a_lossy_network(share: float) -> None:
    times = [Network(share_lost(share, seed), seed=seed).connect(60.0) for seed in range(60)]

    assert statistics.median(times) < (0.8 if share == 0.2 else 3.0)
    assert max(times) < 30.0


def test_a_certificate_that_the_offer_did_not_name_gets_no_keys() -> None:
    network = Network(fingerprint=Identity(AT).fingerprint)
    network.begin()
    network.run(2.0)

    assert network.states == ["gone"]
    assert network.changes[0][2].startswith("DTLS: ")
    assert network.peer.srtp is None
    assert network.browser.state is ClientState.FAILED


def test_a_client_that_finds_another_certificate_tells_so() -> None:
    network = Network()
    remote = network.remote()
    wrong = Identity(AT).fingerprint
    network.begin(type(remote)(remote.credentials, wrong))
    network.run(2.0)

    assert network.states == ["gone"]
    assert network.browser.srtp is None


def test_close_notify_ends_it_at_once() -> None:
    network = Network()
    network.connect()
    network.up(network.browser.close())
    network.run(2 * DELAY)

    assert network.states == ["connected", "gone"]
    assert network.changes[-1][2] == "closed"
    assert len(network.peers) == 0
    assert network.peers.paths == {}


def test_our_goodbye_is_understood() -> None:
    network = Network()
    network.connect()
    network.carry_out(network.peers.close(network.peer))
    network.run(2 * DELAY)

    assert network.browser.state is ClientState.CLOSED
    assert network.states == ["connected"]


def test_dtls_from_somebody_who_did_not_pass_a_check_is_dropped() -> None:
    network = Network()
    (hello,) = Dtls(BROWSER_IDENTITY, SERVER_IDENTITY.fingerprint, client=True).start(0.0)

    assert network.peers.receive(hello, ("203.0.113.9", 4000), 0.0) == []
    assert network.peers.dropped == 1


@given(st.lists(st.binary(max_size=120), max_size=5))
def test_junk_before_the_handshake_does_not_spoil_it(junk: list[bytes]) -> None:
    server = Dtls(SERVER_IDENTITY, BROWSER_IDENTITY.fingerprint, client=False)
    for data in junk:
        size = len(data).to_bytes(3, "big")
        message = b"\x01" + size + bytes(5) + size + data  # of a ClientHello
        for body in (data, message):
            server.receive(b"\x16\xfe\xfd" + bytes(8) + len(body).to_bytes(2, "big") + body, 0.0)
        server.receive(data, 0.0)
    (hello,) = Dtls(BROWSER_IDENTITY, SERVER_IDENTITY.fingerprint, client=True).start(0.0)
    assert server.receive(hello, 1.0) or server.receive(hello, 2.0)


@given(st.integers(20, 63), st.binary(max_size=100), st.booleans())
def test_junk_from_the_right_address_does_not_harm_a_call(
    kind: int, body: bytes, framed: bool
) -> None:
    network = ESTABLISHED
    length = len(body).to_bytes(2, "big")
    head = b"\xfe\xfd\x00\x01" + bytes(6) + length if framed else b""

    network.carry_out(network.peers.receive(bytes([kind]) + head + body, network.address, 1.0))

    assert network.states == ["connected"]
    assert network.peer.srtp is not None


ESTABLISHED = Network()
ESTABLISHED.connect()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha-256",
        "sha-256 AB:CD",
        "sha-1 " + ":".join(["AB"] * 20),
        "md5 " + ":".join(["AB"] * 16),
        "sha-256 " + ":".join(["XY"] * 32),
    ],
)
def test_a_fingerprint_that_is_weak_or_malformed_is_none(text: str) -> None:
    assert Fingerprint.parse(text) is None


@pytest.mark.parametrize(("name", "size"), [("sha-256", 32), ("sha-384", 48), ("SHA-512", 64)])
def test_strong_fingerprints_are_read_and_written(name: str, size: int) -> None:
    text = f"{name} " + ":".join(["0a"] * size)

    assert str(Fingerprint.parse(text)) == text.lower().replace("0a", "0A")
