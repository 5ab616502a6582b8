"""Management reports over REST: who may, in which form, and what is refused."""

import asyncio
import csv
import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from aiohttp import ClientResponse

from acd.model import ContactId, WaitingContact
from cti_server.reporting.definitions import REPORTS
from cti_server.wire import events

from .asking import asking
from .conftest import NINE, Centre


async def fetched(centre: Centre, path: str, **query: str) -> ClientResponse:
    token = centre.parts.sessions.open("sun", centre.parts.clock.now()).token
    headers = {"Authorization": f"Bearer {token}"}
    return await centre.client.get(f"/api/v1/reports/{path}", headers=headers, params=query)


@pytest.fixture
async def at_work(centre: Centre) -> Centre:
    """Agents of two teams and of none have worked, one of them for a queue with an odd name."""
    floor, log = centre.parts.floor, centre.parts.log
    for agent in ("li", "chen", "lin"):
        floor.log_in(agent)
        floor.set_ready(agent)
    floor.set_not_ready("lin", "lunch")
    floor.enqueue(WaitingContact(ContactId("k1"), "sales", NINE))
    log.append(events.ContactTurnedAway(contact_id="k2", queue="=1+2", reason="full"))
    await log.stored()
    return centre


async def test_a_report_has_its_columns_and_formulas_with_it(at_work: Centre) -> None:
    sun = asking(at_work, "sun")
    known = (await sun("GET", "reports")).body
    report = (await sun("GET", "reports/absences", by="hour")).body

    assert [each["report"] for each in known] == [*REPORTS]
    [row] = [each for each in report["rows"] if each["reason"] == "lunch"]
    assert (row["agent"], row["name"], row["reason"], row["times"]) == ("lin", "Lin", "lunch", 1)
    assert [column["name"] for column in report["columns"]] == [*row]
    assert report["titles"] == {"zh": "坐席未就绪原因报表", "en": "Not ready, by reason"}
    formulas = {each["name"]: each["formula"] for each in known[0]["columns"]}
    assert formulas["aht"] == "(talk_ms + hold_ms + wrap_ms) / handled"
    for name in REPORTS:
        answer = await sun("GET", f"reports/{name}", by="week")
        assert answer.status == 200, (name, answer.body)
        names = [column["name"] for column in answer.body["columns"]]
        assert all([*each] == names for each in answer.body["rows"])


async def here(running: list[int], target: Callable[[Any], None], order: object) -> None:
    """In a thread, not in a process."""
    running.append(1)
    await asyncio.to_thread(target, order)
    running.append(-1)


async def test_spreadsheets_show_chinese_and_run_nothing(
    at_work: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = await fetched(at_work, "queues", format="csv")
    english = await fetched(at_work, "queues", format="csv", language="en", queue="sales")
    book = await fetched(at_work, "queues", format="xlsx")
    file = tmp_path / "report.xlsx"
    file.write_bytes(await book.read())
    whole = await text.read()
    running: list[int] = []
    monkeypatch.setattr("cti_server.api.reports.answer_of", partial(here, running))
    both = (fetched(at_work, "queues", format="xlsx") for _ in range(2))
    assert [each.status for each in await asyncio.gather(*both)] == [200, 200]
    monkeypatch.setattr("cti_server.api.reports.LARGEST_SHEET", 1)
    too_long = await fetched(at_work, "queues", format="xlsx")

    assert text.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert text.headers["Content-Disposition"].endswith('.csv"')
    assert whole.startswith("\ufeff开始时间,队列,队列名称,进入量".encode())
    header, odd, sales = csv.reader(io.StringIO(whole.decode("utf-8-sig")))
    assert (odd[1], sales[1]) == ("'=1+2", "sales")
    assert dict(zip(header, odd, strict=True))["拒绝进入量"] == "1"
    told = [*csv.reader(io.StringIO((await english.read()).decode("utf-8-sig")))]
    assert (told[0][:3], [row[1] for row in told[1:]]) == (
        ["Begins at", "Queue", "Queue's title"],
        ["sales"],
    )
    page: Any = openpyxl.load_workbook(file).active
    rows = [*page.iter_rows(values_only=True)]
    assert page.title == "队列报表"
    assert rows[0] == tuple(header)
    assert [row[1] for row in rows[1:]] == ["=1+2", "sales"]
    assert page["B2"].data_type == "s"
    assert dict(zip(rows[0], rows[1], strict=True))["拒绝进入量"] == 1
    assert too_long.status == 422
    assert running == [1, -1, 1, -1]  # one workbook at a time


async def test_a_teams_supervisor_gets_the_teams_agents_and_an_agent_no_report(
    at_work: Centre,
) -> None:
    huang, zhao, li = (asking(at_work, name) for name in ("huang", "zhao", "li"))
    mine = (await huang("GET", "reports/agents")).body["rows"]
    everybodys = (await zhao("GET", "reports/agents")).body["rows"]
    teams = (await huang("GET", "reports/teams")).body["rows"]
    south = (await huang("GET", "reports/agents", team="south")).body["rows"]

    assert [row["agent"] for row in mine] == ["chen", "li"]
    assert [row["agent"] for row in everybodys] == ["chen", "li", "lin"]
    assert [row["team"] for row in teams] == ["", "north"]
    assert south == []
    assert (await li("GET", "reports/agents")).status == 403
    assert (await huang("GET", "reports/absences", agent="lin")).body["rows"] == []

    async with at_work.parts.database.writing.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM agent WHERE id = 'lin'")
    for name, seen in (("huang", ["chen", "li"]), ("zhao", ["chen", "li", "lin"])):
        rows = (await asking(at_work, name)("GET", "reports/agents")).body["rows"]
        assert [row["agent"] for row in rows] == seen, name


async def test_rows_are_picked_by_any_key(centre: Centre) -> None:
    log, sun = centre.parts.log, asking(centre, "sun")
    for contact, node in (("k1", "余额"), ("k2", "help")):
        arrived = events.CallArrived(
            call_id=contact,
            contact_id=contact,
            sip_call_id="",
            caller_number="",
            dialled_number="4001",
            trunk="t",
        )
        log.append(arrived)
        log.append(events.NodeEntered(contact_id=contact, flow="main", node=node))
        outcome = "self_served" if contact == "k1" else "voicemail"
        log.append(
            events.ContactEnded(contact_id=contact, outcome=outcome, reason="caller-hung-up")
        )
    await log.stored()
    [row] = (await sun("GET", "reports/menu-paths?path=main: 余额")).body["rows"]
    [left] = (await sun("GET", "reports/menu-paths?path=main: help")).body["rows"]
    trunks = (await sun("GET", "reports/trunks", trunk="other")).body["rows"]

    assert (row["contacts"], row["self_served_share"], trunks) == (1, 1.0, [])
    assert (left["voicemail"], left["self_served_share"]) == (1, 0.0)
    assert (await sun("GET", "reports/menu-paths?path=%00")).status == 422


async def test_what_cannot_be_reported_is_refused(centre: Centre) -> None:
    sun = asking(centre, "sun")
    assert (await sun("GET", "reports/weather")).status == 404
    for query in (
        {"by": "decade"},
        {"format": "pdf"},
        {"language": "fr"},
        {"queue": "sales"},  # no key of the agents' report
        {"since": "yesterday"},
        {"since": "2026-11-22", "until": "2026-11-21"},
        {"since": "2026-01-01", "until": "2026-03-01", "by": "15m"},
        {"since": "2020-01-01", "until": "2026-03-01"},
    ):
        assert (await sun("GET", "reports/agents", **query)).status == 422, query
