import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.expressions import FUNCTIONS, LONGEST, Expression, ExpressionFailed
from ivr.texts import SayAs, Slot, Value, filled, pieces, written


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("您好。", ["您好。"]),
        ("您的余额是{balance:money}。", ["您的余额是", Slot("balance", SayAs.MONEY)]),
        (
            "{name}, you have {tickets:number} open tickets.",
            [
                Slot("name", SayAs.TEXT),
                ", you have",
                Slot("tickets", SayAs.NUMBER),
                "open tickets.",
            ],
        ),
        ("{code:letters}{day:date}", [Slot("code", SayAs.LETTERS), Slot("day", SayAs.DATE)]),
    ],
)
def test_a_spoken_text_is_what_is_known_beforehand_and_places_for_values(
    text: str, parts: list[str | Slot]
) -> None:
    assert pieces(text) == tuple(parts)


def test_a_way_of_saying_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="'moneyy' is no way to say a value; there are digits, "):
        pieces("{balance:moneyy}")


def test_what_nobody_knows_is_empty_and_numbers_are_as_people_write_them() -> None:
    values: dict[str, Value] = {"a": 3.0, "b": 12.5, "c": True, "d": 7, "e": "x{a}"}

    assert filled("{a} {b} {c} {d} {e} {f}.", values) == "3 12.5 true 7 x{a} ."
    assert written(1e22) == "10000000000000000000000"


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('tier == "gold" && tries < 3', True),
        ('tier in ["silver", "platinum"] || tries >= 2', True),
        ("tries + 1", 3),
        ('number.startsWith("138") ? "mobile" : "fixed"', "mobile"),
        ("int(number) > 13", True),
        ("size(nobody) == 0", True),
        ("number.matches('^[0-9]{11}$')", True),
        ("double(tries) / 4.0", 0.5),
        ("string(tries) + ' // tries.map(x)'", "2 // tries.map(x)"),
        ('tier.contains("ol") && tier.endsWith("ld") && size(tier) == 4', True),
        ('{"gold": 9, "silver": 5}[tier]', 9),
    ],
)
def test_an_expression_sees_the_values_that_it_names(source: str, value: object) -> None:
    values: dict[str, Value] = {"tier": "gold", "tries": 2, "number": "13800001111"}

    assert Expression(source).value(values) == value


def test_an_expression_says_which_values_it_asks_for() -> None:
    assert Expression('tier == "gold" && tries + other > 3').names == ("other", "tier", "tries")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("tier ==", "'tier ==' is not an expression: "),
        ("", "'' is not an expression: "),
        ("print(tier)", "'print\\(tier\\)': no function 'print'; there are contains, "),
        ("[1, 2].map(x, x)", "map is not for flows"),
        ("[1, 2].existsOne(x, true)", "existsOne is not for flows"),
        ("[1, 2]. \n filter(x, x > 1)", "filter is not for flows"),
        ("[1, 2].//\nmap(x, x)", "// is not for flows"),
        ("customer.tier == 'gold'", "tier is not for flows"),
        ("r'\\' == tier", "r' is not for flows"),
        ('"""x""" == tier', '""" is not for flows'),
        ("bool('true')", "no function 'bool'"),
        ("a" * (LONGEST + 1), f"is longer than {LONGEST} characters"),
    ],
)
def test_what_is_no_expression_is_refused_with_the_reason(source: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Expression(source)


@pytest.mark.parametrize(
    "source",
    [
        "tries / 0",
        "tier + 1",
        "int(tier)",
        "[tries]",
        "9223372036854775807 + tries",
        "{'silver': 5}[tier]",
        "[1][tries]",
        "1 + 1.5",
        " + ".join(["long"] * 60),
    ],
)
def test_what_cannot_be_calculated_is_said(source: str) -> None:
    with pytest.raises(ExpressionFailed, match="': "):
        Expression(source).value({"tier": "gold", "tries": 2, "long": "x" * 20})


@pytest.mark.parametrize("source", ["tries", "tier", "nobody"])
def test_a_condition_is_true_or_false_and_nothing_else(source: str) -> None:
    with pytest.raises(ExpressionFailed, match="neither true nor false"):
        Expression(source).holds({"tier": "gold", "tries": 2})


SIGNS = '1 2.5 "x" ( ) == < && ! + / [ ] . ? :'
WORDS = st.sampled_from(["tier", "tries", *SIGNS.split(), *sorted(FUNCTIONS)])


@given(st.lists(WORDS, max_size=12), st.text(max_size=5), st.integers())
def test_whatever_is_written_it_is_refused_fails_or_has_a_plain_value(
    words: list[str], tier: str, tries: int
) -> None:
    try:
        expression = Expression(" ".join(words))
        value = expression.value({"tier": tier, "tries": tries})
    except (ValueError, ExpressionFailed):
        return
    assert isinstance(value, str | int | float | bool)
