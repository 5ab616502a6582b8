"""Ticket types, reasons and working calendars over HTTP."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from cti_server.tickets import shipped

from .asking import Asking, asking
from .conftest import Centre


@pytest.fixture
async def sun(centre: Centre) -> Asking:
    """An administrator of a centre with the shipped types."""
    parts = centre.parts
    await shipped.load(parts.changes, parts.clock.now(), parts.new_id)
    return asking(centre, "sun")


async def definition(sun: Asking, type_id: str = "enquiry") -> dict[str, Any]:
    answer = await sun("GET", f"ticket-types/{type_id}")
    return dict(copy.deepcopy(answer.body["definition"]))


async def test_the_shipped_types_have_names_in_both_languages(sun: Asking) -> None:
    found = (await sun("GET", "ticket-types")).body

    assert {one["id"]: one["definition"]["labels"]["zh"] for one in found} == {
        "complaint": "投诉",
        "enquiry": "咨询",
        "fault": "故障申报",
        "problem": "问题申告",
        "suggestion": "建议",
    }
    assert [one["id"] for one in found if one["definition"]["risk"]] == ["problem"]


async def test_a_type_is_defined_used_changed_and_made_inactive(
    centre: Centre, sun: Asking
) -> None:
    written = {"id": "praise", "calendar_id": "office", "definition": await definition(sun)}
    assert (await sun("POST", "ticket-types", written)).status == 201
    assert (await sun("POST", "ticket-types", written)).status == 409
    praise = {"type": "praise", "subject": "Thank you"}
    assert (await asking(centre, "li")("POST", "tickets", praise)).status == 201

    refused = await sun("DELETE", "ticket-types/praise", version="1")
    inactive = {**written, "version": 1, "active": False}
    del inactive["id"]
    changed = await sun("PUT", "ticket-types/praise", inactive)

    assert (refused.status, refused.kind) == (409, "NotNow")
    assert (changed.status, changed.body["active"], changed.body["version"]) == (200, False, 2)
    assert (await sun("PUT", "ticket-types/praise", inactive)).status == 409
    assert (await asking(centre, "li")("POST", "tickets", praise)).status == 422


async def test_a_state_in_which_tickets_are_cannot_be_taken_away(
    centre: Centre, sun: Asking
) -> None:
    await asking(centre, "li")("POST", "tickets", {"type": "enquiry", "subject": "When?"})
    changed = await definition(sun)
    flow = changed["flow"]
    flow["states"]["begun"] = flow["states"].pop("new")
    flow["moves"]["begun"] = flow["moves"].pop("new")
    flow["initial"] = "begun"

    body = {"version": 1, "calendar_id": "office", "definition": changed}
    refused = await sun("PUT", "ticket-types/enquiry", body)

    assert (refused.status, "keep that state" in refused.body["detail"]) == (409, True)


def flow_without_end(definition: dict[str, Any]) -> None:
    definition["flow"]["moves"] = {"new": ["in_progress"], "in_progress": ["new"]}


def unknown_state(definition: dict[str, Any]) -> None:
    definition["flow"]["moves"]["new"] = ["nowhere"]


def a_clock_that_runs_at_the_end(definition: dict[str, Any]) -> None:
    definition["flow"]["states"]["closed"]["pace"] = "runs"


def an_escalation_that_does_nothing(definition: dict[str, Any]) -> None:
    definition["escalation"] = [{"clock": "response", "percent": 50}]


def a_target_twice(definition: dict[str, Any]) -> None:
    definition["targets"] = [{"response": 1}, {"resolution": 2}]


def a_form_from_elsewhere(definition: dict[str, Any]) -> None:
    definition["form"] = {"type": "object", "allOf": [{"$ref": "http://127.0.0.1/form"}]}


def a_step_twice(definition: dict[str, Any]) -> None:
    labels = {"zh": "处理", "en": "Handle"}
    definition["workflow"] = [{"name": "a", "labels": labels, "who": {"rule": "owner"}}] * 2


def a_step_reminded_of_too_late(definition: dict[str, Any]) -> None:
    labels = {"zh": "处理", "en": "Handle"}
    step = {"name": "a", "labels": labels, "who": {"rule": "owner"}, "due": 10, "remind": 10}
    definition["workflow"] = [step]


def a_dispatch_to_nowhere(definition: dict[str, Any]) -> None:
    definition["dispatch"] = {"moves": {"done": "repaired"}}


SPOILT: dict[Callable[[dict[str, Any]], None], str] = {
    flow_without_end: "nothing leads to it",
    unknown_state: "there is no state 'nowhere'",
    a_clock_that_runs_at_the_end: "the clocks stop where a ticket ends",
    an_escalation_that_does_nothing: "does nothing",
    a_target_twice: "is there twice",
    a_form_from_elsewhere: "not for forms",
    a_step_twice: "is there twice",
    a_step_reminded_of_too_late: "before due",
    a_dispatch_to_nowhere: "there is no state 'repaired'",
}


async def test_a_definition_that_cannot_work_is_refused(sun: Asking) -> None:
    for spoil, complaint in SPOILT.items():
        written = await definition(sun)
        spoil(written)
        body = {"id": "new_one", "calendar_id": "office", "definition": written}
        refused = await sun("POST", "ticket-types", body)
        assert refused.status == 422, spoil
        assert complaint in refused.body["detail"]


async def test_reasons_have_two_levels_of_one_kind(sun: Asking) -> None:
    labels = {"zh": "价格", "en": "Price"}
    new = {"kind": "reason", "labels": labels}
    assert (await sun("POST", "ticket-reasons", {**new, "id": "price"})).status == 201
    below = {**new, "id": "price_too_high", "parent_id": "price"}
    assert (await sun("POST", "ticket-reasons", below)).status == 201

    for parent in ("price_too_high", "people", "nothing"):
        wrong = await sun("POST", "ticket-reasons", {**new, "id": "more", "parent_id": parent})
        assert (wrong.status, "parent_id" in wrong.body["detail"]) == (422, True)
    assert (await sun("DELETE", "ticket-reasons/price", version="1")).status == 409
    assert (await sun("DELETE", "ticket-reasons/price_too_high", version="1")).status == 204
    renamed = {"version": 1, "labels": {"zh": "价钱", "en": "Price"}, "active": False}
    assert (await sun("PUT", "ticket-reasons/price", renamed)).body["active"] is False


async def test_a_calendar_tells_when_work_is_done_and_is_kept_while_clocks_run_by_it(
    sun: Asking,
) -> None:
    friday = "2026-11-20T17:00:00+08:00"
    time = await sun("GET", "working-calendars/office/time", since=friday, minutes="120")
    assert time.body == {"open_now": True, "at": "2026-11-23T02:00:00Z"}

    calendars = {one["id"]: one for one in (await sun("GET", "working-calendars")).body}
    hours = calendars["office"]["hours"]
    hours["overrides"] = [{"date": "2026-11-21", "hours": [["09:00", "12:00"]]}]
    changed = await sun("PUT", "working-calendars/office", {"version": 1, "hours": hours})
    assert changed.status == 200
    time = await sun("GET", "working-calendars/office/time", since=friday, minutes="120")
    assert time.body["at"] == "2026-11-21T02:00:00Z"

    assert (await sun("DELETE", "working-calendars/office", version="2")).status == 409
    assert (await sun("POST", "working-calendars", {"id": "mine", "hours": hours})).status == 201
    assert (await sun("DELETE", "working-calendars/mine")).status == 422
    assert (await sun("DELETE", "working-calendars/mine", version="1")).status == 204
