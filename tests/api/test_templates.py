"""Templates over REST: kept in versions, tried out as drafts, filled with values."""

from typing import Any

import pytest

from .asking import asking
from .conftest import Centre

DUE: dict[str, Any] = {
    "labels": {"zh": "账单提醒", "en": "Bill"},
    "channel": "sms",
    "body": {
        "zh": "{{ name }}您好,{{ due }}应于{{ day }}前付清。",
        "en": "Dear {{ name }}, {{ due }} is due on {{ day }}.{% if late %} It is late.{% endif %}",
    },
    "variables": [
        {"name": "name", "example": "Li"},
        {"name": "due", "type": "money", "example": 1234.5},
        {"name": "day", "type": "date", "example": "2026-11-22"},
        {"name": "late", "type": "truth", "example": True},
    ],
}
VALUES = {"name": "Wang", "due": 20, "day": "2026-12-01", "late": False}


async def test_a_template_is_kept_filled_changed_and_rolled_back(centre: Centre) -> None:
    sun, li = asking(centre, "sun"), asking(centre, "li")
    created = await sun("POST", "templates", DUE)
    assert created.status == 201, created.body
    path = f"templates/{created.body['id']}"
    filled = await li("POST", f"{path}/render", {"language": "en", "values": VALUES})
    assert filled.body == {
        "subject": None,
        "body": "Dear Wang, 20.00 CNY is due on 1 December 2026.",
        "over_the_air": {"coding": "gsm", "parts": 1},
    }
    chinese = await li("POST", f"{path}/render", {"language": "zh", "values": VALUES})
    assert chinese.body["body"] == "Wang您好,20.00元应于2026年12月1日前付清。"
    assert chinese.body["over_the_air"] == {"coding": "ucs2", "parts": 1}

    lacking = await li("POST", f"{path}/render", {"language": "en", "values": {"name": "Wang"}})
    assert (lacking.status, "values.due: is missing" in str(lacking.body)) == (422, True)
    wrong = {"language": "en", "values": VALUES | {"day": "tomorrow"}}
    assert "values.day" in str((await li("POST", f"{path}/render", wrong)).body)
    strange = {"language": "en", "values": VALUES | {"sum": 1}}
    assert "values.sum" in str((await li("POST", f"{path}/render", strange)).body)

    longer = DUE | {"body": {"zh": DUE["body"]["zh"] * 8, "en": DUE["body"]["en"]}}
    changed = await sun("PATCH", path, {"version": created.body["version"], "definition": longer})
    assert changed.status == 200, changed.body
    in_parts = await li("POST", f"{path}/render", {"language": "zh", "values": VALUES})
    assert in_parts.body["over_the_air"] == {"coding": "ucs2", "parts": 4}
    back = {"version": changed.body["version"], "to": created.body["version"]}
    await sun("POST", f"{path}/roll-back", back)
    assert (await li("GET", path)).body["definition"]["body"] == DUE["body"]
    assert len((await sun("GET", f"{path}/versions")).body["items"]) == 3
    assert (await li("POST", "templates", DUE)).status == 403


async def test_a_draft_is_tried_out_with_its_examples_and_tells_what_is_missing(
    centre: Centre,
) -> None:
    sun = asking(centre, "sun")
    tried = (await sun("POST", "templates/preview", {"definition": DUE})).body
    assert (tried["wrong"], tried["missing"]) == (None, [])
    assert tried["rendered"]["en"]["body"] == (
        "Dear Li, 1,234.50 CNY is due on 22 November 2026. It is late."
    )
    assert tried["rendered"]["zh"]["over_the_air"] == {"coding": "ucs2", "parts": 1}
    lacking = {"definition": DUE, "values": {"name": "Li", "late": True}}
    body = (await sun("POST", "templates/preview", lacking)).body
    assert body == {"wrong": None, "missing": ["due", "day"], "rendered": {}}
    assert (await sun("GET", "templates")).body == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"body": {"zh": "{{ name", "en": "x"}}, "body.zh: is no template"),
        ({"body": DUE["body"] | {"en": "{{ other }}"}}, "body.en: other is not among"),
        ({"body": DUE["body"] | {"en": "{{ " + "9" * 5000 + " }}"}}, "body.en: is no template"),
        ({"body": DUE["body"] | {"en": "{{ 0x" + "f" * 5000 + " }}"}}, "body.en: is no template"),
        ({"body": {"zh": "好", "en": "{{ name }}"}}, "variables: day is used nowhere"),
        ({"body": DUE["body"] | {"en": "{{ name.x }} {{ due }}"}}, "body.en: 'x'"),
        ({"body": DUE["body"] | {"en": "{{ late }}"}}, "a yes or no is for conditions"),
        ({"channel": "email"}, "subject: a mail has one"),
        ({"subject": {"zh": "a", "en": "b"}}, "subject: a mail has one"),
        (
            {"variables": [*DUE["variables"][:3], {"name": "late", "type": "truth", "example": 1}]},
            "example.late: must be true or false",
        ),
    ],
)
async def test_a_template_that_could_not_be_filled_is_refused(
    centre: Centre, change: dict[str, Any], why: str
) -> None:
    refused = await asking(centre, "sun")("POST", "templates", DUE | change)
    assert refused.status == 422
    assert why in str(refused.body), refused.body


async def test_a_draft_that_could_not_be_kept_is_told_why_and_that_is_no_failure(
    centre: Centre,
) -> None:
    sun = asking(centre, "sun")
    begun = DUE | {"body": DUE["body"] | {"en": "Dear {{ na"}}
    tried = await sun("POST", "templates/preview", {"definition": begun})
    assert tried.status == 200, tried.body
    assert tried.body["wrong"]["field"] == "body.en"
    assert tried.body["wrong"]["rule"].startswith("is no template")
    assert (tried.body["missing"], tried.body["rendered"]) == ([], {})
    strange = {"definition": DUE, "values": VALUES | {"sum": 1}}
    assert (await sun("POST", "templates/preview", strange)).status == 422


async def test_a_mails_subject_is_one_line_whatever_its_values_are(centre: Centre) -> None:
    sun = asking(centre, "sun")
    mail = DUE | {"channel": "email", "subject": {"zh": "{{ name }}", "en": "For {{ name }}"}}
    created = await sun("POST", "templates", mail)
    values = VALUES | {"name": "Wang\r\nBcc: all@example.org"}
    wanted = {"language": "en", "values": values}
    filled = await sun("POST", f"templates/{created.body['id']}/render", wanted)
    assert filled.body["subject"] == "For Wang Bcc: all@example.org"
