"""Customers over HTTP: their records, who sees what of them, two edits at once."""

from typing import Any

import pytest

from cti_server import shipped_fields
from cti_server.store.agents import Agent
from cti_server.wire.events import RecordChanged, RecordRead

from .conftest import Centre

WANG = {
    "name": "王伟",
    "tier": "gold",
    "numbers": [{"number": "138 0013 8000"}, {"number": "010-65529988", "use": "fax"}],
    "addresses": [{"value": "Wang.Wei@Example.com", "label": "private"}],
}


class Desk:
    """Somebody who works with customers over HTTP."""

    def __init__(self, centre: Centre, headers: dict[str, str]) -> None:
        self._client = centre.client
        self._headers = headers

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = await self._client.request(
            method, f"/api/v1{path}", json=body, headers=self._headers
        )
        return answer.status, await answer.json() if answer.status != 204 else None

    async def do(self, method: str, path: str, body: Any = None) -> Any:
        """What must succeed."""
        status, answer = await self.ask(method, path, body)
        assert status in {200, 201, 204}, answer
        return answer

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """What must not; the status and the reason."""
        status, answer = await self.ask(method, path, body)
        assert status >= 400, answer
        return status, answer["detail"]


async def desk(centre: Centre, agent_id: str) -> Desk:
    return Desk(centre, await centre.headers(agent_id))


async def into_teams(centre: Centre, **teams: str) -> None:
    """Put agents into teams, of which they have none."""
    async with centre.parts.database.sessions.begin() as session:
        for agent_id, team in teams.items():
            agent = await session.get(Agent, agent_id)
            assert agent is not None
            agent.team = team
    await centre.definitions.reload()


async def changes(centre: Centre) -> list[RecordChanged]:
    heard = [logged.event for logged in await centre.parts.log.since(0)]
    return [
        one
        for one in heard
        if isinstance(one, RecordChanged) and one.record not in {"queue", "flow", "number"}
    ]


async def test_a_customer_is_recorded_with_numbers_in_one_form_and_shown_masked(
    centre: Centre,
) -> None:
    li = await desk(centre, "li")

    made = await li.do("POST", "/customers", WANG)
    shown = await li.do("GET", f"/customers/{made['id']}")

    assert shown == made
    assert (shown["name"], shown["tier"], shown["kind"], shown["version"]) == (
        *("王伟", "gold", "person"),
        1,
    )
    assert [(n["number"], n["use"]) for n in shown["numbers"]] == [
        ("**********8000", "phone"),
        ("*********9988", "fax"),
    ]
    assert shown["addresses"][0]["value"] == "W***@example.com"
    assert shown["revealed"] is False


async def test_who_may_see_numbers_whole_asks_for_it_and_is_remembered(centre: Centre) -> None:
    li, zhao = await desk(centre, "li"), await desk(centre, "zhao")
    made = await li.do("POST", "/customers", WANG)

    whole = await zhao.do("POST", f"/customers/{made['id']}/reveal")
    status, _ = await li.refused("POST", f"/customers/{made['id']}/reveal")

    assert [number["number"] for number in whole["numbers"]] == ["+8613800138000", "+861065529988"]
    assert whole["addresses"][0]["value"] == "Wang.Wei@example.com"
    assert status == 403
    reads = [
        logged.event
        for logged in await centre.parts.log.since(0)
        if isinstance(logged.event, RecordRead)
    ]
    assert [(read.record, read.record_id, read.read_by) for read in reads] == [
        ("customer", made["id"], "zhao")
    ]


async def test_every_change_is_told_once_by_the_names_of_what_changed(centre: Centre) -> None:
    li = await desk(centre, "li")
    made = await li.do("POST", "/customers", WANG)
    await li.do("PATCH", f"/customers/{made['id']}", {"version": 1, "tier": "vip", "notes": "急"})
    await li.do("PATCH", f"/customers/{made['id']}", {"version": 2, "tier": "vip"})

    told = [(each.action, each.fields, each.changed_by) for each in await changes(centre)]

    assert told == [
        ("created", ["addresses", "name", "numbers", "tier"], "li"),
        ("updated", ["notes", "tier"], "li"),
    ]


