import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.media.web.srtp import LONGEST_PLAIN, PROFILES, Srtp, SrtpProfile

KEYING = bytes(range(60))


def pair(profile: SrtpProfile = PROFILES[0]) -> tuple[Srtp, Srtp]:
    keying = KEYING[: profile.keying]
    return Srtp(profile, keying, client=True), Srtp(profile, keying, client=False)


def rtp(number: int, ssrc: int = 7, size: int = 160) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, 160 * number & 0xFFFFFFFF, ssrc) + bytes(
        size
    )


def protected(sender: Srtp, packet: bytes) -> bytes:
    found = sender.protect(packet)
    assert found is not None
    return found


@pytest.mark.parametrize(("profile", "size"), [(PROFILES[0], 188), (PROFILES[1], 182)])
def test_what_one_side_protects_the_other_reads_and_nobody_else(
    profile: SrtpProfile, size: int
) -> None:
    client, server = pair(profile)
    up, down = protected(client, rtp(1)), protected(server, rtp(1))

    assert (len(up), up[12:40] == rtp(1)[12:40]) == (size, False)
    assert client.unprotect(up) is None  # its own packet, sent back to it
    assert server.unprotect(up) == rtp(1)
    assert client.unprotect(down) == rtp(1)


@pytest.mark.parametrize("profile", PROFILES)
def test_reports_are_protected_too(profile: SrtpProfile) -> None:
    client, server = pair(profile)
    report = bytes.fromhex("80c90001" + "00000007")

    sent = client.protect_rtcp(report)

    assert sent is not None
    assert server.unprotect_rtcp(sent) == report
    assert server.unprotect_rtcp(sent) is None


def test_a_packet_is_read_once() -> None:
    client, server = pair()
    packet = protected(client, rtp(1))

    assert server.unprotect(packet) == rtp(1)
    assert server.unprotect(packet) is None


def test_late_packets_are_read() -> None:
    client, server = pair()
    packets = [protected(client, rtp(number)) for number in range(100)]

    assert [server.unprotect(one) for one in reversed(packets)] == [
        rtp(number) for number in reversed(range(100))
    ]


@given(st.integers(0, 187), st.integers(0, 7))
def test_a_packet_with_any_bit_turned_is_not_read(at: int, bit: int) -> None:
    client, server = pair()
    packet = bytearray(protected(client, rtp(1)))
    packet[at] ^= 1 << bit

    assert server.unprotect(bytes(packet)) is None


@given(st.binary(max_size=2000))
def test_junk_is_not_read(junk: bytes) -> None:
    _, server = pair()

    assert server.unprotect(junk) is None
    assert server.unprotect_rtcp(junk) is None


def test_what_is_too_long_to_be_protected_is_not_sent() -> None:
    client, server = pair()

    longest = protected(client, rtp(1, size=LONGEST_PLAIN - 12))
    assert server.unprotect(longest) is not None
    assert client.protect(rtp(2, size=LONGEST_PLAIN - 11)) is None
    assert client.protect_rtcp(bytes.fromhex("80c90001") + bytes(LONGEST_PLAIN)) is None


@pytest.mark.parametrize("lost", [0, 40])
def test_the_sequence_may_wrap_again_and_again(lost: int) -> None:
    client, server = pair()
    unread = 0
    for number in range(0x7FFF, 140_000):
        packet = protected(client, rtp(number))
        if not 65_530 <= number % 65_536 < 65_530 + lost:
            unread += server.unprotect(packet) is None

    assert unread == 0


def test_a_stream_that_begins_near_the_wrap_is_lost_with_its_first_packets() -> None:
    """Why every stream of ours begins below 32768 (RFC 3711 §3.3.1)."""
    client, server = pair()
    packets = [protected(client, rtp(65_530 + number)) for number in range(200)]

    assert [server.unprotect(one) for one in packets[10:]] == [None] * 190


def test_another_stream_of_the_same_sender_is_read_as_well() -> None:
    client, server = pair()

    for ssrc in range(20):
        assert server.unprotect(protected(client, rtp(5, ssrc))) == rtp(5, ssrc)
