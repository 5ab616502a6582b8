"""Texts in octets and back: codings, parts, headers."""

import pytest
import smpp34

from fax_sms_email.errors import TextRefused
from fax_sms_email.smpp.wording import Piece, address, came, submitted, wording
from fax_sms_email.texts import of_septets, septets

EVERYTHING = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./09:;<=>?¡AZÄÖÑÜ§¿azäöñüà\f^{}\\[~]|€"
)


def test_the_whole_alphabet_goes_there_and_back() -> None:
    assert of_septets(septets(EVERYTHING)) == EVERYTHING
    assert septets("@€a") == bytes((0x00, 0x1B, 0x65, 0x61))


def test_what_no_table_has_behind_an_escape_is_the_sign_itself() -> None:
    assert of_septets(bytes((0x1B, 0x41, 0x1B))) == "A"


@pytest.mark.parametrize(
    ("text", "parts", "coding"),
    [
        ("a" * 160, 1, 0),
        ("a" * 161, 2, 0),
        ("€" * 80, 1, 0),
        ("€" * 100, 2, 0),
        ("您" * 70, 1, 8),
        ("您" * 71, 2, 8),
        ("😀" * 67, 3, 8),
    ],
)
def test_a_text_has_as_many_parts_as_it_needs_and_none_is_too_long(
    text: str, parts: int, coding: int
) -> None:
    made = submitted(text, "job", "gsm")

    assert len(made) == parts
    assert {part.data_coding for part in made} == {coding}
    assert all(len(part.octets) <= (160 if coding == 0 else 140) for part in made)
    said = "".join(
        wording(part.octets[6:] if part.esm_class else part.octets, coding, "gsm") for part in made
    )
    assert said == text
    if parts > 1:
        assert [part.octets[:6] for part in made] == [
            bytes((5, 0, 3, made[0].octets[3], parts, number)) for number in range(1, parts + 1)
        ]


def test_a_centre_that_takes_latin_gets_no_greek_as_if_it_were() -> None:
    [latin] = submitted("für é", "job", "latin-1")
    [greek] = submitted("ΔΦ", "job", "latin-1")
    long_greek = submitted("Δ" * 100, "job", "latin-1")

    assert (latin.octets, latin.data_coding) == ("für é".encode("latin-1"), 0)
    assert (greek.octets, greek.data_coding) == ("ΔΦ".encode("utf-16-be"), 8)
    assert [len(part.octets) for part in long_greek] == [6 + 134, 6 + 66]


def test_parts_of_the_same_job_have_the_same_reference() -> None:
    first, again = submitted("a" * 200, "one", "gsm"), submitted("a" * 200, "one", "gsm")

    assert first == again


def test_a_text_of_too_many_parts_is_refused() -> None:
    assert len(submitted("您" * 67 * 255, "job", "gsm")) == 255
    with pytest.raises(TextRefused, match="256 parts"):
        submitted("您" * (67 * 255 + 1), "job", "gsm")


def test_numbers_say_what_they_are() -> None:
    assert address("+8613800138000") == ("8613800138000", 1, 1)
    assert address("10690000") == ("10690000", 0, 1)
    assert address("MyBank") == ("MyBank", 5, 0)


def deliver(octets: bytes, **more: object) -> smpp34.DeliverSm:
    return smpp34.DeliverSm(
        "8613800138000",
        "10690000",
        octets,
        source_addr_ton=1,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("header", "piece"),
    [
        (bytes((0, 3, 7, 2, 1)), Piece(reference=7, total=2, number=1)),
        (bytes((8, 4, 1, 7, 3, 3)), Piece(reference=263, total=3, number=3)),
        (bytes((5, 4, 0, 1, 0, 2, 0, 3, 9, 2, 2)), Piece(reference=9, total=2, number=2)),
        (bytes((0, 3, 7, 2, 3)), None),
        (bytes((0, 3, 7, 1, 1)), None),
        (bytes((0, 9, 7)), None),
    ],
)
def test_a_header_says_which_part_it_is(header: bytes, piece: Piece | None) -> None:
    found = came(deliver(bytes((len(header),)) + header + b"text", esm_class=0x40))

    assert (found.piece, found.octets, found.number) == (piece, b"text", "+8613800138000")


def test_parts_by_parameters_and_a_long_payload() -> None:
    tags = ((0x020C, b"\0\x05"), (0x020E, b"\2"), (0x020F, b"\1"), (0x0424, b"long"))
    found = came(deliver(b"", tlvs=[smpp34.Tlv(tag, value) for tag, value in tags]))

    assert found.piece == Piece(reference=5, total=2, number=1)
    assert found.octets == b"long"


@pytest.mark.parametrize("octets", [b"", b"\x09abc"])
def test_a_header_longer_than_its_text_is_refused(octets: bytes) -> None:
    with pytest.raises(TextRefused, match="header"):
        came(deliver(octets, esm_class=0x40))


@pytest.mark.parametrize(
    ("coding", "octets", "text"),
    [
        (0x00, b"\x00\x1b\x65", "@€"),
        (0x01, b"plain", "plain"),
        (0x03, b"f\xfcr", "für"),
        (0x08, "余额😀".encode("utf-16-be"), "余额😀"),
        (0x0F, "余额".encode("gb18030"), "余额"),
        (0x18, "余额".encode("utf-16-be"), "余额"),
        (0xF1, b"abc", "abc"),
        (0x08, b"\x4f\x59\x98", "余�"),
    ],
)
def test_what_came_is_read_in_its_own_coding(coding: int, octets: bytes, text: str) -> None:
    assert wording(octets, coding, "gsm") == text


@pytest.mark.parametrize("coding", [0x02, 0x04, 0xF5, 0x14, 0x09])
def test_what_is_no_text_is_refused(coding: int) -> None:
    with pytest.raises(TextRefused, match="data_coding"):
        wording(b"\1\2", coding, "gsm")
