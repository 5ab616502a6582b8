import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.numbers import LONGEST, WITHHELD, Number, NumberKind, mask, normalise, spellings

INTERNATIONAL, LOCAL = NumberKind.INTERNATIONAL, NumberKind.LOCAL
SHORT, NAME = NumberKind.SHORT, NumberKind.NAME


@pytest.mark.parametrize(
    "shown",
    [
        "+8613800138000",
        "013800138000",
        "13800138000",
        "8613800138000",
        "008613800138000",
        "+86013800138000",
        "+86 138-0013-8000",
        " 138 0013 8000 ",
        "(+86) 138.0013.8000",
        "＋８６１３８００１３８０００",
        "\u202a+8613800138000\u202c",  # copied from a contacts app, with its direction marks
        "+86\u00a0138\u20110013\u20118000",
        "sip:+8613800138000@192.0.2.7:5060;user=phone",
        "SIPS:13800138000@trunk.example",
        "sip:%2B8613800138000;npdi=yes@trunk.example",
        '"王 <VIP>" <sip:13800138000@trunk.example>;tag=1',
        "tel:+86-138-0013-8000",
        "13800138000@trunk.example",
    ],
)
def test_a_mobile_number_has_one_form_however_it_is_shown(shown: str) -> None:
    assert normalise(shown, "CN") == Number(INTERNATIONAL, "+8613800138000")


@pytest.mark.parametrize(
    ("shown", "region", "number"),
    [
        ("010-65529988", "CN", Number(INTERNATIONAL, "+861065529988")),
        ("(0755) 8376 5566", "CN", Number(INTERNATIONAL, "+8675583765566")),
        ("75583765566", "CN", Number(INTERNATIONAL, "+8675583765566")),  # a spreadsheet ate the 0
        ("4008001234", "CN", Number(INTERNATIONAL, "+864008001234")),
        ("0012025550123", "CN", Number(INTERNATIONAL, "+12025550123")),
        ("12025550123", "CN", Number(INTERNATIONAL, "+12025550123")),  # E.164 without its plus
        ("+44 (0)20 7946 0018", "CN", Number(INTERNATIONAL, "+442079460018")),
        ("(202) 555-0123", "US", Number(INTERNATIONAL, "+12025550123")),
        ("020 7946 0018", "GB", Number(INTERNATIONAL, "+442079460018")),
        ("01185221234567", "US", Number(INTERNATIONAL, "+85221234567")),
        ("65529988", "CN", Number(LOCAL, "65529988")),
        ("17951013800138000", "CN", Number(LOCAL, "17951013800138000")),  # by a carrier's prefix
        ("+99999999999999", "CN", Number(LOCAL, "99999999999999")),
        ("95588", "CN", Number(SHORT, "95588")),
        ("+8695588", "CN", Number(SHORT, "95588")),
        ("10086", "CN", Number(SHORT, "10086")),
        ("110", "CN", Number(SHORT, "110")),
        ("2001", "CN", Number(SHORT, "2001")),
        ("alice", "CN", Number(NAME, "alice")),
        ("sip:alice@example.com", "CN", Number(NAME, "alice")),
        ("sip:alice:secret@example.com", "CN", Number(NAME, "alice")),
        ("sip:李雷@example.com", "CN", Number(NAME, "李雷")),
        ("*72", "CN", Number(NAME, "*72")),
        ("1.38E+10", "CN", Number(NAME, "1.38E+10")),  # what a spreadsheet makes of a number
        ("+", "CN", Number(NAME, "+")),
        ("0", "CN", Number(SHORT, "0")),
        ("", "CN", WITHHELD),
        ("   ", "CN", WITHHELD),
        ("\0\r\n", "CN", WITHHELD),
        ("sip:", "CN", WITHHELD),
        ("Anonymous", "CN", WITHHELD),
        ('"Anonymous" <sip:anonymous@anonymous.invalid>', "CN", WITHHELD),  # RFC 3323 §4.1.1.3
        ("unknown", "CN", WITHHELD),
        ("匿名", "CN", WITHHELD),
        ("13800138000", "XX", Number(LOCAL, "13800138000")),  # no such region
        ("+8613800138000", "XX", Number(INTERNATIONAL, "+8613800138000")),
    ],
)
def test_every_number_has_a_defined_form(shown: str, region: str, number: Number) -> None:
    assert normalise(shown, region) == number


@given(st.text(), st.sampled_from(["CN", "US", "GB", "XX", ""]))
def test_whatever_is_shown_has_a_form_that_can_be_stored(shown: str, region: str) -> None:
    number = normalise(shown, region)

    assert len(number.text) <= LONGEST
    assert number.text.isprintable()
    number.text.encode()


@given(st.text("+0123456789", max_size=20))
def test_the_form_of_a_form_is_itself(shown: str) -> None:
    number = normalise(shown, "CN")
    if number.kind in {INTERNATIONAL, SHORT, NAME}:
        assert normalise(number.text, "CN") == number


@pytest.mark.parametrize(
    ("number", "region", "ways"),
    [
        (
            *("+8613800138000", "CN"),
            ("+8613800138000", "8613800138000", "008613800138000", "13800138000", "013800138000"),
        ),
        ("+493090182", "CN", ("+493090182", "493090182", "00493090182")),
        ("95588", "CN", ("95588",)),
        ("alice", "CN", ("alice",)),
        ("", "CN", ("",)),
    ],
)
def test_a_number_is_looked_for_as_carriers_send_it(
    number: str, region: str, ways: tuple[str, ...]
) -> None:
    assert set(spellings(normalise(number, region), region)) == set(ways)


@given(st.text("+0123456789", max_size=20), st.sampled_from(["CN", "DE", "US"]))
def test_whichever_way_it_is_sent_it_is_the_same_number(shown: str, region: str) -> None:
    number = normalise(shown, region)
    first, *others = spellings(number, region)
    assert first == number.text
    assert all(normalise(way, region) == number for way in others)


def test_a_megabyte_is_not_looked_at() -> None:
    assert len(normalise("9" * 1_000_000, "CN").text) == LONGEST


@pytest.mark.parametrize(
    ("shown", "tail"),
    [
        ("+8613800138000", "0138000"),
        ("65529988", "5529988"),
        ("95588", None),
        ("alice", None),
        ("13800138000x", None),
        ("", None),
    ],
)
def test_only_a_long_number_has_a_tail(shown: str, tail: str | None) -> None:
    assert normalise(shown, "CN").tail == tail


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+8613800138000", "**********8000"),
        ("138 0013 8000", "*******8000"),
        ("95588", "95588"),
        ("alice", "a***"),
        ("", ""),
    ],
)
def test_a_log_shows_no_more_than_the_end_of_a_number(number: str, masked: str) -> None:
    assert mask(number) == masked
