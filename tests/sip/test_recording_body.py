"""What a request in a recording session may bring, and in which forms."""

import pytest

from cti_server.sip.inspection import Refusal
from cti_server.sip.message import Request
from cti_server.sip.recording_body import RecordingBody, read_body

SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
XML = b"<recording/>\r\n"


def part(content: bytes, *head: str) -> bytes:
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content


def multipart(*parts: bytes, end: bytes = b"--foobar--\r\n") -> bytes:
    return b"".join(b"--foobar\r\n" + one + b"\r\n" for one in parts) + end


def request(body: bytes, content_type: str, **headers: str) -> Request:
    made = Request("INVITE", "sip:archive@192.0.2.7", body=body)
    made.headers.add("Content-Type", content_type)
    for name, value in headers.items():
        made.headers.add(name.replace("_", "-"), value)
    return made


DESCRIPTION = part(SDP, "Content-Type: application/sdp")
METADATA = part(
    XML, "Content-Type: application/rs-metadata+xml", "Content-Disposition: recording-session"
)
BOTH = "multipart/mixed;boundary=foobar"


@pytest.mark.parametrize(
    ("made", "read"),
    [
        (Request("UPDATE", "sip:x"), RecordingBody()),
        (request(SDP, "application/sdp"), RecordingBody(sdp=SDP)),
        (request(XML, "application/rs-metadata+xml"), RecordingBody(metadata=XML)),
        (request(XML, "application/rs-metadata"), RecordingBody(metadata=XML)),
        (request(multipart(DESCRIPTION, METADATA), BOTH), RecordingBody(SDP, XML)),
        (request(multipart(METADATA, DESCRIPTION), BOTH), RecordingBody(SDP, XML)),
        (
            request(
                multipart(DESCRIPTION, METADATA).replace(b"foobar", b"a b:c"),
                'Multipart/Mixed; boundary="a b:c"',
            ),
            RecordingBody(SDP, XML),
        ),
        (
            request(b"passed over\r\n" + multipart(DESCRIPTION) + b"so is this", BOTH),
            RecordingBody(SDP),
        ),
        (
            request(
                multipart(
                    DESCRIPTION,
                    part(
                        b"PHJlY29yZGluZy8+DQo=",
                        "Content-Type: application/rs-metadata+xml",
                        "Content-Transfer-Encoding: base64",
                    ),
                ),
                BOTH,
            ),
            RecordingBody(SDP, XML),
        ),
        (
            request(
                multipart(
                    DESCRIPTION,
                    part(
                        b"x",
                        "Content-Type: application/x-ours",
                        "Content-Disposition: signal;handling=optional",
                    ),
                ),
                BOTH,
            ),
            RecordingBody(SDP),
        ),
    ],
)
def test_bodies_are_told_apart(made: Request, read: RecordingBody) -> None:
    assert read_body(made) == read


def nested(times: int) -> bytes:
    """Parts within parts."""
    return b"".join(
        b"--%s\r\nContent-Type: multipart/mixed;boundary=b%d\r\n\r\n"
        % (b"foobar" if not n else b"b%d" % (n - 1), n)
        for n in range(times)
    )


@pytest.mark.parametrize(
    ("made", "status"),
    [
        (request(b"x", "text/plain"), 415),
        (request(SDP, "application/sdp", Content_Encoding="gzip"), 415),
        (request(multipart(DESCRIPTION, part(b"x", "Content-Type: text/plain")), BOTH), 415),
        (request(multipart(DESCRIPTION, part(b"x")), BOTH), 415),
        (request(multipart(DESCRIPTION, METADATA), "multipart/alternative;boundary=foobar"), 415),
        (request(multipart(DESCRIPTION, METADATA), "multipart/mixed"), 400),
        (request(multipart(DESCRIPTION, METADATA), "multipart/mixed;boundary=other"), 400),
        (request(multipart(DESCRIPTION, METADATA, end=b""), BOTH), 400),
        (request(multipart(DESCRIPTION, DESCRIPTION), BOTH), 400),
        (request(multipart(METADATA, METADATA), BOTH), 400),
        (request(multipart(*[METADATA] * 9), BOTH), 400),
        (request(b"--foobar--\r\n", BOTH), 400),
        (request(b"\x00\xff", BOTH), 400),
        (request(multipart(part(b"x", "Content-Type: a/b; x*")), BOTH), 400),
        (request(nested(1200), BOTH), 400),
    ],
)
def test_what_cannot_be_used_has_its_answer(made: Request, status: int) -> None:
    refused = read_body(made)

    assert isinstance(refused, Refusal)
    assert refused.status == status


def test_binary_parts_come_as_they_were_sent() -> None:
    octets = bytes(range(256)).replace(b"\r", b"").replace(b"\n", b"")
    made = request(multipart(part(octets, "Content-Type: application/rs-metadata+xml")), BOTH)

    assert read_body(made) == RecordingBody(metadata=octets)
