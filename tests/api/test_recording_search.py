"""Recordings searched over REST: by whom, by what, and what is refused."""

from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from cti_server.wire.events import ContactNoted, RecordingStarted, RecordingStored
from recording.foreign_call import ForeignCall

from .conftest import Centre
from .test_rest import CALL, log_all

PATH = "/api/v1/recording-search"
NUMBER = "+8613800138000"
HIDDEN = "*" * 10 + "8000"


async def stored(centre: Centre, *ids: str, **changes: Any) -> None:
    one = CALL[-1]
    assert isinstance(one, RecordingStored)
    told = {"caller_number": NUMBER} | changes
    await log_all(centre, [msgspec.structs.replace(one, recording_id=each, **told) for each in ids])


async def found(centre: Centre, who: str, query: str = "") -> dict[str, Any]:
    answer = await centre.client.get(f"{PATH}?{query}", headers=await centre.headers(who))
    page: dict[str, Any] = await answer.json()
    assert answer.status == 200, page
    return page


def ids(page: dict[str, Any]) -> list[str]:
    return [one["id"] for one in page["items"]]


async def test_a_whole_number_is_found_however_it_is_written_and_shown_to_who_may_see_it(
    centre: Centre,
) -> None:
    await stored(centre, "r1")
    await stored(centre, "r2", caller_number="+8613900139000")

    for written in ("138 0013 8000", "%2B86-13800138000", "%2A8000", "%2B86138%2A"):
        page = await found(centre, "zhao", f"number={written}")
        assert ids(page) == ["r1"], written
        assert page["items"][0]["caller_number"] == NUMBER

    hidden = await found(centre, "qian", "number=13800138000")
    assert hidden["items"][0]["caller_number"] == HIDDEN
    headers = await centre.headers("qian")
    one = await (await centre.client.get("/api/v1/recordings/r1", headers=headers)).json()
    assert one["caller_number"] == HIDDEN
    rows = await (await centre.client.get("/api/v1/recordings", headers=headers)).json()
    assert {row["caller_number"] for row in rows} == {HIDDEN, "*" * 10 + "9000"}
    guessed = await centre.client.get(f"{PATH}?number=%2A8000", headers=headers)
    assert (guessed.status, (await guessed.json())["detail"]) == (
        *(403, "this needs the permission 'customers.reveal'"),
    )


async def test_a_whole_number_is_found_whichever_way_the_carrier_sent_it(centre: Centre) -> None:
    sent = ["+8613800138000", "13800138000", "008613800138000", "8613800138000", "013800138000"]
    for n, way in enumerate(sent):
        await stored(centre, f"r{n}", caller_number=way, dialled_number="02061218000")
    await stored(centre, "other", caller_number="23800138000", dialled_number="+862061218001")

    for written in ("138 0013 8000", "%2B86-13800138000", "0086 138 0013 8000"):
        page = await found(centre, "zhao", f"number={written}")
        assert sorted(ids(page)) == ["r0", "r1", "r2", "r3", "r4"], written
    page = await found(centre, "zhao", "dialled=%2B86 20 6121 8000")
    assert sorted(ids(page)) == ["r0", "r1", "r2", "r3", "r4"]
    assert ids(await found(centre, "zhao", "dialled=4008001234")) == []


async def test_a_call_of_another_pbx_is_found_by_what_that_one_calls_it_and_shows_it(
    centre: Centre,
) -> None:
    foreign = ForeignCall(
        client="branch",
        session_id="hVpd7YQgRW2nD22h7q60JQ==",
        calls=("ab30317f;remote=47755a9d",),
        agent_aor="sip:1001@pbx.example",
        agent_name="赵敏",
    )
    siprec: dict[str, Any] = {"kind": "siprec", "agent_id": "", "interaction_id": "", "queue": ""}
    await stored(centre, "r1", contact_id="s1", **siprec, foreign=foreign)
    await stored(centre, "r2")
    ways = [foreign.session_id, *foreign.calls, "47755a9d", foreign.agent_aor, "赵敏"]

    for way in ways:
        page = await found(centre, "zhao", f"foreign={quote(way)}")
        assert ids(page) == ["r1"], way
    assert page["items"][0]["foreign"] == {
        "client": "branch",
        "session_id": foreign.session_id,
        "calls": [*foreign.calls],
        "agent_aor": foreign.agent_aor,
        "agent_name": "赵敏",
    }
    assert ids(await found(centre, "zhao", "foreign=1001")) == []
    headers = await centre.headers("zhao")
    one, other = [
        await (await centre.client.get(f"/api/v1/recordings/{each}", headers=headers)).json()
        for each in ("r1", "r2")
    ]
    assert (one["foreign"], other["foreign"]) == (page["items"][0]["foreign"], None)


async def test_a_call_of_another_pbx_shows_its_numbers_while_it_goes_on(centre: Centre) -> None:
    begun = RecordingStarted(
        recording_id="r9",
        call_id="s9",
        contact_id="s9",
        interaction_id="",
        agent_id="",
        queue="",
        kind="siprec",
        caller_number=NUMBER,
        dialled_number="1001",
        foreign=ForeignCall(client="branch"),
    )
    await log_all(centre, [begun])

    (running,) = (await found(centre, "zhao", "state=running&number=13800138000"))["items"]
    assert (running["caller_number"], running["dialled_number"]) == (NUMBER, "1001")
    assert running["foreign"]["client"] == "branch"
    hidden = await found(centre, "qian", "state=running&kind=siprec")
    assert [one["caller_number"] for one in hidden["items"]] == [HIDDEN]


async def test_pages_go_on_and_the_total_is_told_when_it_is_asked(centre: Centre) -> None:
    await stored(centre, "r1", "r2", "r3")

    first = await found(centre, "zhao", "limit=2&total=true&agent_id=li")
    assert (ids(first), first["total"], first["whole_total"]) == (["r3", "r2"], 3, True)
    second = await found(centre, "zhao", f"limit=2&agent_id=li&after={first['next']}")
    assert (ids(second), second["next"], second["total"]) == (["r1"], None, None)


async def test_what_an_agent_noted_while_talking_is_found_by_its_words(centre: Centre) -> None:
    await log_all(centre, [*CALL, ContactNoted(contact_id="k1", agent_id="li", text="他要求退款")])
    await stored(centre, "r2", contact_id="k2")

    assert ids(await found(centre, "zhao", "notes=退款")) == ["r1"]
    assert ids(await found(centre, "zhao", "notes=发票")) == []


@pytest.mark.parametrize(
    "query",
    [
        *("number=nobody", "number=%2A80", "dialled=%2A8000", "since=tuesday", "shortest=-1"),
        *("longest=nan", "rating_from=eleven", "kind=song", "path=a%3E%3Eb", "limit=201"),
        *("after=nonsense", "notes=%20", "total=perhaps", "colour=red", "agent_id=", "foreign="),
        *("shortest=9&longest=8", "since=2026-02-01&before=2026-01-01"),
    ],
)
async def test_nonsense_is_refused_by_the_parameters_name(centre: Centre, query: str) -> None:
    answer = await centre.client.get(f"{PATH}?{query}", headers=await centre.headers("zhao"))

    assert answer.status == 422
    names = [part.partition("=")[0] for part in query.split("&")]
    detail = (await answer.json())["detail"]
    assert any(name in detail for name in names)
