"""Whether a person may be erased now, and how they are recognised in what is no record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.erasure import DONE, STEPS, ErasureRefused, Likeness, Subject, after, check

LI = Subject(
    customer_ids=["c1"],
    names=["李娜", "Li Na"],
    numbers=[("international", "+8613800138000"), ("short", "2001")],
    addresses=["li@example.org"],
    external_ids=["CUST-4711", "17"],
    contact_ids=["contact1"],
)
LIKE = Likeness(LI, "CN")


def test_a_hold_is_named_before_anything_that_passes_by_itself() -> None:
    with pytest.raises(ErasureRefused, match=r"legal hold .* contact \(a court\)"):
        check(live=["contact1"], recording=["r1"], holds=[("contact", "a court")])
    with pytest.raises(ErasureRefused, match="under way: contact1"):
        check(live=["contact1"], recording=["r1"], holds=[])
    with pytest.raises(ErasureRefused, match="still being written: r1"):
        check(live=[], recording=["r1"], holds=[])
    with pytest.raises(ErasureRefused, match="being imported: import1"):
        check(live=[], recording=[], holds=[], importing=["import1"])
    check(live=[], recording=[], holds=[])


def test_the_steps_lead_from_files_that_could_make_the_person_anew_to_the_end() -> None:
    way = [STEPS[0]]
    while way[-1] != DONE:
        way.append(after(way[-1]))

    assert way == ["imports", "records", "recordings", "events", "answers", "space", "done"]


@pytest.mark.parametrize(
    "cells",
    [
        ["x", "138 0013 8000"],
        ["+86 (138) 0013-8000", ""],
        ["王伟", "010-62345678; 13800138000"],
        ["LI@Example.org"],
        ["李娜", "", "12abc"],
        [" li na "],
        ["CUST-4711"],
    ],
)
def test_a_row_is_theirs_by_what_they_are_reached_by_or_by_a_name_that_is_nobody_elses(
    cells: list[str],
) -> None:
    assert LIKE.in_row(cells)


@pytest.mark.parametrize(
    "cells",
    [
        ["李娜", "13900139000"],  # a namesake
        ["李娜", "na@example.org"],
        ["王伟", "13800138001"],
        ["17", "2001"],  # too short to tell of whom
        ["李娜芳"],
        [],
    ],
)
def test_a_row_that_speaks_of_somebody_else_is_not_theirs(cells: list[str]) -> None:
    assert not LIKE.in_row(cells)


def test_a_document_is_theirs_by_an_id_too() -> None:
    assert LIKE.in_text('{"contact_id": "contact1"}')
    assert LIKE.in_text("for Li  Na, or LI NA")
    assert not LIKE.in_text('{"contact_id": "contact2", "number": "+8613900139000"}')


@given(st.lists(st.text(max_size=30), max_size=6))
def test_nothing_in_a_file_can_trouble_the_search(cells: list[str]) -> None:
    LIKE.in_row(cells)
    LIKE.in_text(" ".join(cells))
