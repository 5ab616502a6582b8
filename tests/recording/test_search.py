"""What a search of recordings may say, and what is refused, by the field's name."""

from typing import Any

import pytest
from pydantic import ValidationError

from recording.search import NumberPattern, RecordingSearch, nodes_in, number_pattern


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("+86 138-0013-8000", NumberPattern("whole", "+8613800138000")),
        ("95599", NumberPattern("whole", "95599")),
        ("+86138*", NumberPattern("beginning", "+86138")),
        ("*8000", NumberPattern("end", "8000")),
    ],
)
def test_a_number_is_whole_or_a_part_with_a_star(text: str, pattern: NumberPattern) -> None:
    assert number_pattern(text) == pattern


@pytest.mark.parametrize(
    "text", ["", "*", "wang", "*800", "+86*", "1*2", "*138*", "*+8000", "9" * 40]
)
def test_what_is_no_number_or_would_let_one_be_guessed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be|needed|no number"):
        number_pattern(text)


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("number", {"number": "nobody"}),
        ("dialled", {"dialled": "*8000"}),
        ("since", {"since": "1600-01-01T00:00:00Z"}),
        ("before", {"since": "2026-02-01T00:00:00Z", "before": "2026-01-01T00:00:00Z"}),
        ("longest", {"shortest": 60, "longest": 59}),
        ("shortest", {"shortest": "nan"}),
        ("rating_to", {"rating_to": 11}),
        ("rating_to", {"rating_from": 4, "rating_to": 3}),
        ("kind", {"kind": "song"}),
        ("path", {"path": "menu>>sales"}),
        ("notes", {"notes": "  "}),
        ("agent_id", {"agent_id": "a" * 65}),
        ("queue", {"queue": "a\x07b"}),
        ("anything", {"anything": 1}),
    ],
)
def test_nonsense_is_refused_by_the_fields_name(field: str, told: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        RecordingSearch.model_validate(told)

    assert field in str(refused.value)


def test_a_path_is_nodes_in_their_order() -> None:
    assert nodes_in("language > menu>sales") == ["language", "menu", "sales"]
