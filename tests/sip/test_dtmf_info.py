import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.sip.dtmf_info import DTMF, DTMF_RELAY, read, written


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        (DTMF_RELAY, b"Signal=5\r\nDuration=160\r\n", ("5", 160)),
        (DTMF_RELAY, b"Signal= #\nDuration= 100", ("#", 100)),
        (DTMF_RELAY, b"signal=10\r\n", ("*", 250)),
        (DTMF_RELAY, b"Signal=d\r\nDuration=x", ("D", 250)),
        (DTMF_RELAY, b"Signal=1\r\nDuration=99999999", ("1", 10_000)),
        (DTMF_RELAY, b"Duration=160\r\n", None),
        (DTMF_RELAY, b"Signal=55\r\n", None),
        (DTMF, b"7", ("7", 250)),
        (DTMF, b"11", ("#", 250)),
        (DTMF, b"", None),
        (DTMF, b"\xff\x00", None),
    ],
)
def test_a_key_is_read_as_phones_write_it(
    kind: str, body: bytes, key: tuple[str, int] | None
) -> None:
    assert read(kind, body) == key


@given(st.sampled_from("0123456789*#ABCD"), st.integers(1, 10_000))
def test_what_we_write_we_read(digit: str, duration: int) -> None:
    assert read(DTMF_RELAY, written(digit, duration)) == (digit, duration)


@given(st.binary(max_size=200), st.sampled_from([DTMF, DTMF_RELAY]))
def test_no_body_makes_it_raise(body: bytes, kind: str) -> None:
    read(kind, body)
