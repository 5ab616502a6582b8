"""Whatever comes off the wire: an answer or a documented exception, and nothing else."""
# ruff: noqa: PT017 - here an exception may come, and is looked at if it does

import contextlib
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.sip.digest import Nonces, authorize
from cti_server.sip.errors import NoCommonCodec, SdpError, SipParseError
from cti_server.sip.message import (
    KeepAlive,
    Message,
    Request,
    Response,
    StreamFramer,
    parse,
    response_to,
)
from cti_server.sip.offer_answer import LocalMedia, answer_offer, make_offer, read_answer
from cti_server.sip.sdp import Sdp
from cti_server.sip.uri import NameAddr, Uri

from .strategies import messages
from .test_message import INVITE
from .test_sdp import OFFER

TORTURE = [path.read_bytes() for path in sorted((Path(__file__).parent / "torture").glob("*.dat"))]
OURS = LocalMedia("198.51.100.7", 20000, session_id=1)
SEASONING = [
    b'"', b"\\", b"<", b">", b",", b";", b"=", b":", b"@", b"%", b"[", b"]", b"\r", b"\n",
    b"\r\n", b"\r\n ", b"\r\n\r\n", b"\0", b"\xff", "é\u2028٣".encode(), b" ", b"\t", b"-1",
    b"99999999999999999999", b"SIP/2.0", b"Via:", b"l: 5\r\n", b"Contact: *\r\n", b"%0d%0a",
]  # fmt: skip


def use_up(message: Request | Response) -> None:
    """Read what there is, as the server would, and answer it."""
    for attribute in ("via", "from_", "to", "sip_call_id", "cseq"):
        getattr(message, attribute)
    assert isinstance(bytes(message), bytes)
    if isinstance(message, Request):
        use_leniently(response_to(message, 400, to_tag="x"))
    use_leniently(message)
    try:
        message.validate()
    except SipParseError as error:
        assert error.message is message


def use_leniently(message: Message) -> None:
    for name, value in message.headers:
        assert not {"\r", "\n"} & set(name + value)
    for attribute in ("vias", "contacts", "contact_uri", "routes", "record_routes", "expires"):
        try:
            getattr(message, attribute)
        except SipParseError as error:
            assert 400 <= error.status < 600


def parse_anything(data: bytes) -> None:
    try:
        message = parse(data)
    except SipParseError as error:
        assert error.status in (400, 413, 505, 513)
        if isinstance(error.message, Request):
            answer = response_to(error.message, error.status, error.reason, to_tag="x")
            assert bytes(answer).startswith(b"SIP/2.0 ")
    else:
        use_up(message)
    for item in StreamFramer().receive(data):
        if not isinstance(item, KeepAlive | SipParseError):
            use_up(item)


def describe_anything(data: bytes) -> None:
    try:
        sdp = Sdp.parse(data)
    except SdpError:
        return
    assert isinstance(bytes(sdp), bytes)
    for use in (
        lambda: answer_offer(sdp, OURS),
        lambda: read_answer(make_offer(OURS), sdp),
        lambda: read_answer(sdp, sdp),
        lambda: make_offer(OURS, after=sdp),
    ):
        with contextlib.suppress(NoCommonCodec, SdpError):
            use()


def mutate(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randrange(1, 6)):
        at, width = chance.randrange(len(data) + 1), chance.choice([0, 0, 1, 5, 40])
        match chance.randrange(4):
            case 0:
                data = data[:at] + chance.choice(SEASONING) + data[at + width :]
            case 1:
                data = data[:at] + chance.randbytes(3) + data[at + width :]
            case 2:
                data = data[:at] + data[at + width :]
            case _:
                other = chance.randrange(len(data) + 1)
                data = data[:at] + data[other : other + 40] + data[at:]
    return data


@given(st.binary(max_size=2000))
def test_random_octets(data: bytes) -> None:
    parse_anything(data)
    parse_anything(b"INVITE sip:x SIP/2.0\r\n" + data)
    describe_anything(data)
    describe_anything(b"v=0\r\n" + data)


@given(messages, st.integers(0, 5000))
def test_truncated_messages(message: Request | Response, at: int) -> None:
    parse_anything(bytes(message)[:at])


@pytest.mark.parametrize("seed", range(10))
def test_mutated_messages(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(300):
        parse_anything(mutate(chance.choice([INVITE, *TORTURE]), chance))


@pytest.mark.parametrize("seed", range(5))
def test_mutated_descriptions(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(300):
        describe_anything(mutate(OFFER, chance))


@given(st.text(max_size=200))
def test_any_text_as_a_value(text: str) -> None:
    for read in (Uri.parse, NameAddr.parse):
        for value in (text, f"sip:{text}", f"<sip:{text}>", f'"{text}" <sip:a@b>;{text}'):
            try:
                parsed = read(value)
                assert str(parsed)
                if isinstance(parsed, NameAddr):
                    assert str(parsed.uri)
            except SipParseError as error:
                assert error.status == 400
            except ValueError as error:
                assert "line break" in str(error)


@given(st.text(max_size=200))
def test_any_text_as_credentials_or_challenge(text: str) -> None:
    nonces = Nonces(b"s")
    (challenge,) = nonces.challenge("r", ["MD5"], now=0.0)
    given_ = [text, f"Digest {text}", f"{challenge}, {text}", f'Digest realm="r", {text}']

    checked = nonces.check(given_, realm="r", method="INVITE", ha1=lambda *_: None, now=0.0)
    value = authorize(given_, method="INVITE", uri="sip:x", username="a", password="b", cnonce="c")

    assert checked.username is None or isinstance(checked.username, str)
    assert value is None or value.startswith("Digest ")
