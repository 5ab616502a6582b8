"""Everything stored of one person: from every table, whole, of nobody else, and audited."""

import io
import zipfile
from typing import Any

import msgspec

from cti_server.privacy.declared import DECLARED
from cti_server.store.personal_records import LEFT_OUT, tables_of_people
from cti_server.wire.events import (
    CallArrived,
    CallEnded,
    ContactEnded,
    ContactNoted,
    CustomerChosen,
    CustomerMatched,
    Event,
    LegStarted,
)

from .asking import asking, told
from .conftest import Centre

LI, SHARED = "+8613800138000", "+861062345678"

BESIDE = {
    "customer_import",
    "customer_export",
    "dead_letter",
    "idempotent_request",
    "legal_hold",
    "sms_fragment",
    *("recording_edit", "foreign_call", "foreign_call_name"),
    *("recording_bookmark", "recording_merge", "recording_approval", "saved_recording_search"),
}
"""
Their rows are nobody's: files, answers, letters, searches and approvals in which customers may be
named; parts of a text that has not come whole, for an hour; edits, marks and other PBXs' names go
with their recordings.
"""


def a_call(n: int, number: str, customers: list[str], note: str) -> list[Event]:
    call, contact = f"call{n}", f"contact{n}"
    return [
        CallArrived(
            call_id=call,
            contact_id=contact,
            sip_call_id="x",
            caller_number=number,
            dialled_number="95588",
            trunk="t",
        ),
        LegStarted(call_id=call, leg_id=f"leg{n}", role="caller", party=number, address="sip:x"),
        CustomerMatched(
            contact_id=contact,
            match="one" if len(customers) == 1 else "several",
            customer_ids=customers,
        ),
        ContactNoted(contact_id=contact, agent_id="li", text=note),
        ContactEnded(contact_id=contact, outcome="handled", reason="x"),
        CallEnded(call_id=call, contact_id=contact, result="ended", reason="x"),
    ]


async def exported(centre: Centre, customer_id: str) -> dict[str, list[Any]]:
    headers = {"Authorization": f"Bearer {asking(centre, 'sun').token}"}
    answer = await centre.client.get(f"/api/v1/customers/{customer_id}/export", headers=headers)
    assert answer.status == 200, await answer.text()
    archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
    assert archive.testzip() is None
    tables: dict[str, list[Any]] = {}
    for name in archive.namelist():
        lines = archive.read(name).splitlines() if name.endswith("jsonl") else [archive.read(name)]
        tables.setdefault(name.split(".")[0], []).extend(map(msgspec.json.decode, lines))
    return tables


async def test_a_person_gets_all_that_is_stored_of_them_and_nothing_of_anybody_else(
    centre: Centre,
) -> None:
    zhao = asking(centre, "zhao")
    li = (await zhao("POST", "customers", {"name": "Li Na", "numbers": [{"number": LI}]})).body
    wang = (await zhao("POST", "customers", {"name": "Wang Wei"})).body
    ids = {"li": li["id"], "wang": wang["id"]}
    for event in (
        *a_call(1, LI, [ids["li"]], "wants a new card"),
        *a_call(2, "+8613900139000", [ids["wang"]], "secret of Wang"),
        *a_call(3, SHARED, [ids["li"], ids["wang"]], "who was it"),
        *a_call(4, SHARED, [ids["li"], ids["wang"]], "it was Li"),
    ):
        centre.parts.log.append(event)
    centre.parts.log.append(
        CustomerChosen(contact_id="contact4", customer_id=ids["li"], chosen_by="li")
    )

    tables = await exported(centre, ids["li"])

    assert [row["name"] for row in tables["customer"]] == ["Li Na"]
    assert [row["number"] for row in tables["customer_number"]] == [LI]
    assert [row["id"] for row in tables["contact"]] == ["contact1", "contact4"]
    assert {row["id"] for row in tables["leg"]} == {"leg1", "leg4"}
    assert "wants a new card" in str(tables["event"])
    whole = str(tables)
    assert "secret of Wang" not in whole
    assert "who was it" not in whole
    [contents] = tables["contents"]
    assert contents["shared_contacts"] == ["contact3"]
    assert contents["rows"]["event"] == len(tables["event"])
    assert ("sun", "read", "customer", ids["li"]) in await told(centre, record="customer")


async def test_an_export_is_for_who_may_and_of_who_is_there(centre: Centre) -> None:
    missing = await asking(centre, "sun")("GET", "customers/nobody/export")
    made = await asking(centre, "zhao")("POST", "customers", {"name": "Li Na"})
    refused = await asking(centre, "zhao")("GET", f"customers/{made.body['id']}/export")

    assert (missing.status, refused.status) == (404, 403)


def test_no_table_is_forgotten() -> None:
    """What is declared to have customers in it (tests/privacy) is found, or known to be derived."""
    theirs = {name for name, each in DECLARED.items() if each.personal}

    assert theirs - set(tables_of_people()) - LEFT_OUT.keys() == BESIDE
