import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.media.web import stun
from cti_server.media.web.stun import Attribute, Kind

# RFC 5769 §2: the password of all three, a request, and two answers to it.
PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt"
REQUEST = bytes.fromhex(
    "000100582112a442b7e7a701bc34d686fa87dfae"
    "802200105354554e207465737420636c69656e74"
    "002400046e0001ff80290008932ff9b151263b36"
    "000600096576746a3a68367659202020"
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf"
)
ANSWER_IPV4 = bytes.fromhex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae"
    "8022000b7465737420766563746f7220"
    "002000080001a147e112a643"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96"
)
ANSWER_IPV6 = bytes.fromhex(
    "010100482112a442b7e7a701bc34d686fa87dfae"
    "8022000b7465737420766563746f7220"
    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c"
)
TRANSACTION = bytes.fromhex("b7e7a701bc34d686fa87dfae")


def read(data: bytes) -> stun.Message:
    message = stun.parse(data)
    assert message is not None
    return message


def test_the_request_of_rfc_5769_is_read_and_its_password_is_recognised() -> None:
    message = read(REQUEST)

    assert (message.kind, message.method) == (Kind.REQUEST, stun.BINDING)
    assert message.transaction == TRANSACTION
    assert message.username == "evtj:h6vY"
    assert message.attribute(Attribute.PRIORITY) == bytes.fromhex("6e0001ff")
    assert message.attribute(Attribute.ICE_CONTROLLED) == bytes.fromhex("932ff9b151263b36")
    assert message.authentic(PASSWORD)
    assert not message.authentic("another")
    assert message.unknown == ()


@pytest.mark.parametrize(
    ("data", "address"),
    [
        (ANSWER_IPV4, ("192.0.2.1", 32853)),
        (ANSWER_IPV6, ("2001:db8:1234:5678:11:2233:4455:6677", 32853)),
    ],
)
def test_the_answers_of_rfc_5769_are_read(data: bytes, address: tuple[str, int]) -> None:
    message = read(data)

    assert message.kind is Kind.SUCCESS
    assert message.mapped_address == address
    assert message.authentic(PASSWORD)


@pytest.mark.parametrize(
    "address", [("192.0.2.1", 32853), ("2001:db8:1234:5678:11:2233:4455:6677", 32853)]
)
def test_an_answer_of_ours_says_where_the_request_came_from(address: tuple[str, int]) -> None:
    message = read(stun.success(read(REQUEST), address, PASSWORD))

    assert (message.kind, message.transaction) == (Kind.SUCCESS, TRANSACTION)
    assert message.mapped_address == address
    assert message.authentic(PASSWORD)


def test_a_refusal_names_what_was_not_understood() -> None:
    strange = ((0x7FFE, b""), (0xC057, b""))
    request = stun.Message(Kind.REQUEST, TRANSACTION, strange, b"", None)

    refused = read(stun.refusal(request, 420, "Unknown Attribute", PASSWORD))

    assert (refused.kind, refused.error) == (Kind.ERROR, 420)
    assert refused.attribute(Attribute.UNKNOWN_ATTRIBUTES) == b"\x7f\xfe"


@pytest.mark.parametrize("at", range(len(REQUEST)))
def test_a_message_with_any_bit_turned_is_none(at: int) -> None:
    damaged = bytearray(REQUEST)
    damaged[at] ^= 0x40

    assert stun.parse(bytes(damaged)) is None


@pytest.mark.parametrize("size", range(len(REQUEST)))
def test_a_message_that_is_cut_is_none(size: int) -> None:
    assert stun.parse(REQUEST[:size]) is None


def test_what_follows_the_integrity_is_not_believed() -> None:
    data = stun.compose(Kind.REQUEST, TRANSACTION, [(Attribute.USERNAME, b"a:b")], PASSWORD)
    inner = data[20:-8] + b"\x00\x25\x00\x00"
    length = (len(inner) + 8).to_bytes(2, "big")
    extended = _fingerprinted(data[:2] + length + data[4:20] + inner)

    message = read(extended)

    assert message.authentic(PASSWORD)
    assert message.attribute(Attribute.USE_CANDIDATE) is None


def _fingerprinted(data: bytes) -> bytes:
    check = (zlib.crc32(data) ^ 0x5354554E).to_bytes(4, "big")
    return data + b"\x80\x28\x00\x04" + check


@given(st.binary(max_size=200))
def test_no_octets_at_all_break_the_reader(body: bytes) -> None:
    padded = body + bytes(-len(body) % 4)
    head = b"\x00\x01" + (len(padded) + 8).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + TRANSACTION
    stun.parse(body)

    message = stun.parse(_fingerprinted(head + padded))

    if message is not None:
        # Each of them is read without a complaint, whatever it says.
        assert not message.authentic("a password that nobody has")
        readings = (message.username, message.mapped_address, message.error, message.unknown)
        assert len(readings) == 4
