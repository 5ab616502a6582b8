"""Mail addresses have one form, whichever way it is found."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from crm.contact_points import LONGEST, Address, address
from crm.errors import InvalidField

LOCAL = st.text("ab0._+-A'ü\" <@", max_size=8)
DOMAIN = st.sampled_from(
    (
        *("example.com", "Example.COM", "xn--fiq228c.com", "中文.com", "x", "a..b", "-a.com", ""),
        *(
            "[192.0.2.1]",
            "b<c>",
            "example.com.",
            "a b.com",
            "x@example.com",
            "ＱＱ.com",
            "bücher.de",
        ),
    )
)


def by_the_library(text: str) -> Address | None:
    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    key = f"{found.local_part}@{found.ascii_domain}".casefold()
    return Address("mail", key, found.normalized)


def by_us(text: str) -> Address | None:
    try:
        return address("mail", text)
    except InvalidField:
        return None


@given(LOCAL, DOMAIN)
def test_an_address_is_as_the_library_has_it(local: str, domain: str) -> None:
    text = f"{local}@{domain}".strip()
    assert by_us(text) == by_the_library(text)


@pytest.mark.parametrize("text", ["info@example.com", "INFO@Example.com", "a.b+c@xn--fiq228c.com"])
def test_a_second_address_of_a_domain_is_as_the_first(text: str) -> None:
    assert by_us(text) == by_us(text) == by_the_library(text)
    assert by_us(text) is not None


def test_one_character_more_is_too_long() -> None:
    domain = ".".join(["d" * 60] * 4)
    local = "a" * (LONGEST - len(domain) - 1)
    assert by_us(f"{local}@{domain}") == by_the_library(f"{local}@{domain}")
    assert by_us(f"{local}a@{domain}") is by_the_library(f"{local}a@{domain}") is None
