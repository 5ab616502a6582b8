"""What a number leads to, by who calls and what was dialled at first."""

from typing import Any

import pytest
from pydantic import ValidationError

from config.numbers import NumberSettings
from cti_server.calls.dialled_numbers import DialledNumbers, e164

DID = "+8675582001000"
RULES: list[dict[str, Any]] = [
    {"caller": "+86571", "original": "+8675583", "queue": "both"},
    {"caller": "+86571", "queue": "hangzhou"},
    {"caller": "withheld", "queue": "unnamed"},
    {"caller": "20", "queue": "inside"},
    {"original": "+8675583", "queue": "diverted"},
]


def led(dialled: str, caller: str = "13800138000", original: str = "") -> str | None:
    numbers = DialledNumbers(
        {
            DID: NumberSettings.model_validate({"queue": "sales", "when": RULES}),
            "1000": NumberSettings(queue="short"),
        },
        "CN",
    )
    leads_to = numbers.leads_to(dialled, caller, original)
    return None if leads_to is None else leads_to.queue


@pytest.mark.parametrize(
    "dialled",
    [DID, "8675582001000", "075582001000", "008675582001000", "75582001000", "0755-8200 1000"],
)
def test_a_number_is_ours_however_the_trunk_writes_it(dialled: str) -> None:
    assert led(dialled) == "sales"


@pytest.mark.parametrize(("dialled", "queue"), [("1000", "short"), ("1001", None), ("", None)])
def test_a_short_number_is_ours_as_it_is_written_only(dialled: str, queue: str | None) -> None:
    assert led(dialled) == queue


@pytest.mark.parametrize(
    ("caller", "original", "queue"),
    [
        ("057187654321", "", "hangzhou"),
        ("+8657187654321", "075583000000", "both"),
        ("anonymous", "", "unnamed"),
        ("", "", "unnamed"),
        ("2001", "", "inside"),
        ("ann", "", "sales"),
        ("13800138000", "075583000000", "diverted"),
        ("13800138000", "4008001234", "sales"),
    ],
)
def test_the_first_rule_that_fits_leads_on(caller: str, original: str, queue: str) -> None:
    assert led(DID, caller, original) == queue


def test_what_is_no_whole_number_has_no_such_form() -> None:
    shown = ["13800138000", "+8613800138000", "95588", "2001", "anonymous", "ann", "1234567890123"]
    assert [e164(one, "CN") for one in shown] == [*["+8613800138000"] * 2, *[""] * 5]


@pytest.mark.parametrize(
    "wrong",
    [
        {"queue": "a", "when": [{"queue": "b"}]},
        {"queue": "a", "when": [{"caller": "+86"}]},
        {"queue": "a", "when": [{"caller": "0755-", "queue": "b"}]},
    ],
)
def test_a_rule_that_says_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NumberSettings.model_validate(wrong)