async def test_of_two_edits_of_one_version_the_second_is_a_conflict(centre: Centre) -> None:
    li, wang = await desk(centre, "li"), await desk(centre, "wang")
    made = await li.do("POST", "/customers", WANG)

    await li.do("PATCH", f"/customers/{made['id']}", {"version": 1, "name": "王小伟"})
    status, why = await wang.refused(
        "PATCH", f"/customers/{made['id']}", {"version": 1, "name": "王大伟"}
    )

    assert (status, "version 2" in why) == (409, True)
    assert (await li.do("GET", f"/customers/{made['id']}"))["name"] == "王小伟"


async def test_numbers_that_one_sees_masked_are_put_in_order_by_their_positions(
    centre: Centre,
) -> None:
    li, zhao = await desk(centre, "li"), await desk(centre, "zhao")
    made = await li.do("POST", "/customers", WANG)

    edit = {
        "version": 1,
        "numbers": [{"number": "13900139000", "label": "new"}, {"position": 0}],
        "addresses": [{"position": 0, "label": "work"}],
    }
    await li.do("PATCH", f"/customers/{made['id']}", edit)
    whole = await zhao.do("POST", f"/customers/{made['id']}/reveal")

    assert [(n["number"], n["label"]) for n in whole["numbers"]] == [
        ("+8613900139000", "new"),
        ("+8613800138000", None),
    ]
    assert [(a["value"], a["label"]) for a in whole["addresses"]] == [
        ("Wang.Wei@example.com", "work")
    ]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"numbers": [{"number": "nobody"}]}, "numbers: is no telephone number"),
        ({"numbers": [{"number": "+86 138"}]}, "numbers: is no valid number"),
        ({"numbers": [{"position": 0}]}, "nothing at position 0"),
        ({"addresses": [{"value": "wang.example.com"}]}, "addresses: is no mail address"),
        ({"attributes": {"height": 180}}, "attributes.height: no such field"),
        ({"preferences": {"time_zone": "../etc/passwd"}}, "time_zone"),
        ({"preferences": {"quiet_hours": [{"start": "25:00", "end": "07:00"}]}}, "quiet_hours"),
        ({"owner_id": "nobody"}, "permission"),
        ({"language": "Chinese!"}, "language"),
    ],
)
async def test_what_cannot_be_is_refused_by_name_and_stores_nothing(
    centre: Centre, wrong: dict[str, Any], why: str
) -> None:
    li = await desk(centre, "li")

    status, said = await li.refused("POST", "/customers", {"name": "王伟", **wrong})

    assert status in {403, 422}
    assert why in said
    assert (await li.do("GET", "/customers"))["items"] == []


@pytest.mark.req("CR-04")
async def test_the_centres_own_fields_are_checked_and_the_sensitive_ones_withheld(
    centre: Centre,
) -> None:
    for _ in range(2):  # at every start of the server
        await shipped_fields.load(centre.parts.changes, centre.parts.clock.now())
    li, zhao = await desk(centre, "li"), await desk(centre, "zhao")
    attributes = {
        "gender": "male",
        "birth_date": "1980-02-29",
        "credit_limit": {"amount": "50000.00", "currency": "CNY"},
        "share_of_wallet": 42.5,
        "hobbies": "钓鱼",
        "survey_reaction": "pleased",
    }
    made = await li.do("POST", "/customers", {"name": "王伟", "attributes": attributes})

    path = f"/customers/{made['id']}"
    edit = {"version": 1, "attributes": {"hobbies": None, "gender": "other"}}
    edited = await li.do("PATCH", path, edit)
    whole = await zhao.do("POST", f"{path}/reveal")

    assert made["withheld"] == ["birth_date", "credit_limit"]
    assert made["attributes"]["share_of_wallet"] == 42.5
    assert "hobbies" not in edited["attributes"]
    assert whole["attributes"] == {
        **{name: value for name, value in attributes.items() if name != "hobbies"},
        "gender": "other",
    }
    for name, wrong in {
        "share_of_wallet": 101,
        "credit_limit": "50000",
        "birth_date": "1981-02-29",
        "gender": "unknown",
        "employees": 7,
    }.items():
        status, why = await li.refused("PATCH", path, {"version": 2, "attributes": {name: wrong}})
        assert (status, why.startswith(f"attributes.{name}")) == (422, True)


