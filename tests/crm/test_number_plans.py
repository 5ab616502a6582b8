"""What is told at once is what the library finds out."""

import random

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm.number_plans import complete_at_once

ALONE = ("CN", "DE", "FR", "JP", "IN", "BR", "MX", "AR", "SG", "HK", "TH", "VN", "PL", "ES")
SHARED = ("US", "GB", "RU", "IT")
DIGITS = st.text("0123456789", min_size=1, max_size=15)


def by_the_library(number: str, region: str) -> str | None:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def example_of(region: str, kind: int) -> str:
    number = phonenumbers.example_number_for_type(region, kind)
    return str(phonenumbers.national_significant_number(number)) if number else ""


@given(
    region=st.sampled_from((*ALONE, *SHARED)),
    kind=st.sampled_from(range(11)),
    front=st.sampled_from(("", "+", "0", "00", "+86", "86", "1", "17951", "0086", "011", "+49")),
    own=st.booleans(),
    places=st.lists(st.tuples(st.integers(0, 14), st.sampled_from("0123456789")), max_size=3),
    behind=st.text("0123456789", max_size=2),
)
@example(region="CN", kind=1, front="", own=False, places=[], behind="")
def test_it_says_nothing_that_the_library_does_not(
    region: str,
    kind: int,
    front: str,
    own: bool,
    places: list[tuple[int, str]],
    behind: str,
) -> None:
    digits = list(example_of(region, kind))
    for place, digit in places:
        digits[place : place + 1] = digit
    code = str(phonenumbers.country_code_for_region(region)) if own else ""
    number = front + code + "".join(digits) + behind
    assert complete_at_once(number, region) in {None, by_the_library(number, region)}


@given(DIGITS, st.sampled_from(ALONE))
def test_any_digits_are_as_the_library_has_them(digits: str, region: str) -> None:
    for number in (digits, f"+{digits}"):
        assert complete_at_once(number, region) in {None, by_the_library(number, region)}


def test_mobile_numbers_of_china_are_told_at_once() -> None:
    chance = random.Random(3)
    for _ in range(200):
        number = f"13{chance.randrange(10**9):09}"
        assert complete_at_once(number, "CN") == f"+86{number}"
        assert complete_at_once(f"+86{number}", "CN") == f"+86{number}"


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("13800138000", "XX"),
        ("2025550123", "US"),  # Canada has its code, too
        ("8613800138000", "CN"),
        ("008613800138000", "CN"),
        ("02155667788", "CN"),
        ("+12025550123", "CN"),
        ("12593138001380", "CN"),
        ("", "CN"),
        ("+", "CN"),
    ],
)
def test_what_may_have_something_in_front_is_left_to_the_library(number: str, region: str) -> None:
    assert complete_at_once(number, region) is None
