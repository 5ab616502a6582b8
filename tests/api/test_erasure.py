"""Erasures, holds and retention over the API: who may, what is refused, what is answered."""

from datetime import timedelta
from typing import Any

from cti_server import shipped_retention
from cti_server.wire.events import ContactEnded

from .asking import asking, told
from .conftest import NINE, Centre
from .test_person_export import LI, a_call

REASON = {"reason": "asked for it by letter"}


async def li_na(centre: Centre) -> str:
    made = await asking(centre, "sun")(
        "POST", "customers", {"name": "Li Na", "numbers": [{"number": LI}]}
    )
    assert made.status == 201
    return str(made.body["id"])


async def test_an_erasure_is_previewed_begun_once_audited_and_carried_to_its_end(
    centre: Centre,
) -> None:
    sun, customer_id = asking(centre, "sun"), await li_na(centre)
    for event in a_call(1, LI, [customer_id], "wants a new card"):
        centre.parts.log.append(event)

    none_yet = await sun("GET", f"customers/{customer_id}/erasure")
    preview = await sun("GET", f"customers/{customer_id}/erasure/preview")
    begun = await sun("POST", f"customers/{customer_id}/erase", REASON)
    again = await sun("POST", f"customers/{customer_id}/erase", REASON)
    await centre.parts.erasures.carry_on(begun.body["id"])
    done = await asking(centre, "qian")("GET", f"customers/{customer_id}/erasure")
    customer = await sun("GET", f"customers/{customer_id}")
    edited = await sun(
        "PATCH", f"customers/{customer_id}", {"version": customer.body["version"], "name": "Li"}
    )
    gone = await sun("GET", f"customers/{customer_id}/erasure/preview")

    assert (none_yet.status, preview.status) == (404, 200)
    assert preview.body["expected"]["contact"] == 1
    assert (begun.status, begun.body["state"]) == (202, "running")
    assert (again.status, again.body["id"]) == (200, begun.body["id"])
    assert (done.status, done.body["state"], done.body["waiting_for"]) == (200, "done", None)
    assert done.body["reason"] == REASON["reason"]
    assert (customer.body["name"], customer.body["numbers"]) == ("", [])
    assert (edited.status, gone.status) == (409, 409)
    trail = await told(centre)
    assert ("sun", "erased", "customer", customer_id) in trail
    assert ("system", "completed", "erasure", begun.body["id"]) in trail


async def test_a_number_leads_to_the_erasure_and_another_to_none(centre: Centre) -> None:
    sun, customer_id = asking(centre, "sun"), await li_na(centre)
    begun = await sun("POST", f"customers/{customer_id}/erase", REASON)

    by_number = await sun("GET", "erasures", reached_by="138 0013 8000")
    by_another = await sun("GET", "erasures", reached_by="138 0013 8001")
    every = await sun("GET", "erasures", limit="1")

    assert [each["id"] for each in by_number.body["items"]] == [begun.body["id"]]
    assert by_another.body["items"] == []
    assert [each["id"] for each in every.body["items"]] == [begun.body["id"]]


async def test_a_live_contact_and_a_hold_refuse_with_the_reason(centre: Centre) -> None:
    sun, customer_id = asking(centre, "sun"), await li_na(centre)
    *begun, _, _ = a_call(1, LI, [customer_id], "x")
    for event in begun:
        centre.parts.log.append(event)
    live = await sun("POST", f"customers/{customer_id}/erase", REASON)
    centre.parts.log.append(ContactEnded(contact_id="contact1", outcome="handled", reason="x"))
    hold = await sun(
        "POST", "legal-holds", {"record": "contact", "record_id": "contact1", "reason": "a court"}
    )
    held = await sun("POST", f"customers/{customer_id}/erase", REASON)
    listed = await asking(centre, "qian")("GET", "legal-holds", record_id="contact1")
    released = await sun("DELETE", f"legal-holds/{hold.body['id']}")
    twice = await sun("DELETE", f"legal-holds/{hold.body['id']}")
    free = await sun("POST", f"customers/{customer_id}/erase", REASON)
    too_late = await sun(
        "POST", "legal-holds", {"record": "customer", "record_id": customer_id, "reason": "late"}
    )
    named = await sun(
        "POST", "legal-holds", {"record": "contact", "record_id": "contact1", "reason": "late"}
    )

    assert (live.status, live.kind) == (409, "ErasureRefused")
    assert "contact1" in live.body["detail"]
    assert (hold.status, hold.body["in_force"]) == (201, True)
    assert (held.status, "a court" in held.body["detail"]) == (409, True)
    assert [each["id"] for each in listed.body["items"]] == [hold.body["id"]]
    assert (released.status, released.body["in_force"], twice.status) == (200, False, 409)
    assert (free.status, too_late.status, named.status) == (202, 409, 409)
    trail = [(each[0], each[1]) for each in await told(centre, record="legal_hold")]
    assert trail == [("sun", "placed"), ("sun", "released")]


