"""Messages out of a stream, however it is cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.sip.errors import SipParseError
from cti_server.sip.message import Framed, KeepAlive, Limits, Request, Response, StreamFramer

from .strategies import messages
from .test_message import INVITE

PING = b"\r\n\r\n"


def frame(chunks: list[bytes], limits: Limits | None = None) -> list[Framed]:
    framer = StreamFramer() if limits is None else StreamFramer(limits)
    return [item for chunk in chunks for item in framer.receive(chunk)]


def fatal(framed: list[Framed]) -> SipParseError:
    error = framed[-1]
    assert isinstance(error, SipParseError)
    assert error.fatal
    return error


@given(st.lists(messages, max_size=4), st.lists(st.integers(0, 3000), max_size=8))
def test_messages_come_out_whole_wherever_the_stream_is_cut(
    sent: list[Request | Response], cuts: list[int]
) -> None:
    stream = b"".join(map(bytes, sent))
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]

    framed = frame([stream[a:b] for a, b in itertools.pairwise(edges)])

    assert framed == sent


def test_octet_by_octet_gives_the_same() -> None:
    stream = PING + INVITE + b"\r\n" + INVITE + PING

    framed = frame([bytes([octet]) for octet in stream])

    assert [type(item) for item in framed] == [KeepAlive, Request, Request, KeepAlive]


def test_a_single_line_end_between_messages_is_skipped() -> None:
    assert [type(item) for item in frame([b"\r\n" + INVITE + b"\r\n", INVITE])] == [
        Request,
        Request,
    ]


def test_a_ping_may_come_in_two_halves() -> None:
    assert frame([b"\r\n", b"\r", b"\n"]) == [KeepAlive()]


def test_a_wrong_message_in_its_frame_does_not_end_the_stream() -> None:
    wrong = INVITE.replace(b"CSeq: 7 INVITE", b"CSeq: 7 BYE")

    first, error, last = frame([INVITE + wrong + INVITE])

    assert isinstance(first, Request)
    assert isinstance(error, SipParseError)
    assert not error.fatal
    assert isinstance(error.message, Request)
    assert isinstance(last, Request)


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (b"l: 4\r\n", b"", 400),
        (b"l: 4", b"l: -4", 400),
        (b"l: 4", b"l: 99999", 413),
        (b"CSeq: 7 INVITE", b"CSeq 7 INVITE", 400),
        (b"SIP/2.0\r\n", b"SIP/3.0\r\n", 505),
    ],
)
def test_a_stream_without_a_frame_is_over(old: bytes, new: bytes, status: int) -> None:
    framer = StreamFramer()

    framed = framer.receive(INVITE + INVITE.replace(old, new, 1) + INVITE)

    assert isinstance(framed[0], Request)
    assert len(framed) == 2
    assert fatal(framed).status == status
    assert framer.receive(INVITE) == []
    assert framer.buffered == 0


def test_a_head_that_never_ends_is_given_up() -> None:
    framer = StreamFramer(Limits(head=1000))
    framed: list[Framed] = []
    taken = 0
    while not framed:
        framed = framer.receive(b"X" * 100)
        taken += 100

    assert taken == 1100
    assert fatal(framed).status == 513


def test_what_is_unfinished_is_counted() -> None:
    framer = StreamFramer()

    framer.receive(INVITE[:-2])
    assert framer.buffered == len(INVITE) - 2
    framer.receive(INVITE[-2:])
    assert framer.buffered == 0


def test_the_body_may_come_late() -> None:
    head, body = INVITE[:-4], INVITE[-4:]
    framer = StreamFramer()

    assert framer.receive(head) == []
    (message,) = framer.receive(body)

    assert isinstance(message, Request)
    assert message.body == body
