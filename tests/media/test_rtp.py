import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.media.rtp import payload_bounds, signed16, signed32

HEADER = bytes.fromhex("8000 0001 00000002 00000003")


@pytest.mark.parametrize(
    ("packet", "bounds"),
    [
        (HEADER + b"abc", (12, 15)),
        (b"\x82" + HEADER[1:] + bytes(8) + b"abc", (20, 23)),  # two contributing sources
        (b"\x90" + HEADER[1:] + b"\xbe\xde\x00\x01" + bytes(4) + b"ab", (20, 22)),  # extension
        (b"\xa0" + HEADER[1:] + b"abc\x00\x00\x03", (12, 15)),  # padding
        (b"\xb1" + HEADER[1:] + bytes(4) + b"\xbe\xde\x00\x00" + b"ab\x01", (20, 22)),
        (HEADER, None),  # no payload
        (b"", None),
        (b"\x80\x00\x00", None),
        (b"\x40" + HEADER[1:] + b"abc", None),  # version 1
        (b"\x8f" + HEADER[1:] + b"abc", None),  # more sources than packet
        (b"\x90" + HEADER[1:] + b"\xbe\xde\xff\xff" + b"ab", None),  # extension without end
        (b"\x90" + HEADER[1:] + b"ab", None),
        (b"\xa0" + HEADER[1:] + b"abc\x00", None),  # padding of no octets
        (b"\xa0" + HEADER[1:] + b"abc\xff", None),  # padding over the beginning
    ],
)
def test_the_payload_is_found_or_the_packet_is_malformed(
    packet: bytes, bounds: tuple[int, int] | None
) -> None:
    assert payload_bounds(packet, len(packet)) == bounds


@given(st.binary(max_size=64))
def test_any_octets_have_a_payload_within_them_or_none(packet: bytes) -> None:
    bounds = payload_bounds(packet, len(packet))

    if bounds is not None:
        assert 12 <= bounds[0] < bounds[1] <= len(packet)


@given(st.integers(0, 0xFFFF), st.integers(-0x8000, 0x7FFF))
def test_sequence_distances_go_the_short_way_round(start: int, step: int) -> None:
    assert signed16(((start + step) & 0xFFFF) - start) == step


@given(st.integers(0, 0xFFFFFFFF), st.integers(-0x80000000, 0x7FFFFFFF))
def test_timestamp_distances_go_the_short_way_round(start: int, step: int) -> None:
    assert signed32(((start + step) & 0xFFFFFFFF) - start) == step