async def test_a_hold_is_of_something_that_is_there_and_does_not_end_before_it_begins(
    centre: Centre,
) -> None:
    sun = asking(centre, "sun")

    async def placed(**changes: Any) -> int:
        wanted = {"record": "customer", "record_id": "nobody", "reason": "x"} | changes
        return (await sun("POST", "legal-holds", wanted)).status

    over = (NINE - timedelta(days=1000)).isoformat()
    mine = await li_na(centre)

    assert [
        await placed(),
        await placed(record="contact"),
        await placed(record="recording"),
        await placed(record="agent"),
        await placed(record_id=mine, until=over),
        await placed(record_id=mine, reason=""),
    ] == [404, 404, 404, 422, 422, 422]


async def test_days_are_edited_within_their_limits_and_a_dry_run_only_counts(
    centre: Centre,
) -> None:
    await shipped_retention.load(centre.parts.changes, centre.parts.clock.now())
    sun = asking(centre, "sun")
    rules = {rule["id"]: rule for rule in (await sun("GET", "retention")).body["rules"]}
    path, version = "retention/rules/sessions", rules["sessions"]["version"]

    short = await sun("PATCH", path, {"version": version, "days": 179})
    edited = await sun("PATCH", path, {"version": version, "days": 180})
    stale = await sun("PATCH", path, {"version": version, "days": 200})
    for_good = await sun("PATCH", path, {"version": edited.body["version"], "days": None})
    unknown = await sun("PATCH", "retention/rules/dreams", {"version": 1, "days": 1})
    begun = await sun("POST", "retention/runs", {"dry": True})
    same = await sun("POST", "retention/runs", {"dry": False})
    for _ in range(30):
        await centre.parts.retention.do(centre.parts.clock.now())
        run = await sun("GET", f"retention/runs/{begun.body['id']}")
        if run.body["state"] == "done":
            break
    listed = await asking(centre, "qian")("GET", "retention/runs")

    assert (short.status, "180 to" in short.body["detail"]) == (422, True)
    assert (edited.status, edited.body["days"], stale.status) == (200, 180, 409)
    assert (for_good.body["days"], unknown.status) == (None, 404)
    assert (begun.status, same.body["id"], same.body["dry"]) == (202, begun.body["id"], True)
    assert (run.body["state"], run.body["counts"]) == ("done", {})
    assert [each["id"] for each in listed.body["items"]] == [begun.body["id"]]


async def test_nothing_new_is_written_of_somebody_who_was_erased(centre: Centre) -> None:
    sun, customer_id = asking(centre, "sun"), await li_na(centre)
    await sun("POST", f"customers/{customer_id}/erase", REASON)
    seen = {"at": NINE.isoformat(), "kind": "visit", "title": "x", "source": "shop"}
    line = {"product_id": "x", "quantity": 1}

    answers = [
        await asking(centre, "li")("POST", f"customers/{customer_id}/notes", {"text": "tea"}),
        await sun("POST", "timeline-events", seen | {"customer_id": customer_id}),
        await sun("POST", "orders", {"customer_id": customer_id, "lines": [line]}),
        await sun("POST", "tasks", {"title": "x", "customer_id": customer_id}),
    ]

    assert [each.status for each in answers] == [409] * 4, [each.body for each in answers]