async def test_an_administrator_adds_a_field_that_records_then_need(centre: Centre) -> None:
    li, sun = await desk(centre, "li"), await desk(centre, "sun")
    old = await li.do("POST", "/customers", {"name": "王伟"})
    field = {
        "name": "contract_number",
        "section": "basic",
        "type": "text",
        "required": True,
        "labels": {"zh": "合同号", "en": "Contract number"},
    }

    made = await sun.do("POST", "/customer-fields", field)
    status, why = await li.refused("POST", "/customers", {"name": "李娜"})
    await li.do("PATCH", f"/customers/{old['id']}", {"version": 1, "tier": "gold"})
    edit = {"version": made["version"], "retired": True}
    retired = await sun.do("PATCH", "/customer-fields/contract_number", edit)

    assert (status, why) == (422, "attributes.contract_number: is required")
    assert (retired["retired"], retired["labels"]) == (True, field["labels"])
    assert await li.do("POST", "/customers", {"name": "李娜"})
    assert (await sun.refused("POST", "/customer-fields", field))[0] == 409
    assert (await sun.refused("PATCH", "/customer-fields/contract_number", edit))[0] == 409
    assert (await li.refused("POST", "/customer-fields", {**field, "name": "more"}))[0] == 403
    choice = {**field, "name": "size", "type": "choice"}
    assert (await sun.refused("POST", "/customer-fields", choice))[0] == 422


async def test_a_team_sees_its_own_customers_and_nobodys(centre: Centre) -> None:
    await into_teams(centre, li="north", wang="south")
    li, wang, sun = [await desk(centre, name) for name in ("li", "wang", "sun")]
    north = await li.do("POST", "/customers", {"name": "王伟"})
    nobodys = await sun.do("POST", "/customers", {"name": "李娜"})

    seen = await wang.do("GET", "/customers")

    assert north["team"] == "north"
    assert [each["id"] for each in seen["items"]] == [nobodys["id"]]
    for method, body in (("GET", None), ("PATCH", {"version": 1, "tier": "vip"})):
        assert (await wang.refused(method, f"/customers/{north['id']}", body))[0] == 404
    assert (
        await li.refused("PATCH", f"/customers/{north['id']}", {"version": 1, "team": "south"})
    )[0] == 403
    await sun.do("PATCH", f"/customers/{north['id']}", {"version": 1, "team": "south"})
    assert (await li.refused("GET", f"/customers/{north['id']}"))[0] == 404
    assert await wang.do("GET", f"/customers/{north['id']}")


async def test_customers_are_listed_page_by_page_the_newest_first(centre: Centre) -> None:
    li = await desk(centre, "li")
    made = [(await li.do("POST", "/customers", {"name": f"客户{n}"}))["id"] for n in range(5)]
    await li.do("PATCH", f"/customers/{made[1]}", {"version": 1, "owner_id": "li"})

    pages, after = [], ""
    while True:
        page = await li.do("GET", f"/customers?limit=2{after}")
        pages.append([each["id"] for each in page["items"]])
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    own = await li.do("GET", "/customers?owner_id=li")

    assert [one for page in pages for one in page] == made[::-1]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [each["id"] for each in own["items"]] == [made[1]]
    assert (await li.refused("GET", "/customers?after=nonsense"))[0] == 422


async def test_two_customers_cannot_have_one_external_id(centre: Centre) -> None:
    li = await desk(centre, "li")
    await li.do("POST", "/customers", {"name": "王伟", "external_id": "C1"})

    assert (await li.refused("POST", "/customers", {"name": "李娜", "external_id": "C1"}))[0] == 409
