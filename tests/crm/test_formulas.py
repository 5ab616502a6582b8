import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.formulas import BEGINNINGS, neutral, plain

texts = st.text(st.sampled_from(["'", *BEGINNINGS, "1", "王"]), max_size=6)


@given(texts)
def test_what_was_marked_is_read_back_and_nothing_marked_can_run(text: str) -> None:
    assert plain(neutral(text)) == text
    assert not neutral(text).startswith(BEGINNINGS)


@pytest.mark.parametrize("text", ["=1+1", "+86138", "-2", "@SUM(A1)", "\tx", "＝1+1"])
def test_each_beginning_of_a_formula_is_marked(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["王伟", "O'Brien", "'t Hart", "a=b", ""])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert neutral(text) == plain(text) == text
