import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.media.web.ice_tcp import BACKLOG_LIMIT, LONGEST_PACKET, Framing, FramingBroken

PACKETS = st.lists(st.binary(min_size=1, max_size=LONGEST_PACKET), max_size=3)


@given(PACKETS, st.integers(1, 700))
def test_packets_come_out_as_they_were_put_in_however_the_stream_is_cut(
    packets: list[bytes], size: int
) -> None:
    sender, receiver = Framing(), Framing()
    for packet in packets:
        assert sender.send(packet)
    stream = bytes(sender.unsent)

    found = [
        packet
        for at in range(0, len(stream), size)
        for packet in receiver.receive(stream[at : at + size])
    ]

    assert found == packets


@given(st.lists(st.binary(max_size=300), max_size=10))
def test_junk_is_broken_framing_or_packets_and_nothing_else(pieces: list[bytes]) -> None:
    framing = Framing()
    try:
        for piece in pieces:
            assert all(len(packet) <= LONGEST_PACKET for packet in framing.receive(piece))
    except FramingBroken:
        return
    assert len(framing.unsent) == 0


def test_a_packet_that_would_be_too_long_breaks_the_connection_before_it_is_read() -> None:
    with pytest.raises(FramingBroken):
        list(Framing().receive(b"\xff\xff"))


def test_an_empty_packet_is_passed_over() -> None:
    assert list(Framing().receive(b"\0\0\0\1x")) == [b"x"]


def test_behind_a_backlog_packets_are_dropped_whole_and_what_is_begun_is_finished() -> None:
    framing = Framing()
    while framing.send(bytes(200)):
        pass

    assert framing.dropped == 1
    assert len(framing.unsent) <= BACKLOG_LIMIT
    framing.sent(301)  # half way into the second
    assert framing.send(bytes(200))
    received = list(Framing().receive(bytes(framing.unsent[202 * 2 - 301 :])))
    assert {len(packet) for packet in received} == {200}
