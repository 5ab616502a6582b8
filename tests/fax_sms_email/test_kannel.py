"""What Kannel tells us and is told. A real one is asked in tests/e2e."""

from typing import Any

import pytest

from fax_sms_email.errors import TextRefused
from fax_sms_email.kannel import LONGEST, received, refusal, request
from fax_sms_email.texts import ReceivedText

GIVEN = {
    "id": "6ae15c82-d2da-4952-bd17-e2f8ef2c5db7",
    "from": "+8613800138000",
    "to": "10690000",
    "coding": "0",
    "charset": "UTF-8",
}


@pytest.mark.parametrize(
    ("changes", "body", "text"),
    [
        ({}, "报修".encode(), "报修"),
        ({"charset": ""}, b"FAULT", "FAULT"),
        ({"charset": "GSM"}, "€".encode(), "€"),
        ({"coding": "2", "charset": "UTF-16BE"}, "报修😀".encode("utf-16-be"), "报修😀"),
        ({"coding": "2", "charset": ""}, "TD".encode("utf-16-be"), "TD"),
        ({"charset": "WINDOWS-1252"}, b"caf\xe9 \x80", "café €"),
        ({"charset": "GB18030"}, "余额".encode("gb18030"), "余额"),
        ({}, b" a\nb\0c\x07 ", "a\nb c"),
        ({}, b"", ""),
    ],
)
def test_a_text_is_read_in_its_own_signs(changes: dict[str, str], body: bytes, text: str) -> None:
    assert received(GIVEN | changes, body) == ReceivedText(
        gateway_id=GIVEN["id"], number="+8613800138000", our_number="10690000", text=text
    )


@pytest.mark.parametrize(
    ("changes", "body", "field"),
    [
        ({"id": ""}, b"x", "id"),
        ({"id": "x" * 101}, b"x", "id"),
        ({"id": "a\nb"}, b"x", "id"),
        ({"from": ""}, b"x", "from"),
        ({"from": "1" * 31}, b"x", "from"),
        ({"to": " "}, b"x", "to"),
        ({"coding": "1"}, b"\x06\x01", "coding"),
        ({"coding": "7"}, b"x", "coding"),
        ({"charset": "KOI8-R"}, b"x", "charset"),
        ({}, b"\xff\xfe", "body"),
        ({"coding": "2", "charset": "UTF-16BE"}, b"\xd8\x3d", "body"),  # half of a sign
        ({}, b"x" * (LONGEST + 1), "body"),
    ],
)
def test_what_is_no_text_is_refused_by_the_fields_name(
    changes: dict[str, str], body: bytes, field: str
) -> None:
    with pytest.raises(TextRefused, match=f"^{field}: ") as refused:
        received(GIVEN | changes, body)

    assert refused.value.field == field


def test_what_is_sent_has_its_secret_in_no_address_and_its_signs_in_utf_8() -> None:
    headers, body = request("hotline", "secret", "10690000", "+8613800138000", "您好")

    assert body == "您好".encode()
    assert headers["X-Kannel-Coding"] == "2"
    assert headers["X-Kannel-Password"] == "secret"
    assert request("u", "p", "1", "2", "hello {€}")[0]["X-Kannel-Coding"] == "0"


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        *((200, None), (202, None)),
        *((400, True), (413, True), (422, True)),
        *((401, False), (403, False), (404, False), (429, False)),
        *((302, False), (500, False), (503, False)),
    ],
)
def test_a_refusal_is_about_the_text_about_us_or_about_the_moment(
    status: int, permanent: Any
) -> None:
    failure = refusal(status, " Sender missing \n and no global set ")

    if permanent is None:
        assert failure is None
    else:
        assert failure is not None
        assert (str(failure), failure.permanent) == (
            f"{status} Sender missing and no global set",
            permanent,
        )
