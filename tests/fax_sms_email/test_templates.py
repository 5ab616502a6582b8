"""Templates: what may stand in them, and what becomes of it."""

from typing import Any

import pytest

from fax_sms_email.fax.markdown import escaped
from fax_sms_email.templates import LONGEST, Language, TemplateInvalid, listed

ENGLISH = Language({"money": lambda value: f"{value:,.2f} CNY", "listed": listed(", ")})


def filled(text: str, usual: dict[str, str] | None = None, **values: Any) -> str:
    return ENGLISH.filled(text, values, usual or {})


def test_values_are_written_as_their_kind_or_as_the_text_says() -> None:
    usual = {"due": "money", "parts": "listed"}
    assert filled("You owe {{ due }}.", usual, due=1234.5) == "You owe 1,234.50 CNY."
    assert filled("{{ name | upper }}: {{ parts }}", usual, name="li", parts=["a", "b"]) == (
        "LI: a, b"
    )


def test_conditions_and_loops_are_those_of_what_is_given() -> None:
    text = "{% if due > 100 %}A lot{% else %}Little{% endif %}"
    assert [filled(text, {"due": "money"}, due=due) for due in (99, 101)] == ["Little", "A lot"]
    loop = (
        "{% for one in parts %}{{ loop.index }} {{ one }}"
        "{% if not loop.last %}; {% endif %}{% endfor %}"
    )
    assert filled(loop, parts=["a", "b"]) == "1 a; 2 b"
    assert ENGLISH.names(loop + text) == {"parts", "due"}


ROWS = [{"day": "1", "sum": 1234.5, "of": None}, {"day": "2", "sum": 1, "of": "x"}]


def test_a_table_is_gone_through_by_its_rows_and_their_cells() -> None:
    text = "{% for row in rows %}{{ row.day }} {{ row.sum | money }} {{ row.of }};{% endfor %}"
    assert filled(text, rows=ROWS) == "1 1,234.50 CNY ;2 1.00 CNY x;"
    dear = "{% for row in rows %}{% if row.sum > 100 %}{{ row.day }}{% endif %}{% endfor %}"
    assert filled(dear, rows=ROWS) == "1"
    assert ENGLISH.names(text) == {"rows"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{% for row in rows %}{{ row.items }}{% endfor %}", "no column 'items'"),
        ("{% for row in rows %}{{ row.day.upper }}{% endfor %}", "no attributes"),
        ("{% for row in rows %}{{ other.day }}{% endfor %}", "no attributes"),
        ("{% for row in parts %}{{ row.upper }}{% endfor %}", "only rows of a table have cells"),
        ("{% for row in rows %}x{% endfor %}{{ row.day }}", "no attributes"),
    ],
)
def test_a_row_has_its_cells_and_nothing_else(text: str, why: str) -> None:
    with pytest.raises(TemplateInvalid, match=why):
        filled(text, rows=ROWS, parts=["a"], other={"day": 1})


def test_values_are_escaped_where_signs_mean_something_and_the_text_is_not() -> None:
    paper = Language(ENGLISH.ways, escaped)
    text = (
        "# {{ name }}\n{% for row in rows %}| {{ row.of }} | {{ row.sum | money }} |\n{% endfor %}"
    )
    values: dict[str, Any] = {"name": "*Li*\n# x", "rows": [{"of": "a|b", "sum": 1}]}
    assert paper.filled(text, values, {}) == "# \\*Li\\* \\# x\n| a\\|b | 1\\.00 CNY |\n"


def test_what_is_in_a_value_is_no_template() -> None:
    assert filled("{{ name }}", name="{{ due }}<b>") == "{{ due }}<b>"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ name", "is no template"),
        ("{{ " + "9" * 5000 + " }}", "is no template"),
        ("{{ name.upper() }}", "not for templates"),
        ("{{ name.__class__ }}", "values have no attributes"),
        ("{{ name['x'] }}", "not for templates"),
        ("{{ 'a' * 1000000000 }}", "not for templates"),
        ("{% for i in range(1000000000) %}x{% endfor %}", "one list that is given"),
        ("{% for a in parts %}{% for b in parts %}x{% endfor %}{% endfor %}", "within a loop"),
        ("{% for a in name %}x{% endfor %}", "no list to go through"),
        ("{% set x = name %}", "not for templates"),
        ("{% macro x() %}{% endmacro %}", "not for templates"),
        ("{% include 'x' %}", "not for templates"),
        ("{{ name | attr('x') }}", "each by its name alone"),
        ("{{ name is defined }}", "is no template|not for templates"),
        ("{{ other }}", "cannot be filled"),
        ("{% if name > 1 %}x{% endif %}", "cannot be filled"),
        ("{{ " + "(" * 9000 + "name" + ")" * 9000 + " }}", "too deep"),
        ("{% if name %}" * 15 + "x" + "{% endif %}" * 15, "too deep"),
        ("{% for a in parts %}" + "x" * LONGEST + "{% endfor %}", "longer than"),
        ("{{ 0x" + "f" * 5000 + " }}", "cannot be filled"),
    ],
)
def test_what_may_not_stand_in_one_is_refused(text: str, why: str) -> None:
    with pytest.raises(TemplateInvalid, match=why):
        filled(text, name="li", parts=["a", "b"])


def test_a_number_longer_than_python_writes_is_refused_where_names_are_looked_for() -> None:
    with pytest.raises(TemplateInvalid, match="is no template"):
        ENGLISH.names("{{ 0x" + "f" * 5000 + " }}")


@pytest.mark.parametrize(
    "condition",
    [
        "(" + " ~ ".join(["one"] * 20) + ") | upper | upper | upper == 'X'",
        "(one | upper | trim | lower | upper | trim or one) == 'X'",
        "long ~ one ~ one == 'X'",
        "one in long",
        "one not in long",
    ],
)
def test_conditions_make_no_more_of_long_values_than_is_worth_it(condition: str) -> None:
    text = f"{{% for one in parts %}}{{% if {condition} %}}x{{% endif %}}{{% endfor %}}"
    assert filled(text, parts=["a", "b"], long="c") in ("", "xx")
    with pytest.raises(TemplateInvalid, match="makes too much of its values"):
        filled(text, parts=["a" * 2000] * 50, long="a" * 2000)


def test_what_is_compared_as_it_is_may_be_long() -> None:
    text = "{% for one in parts %}{% if one == long or one in 'b' %}x{% endif %}{% endfor %}"
    assert filled(text, parts=["a" * 2000] * 50, long="a" * 2000) == "x" * 50
