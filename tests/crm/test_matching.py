import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.matching import NOBODY, Candidate, Matched, compare, decide
from crm.numbers import Number, normalise


@pytest.mark.parametrize(
    ("caller", "stored", "sure"),
    [
        ("+8613800138000", "13800138000", 1.0),
        ("013800138000", "+86 138 0013 8000", 1.0),
        ("95588", "+8695588", 1.0),
        ("2001", "2001", 1.0),
        ("alice", "alice", 1.0),
        ("65529988", "65529988", 1.0),
        ("17951013800138000", "13800138000", 0.8),  # dialled by a carrier's prefix
        ("65529988", "+861065529988", 0.6),  # a PBX that leaves the area code out
        ("+861065529988", "65529988", 0.6),  # a spreadsheet that does
        ("5529988", "+861065529988", 0.4),
        ("+8613800138000", "+8613900138000", 0.0),  # alike at the end, and two people
        ("+442079460018", "+12079460018", 0.0),
        ("65529988", "+861065529989", 0.0),
        ("01065529988999", "65529988", 0.0),
        ("955880", "95588", 0.0),
        ("2001", "+861065522001", 0.0),
        ("alice", "bob", 0.0),
        ("Alice", "alice", 0.0),  # RFC 3261 §19.1.4: users are case-sensitive
        ("", "", 0.0),
        ("anonymous", "anonymous", 0.0),
    ],
)
def test_two_numbers_are_alike_only_as_far_as_they_say(
    caller: str, stored: str, sure: float
) -> None:
    assert compare(normalise(caller, "CN"), normalise(stored, "CN")) == sure


def candidates(*pairs: tuple[str, str]) -> list[Candidate]:
    return [Candidate(customer, normalise(number, "CN")) for customer, number in pairs]


@pytest.mark.parametrize(
    ("stored", "matched"),
    [
        ([], NOBODY),
        ([("wang", "13900139000")], NOBODY),
        ([("wang", "13800138000")], Matched(("wang",), 1.0)),
        ([("wang", "13800138000"), ("wang", "8613800138000")], Matched(("wang",), 1.0)),
        (
            [("zhang", "13800138000"), ("li", "+8613800138000")],
            Matched(("zhang", "li"), 1.0),
        ),
        ([("old", "0138000"), ("wang", "13800138000")], Matched(("wang",), 1.0)),
        ([("old", "0138000"), ("wang", "13900139000")], Matched(("old",), 0.4)),
    ],
)
def test_the_customers_most_like_the_caller_are_the_match(
    stored: list[tuple[str, str]], matched: Matched
) -> None:
    assert decide(normalise("+8613800138000", "CN"), candidates(*stored)) == matched


numbers = st.text("0123456789", max_size=15).map(lambda digits: normalise(digits, "CN"))


@given(numbers, numbers)
def test_likeness_is_mutual_and_certain_only_of_the_same(one: Number, other: Number) -> None:
    assert compare(one, other) == compare(other, one)
    assert (compare(one, other) == 1.0) == (one == other and bool(one.text))
