"""
What callers do in a menu is told, and what other systems say to it, they hear.

A secret that they type is nowhere.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from config.settings import SHIPPED
from cti_server.media.g711 import encode
from cti_server.media.inband_digits import InbandDetector
from cti_server.speech.saying import PAUSE, Clip, clips
from cti_server.speech.saying.joins import joined
from cti_server.store.flow_figures import ENDS
from ivr.flow import load
from ivr.texts import Value
from simulator.demo_outside import write_information
from tests.audio import Samples, stereo
from tests.fakes.outside_systems import TOKEN, OutsideSystems, outside_systems
from tests.leaks import leaks

from .centre import FLOW_FILES, LI, NUMBERS, QUEUES, Centre, centre, queue
from .people import Caller, Hire, passed
from .sounds import said_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET, ACCOUNT = "90374615", "827461"
PIN = SECRET[:6]  # wherever one is found, so would be the other
DEMO = SHIPPED / "demo"
LINES = {
    "3001": SHIPPED / "flows" / "products.yaml",
    "3002": SHIPPED / "flows" / "flights.yaml",
    "3003": SHIPPED / "flows" / "balance.yaml",
    "3004": SHIPPED / "flows" / "banking.yaml",
}
BOSS = Hire("boss", "8002", skills=(), roles=("admin",), registers=False)
FLOW = "/api/v1/flows/hotline"
FIGURES = f"{FLOW}/figures"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def systems() -> AsyncIterator[OutsideSystems]:
    async with outside_systems() as systems:
        yield systems


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(
    tmp_path_factory: pytest.TempPathFactory, systems: OutsideSystems
) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("secrets")
    bank = {
        "url": f"{systems.url}/bank",
        "headers": {"Authorization": TOKEN},
        "definition": "shipped:bank.yaml",
    }
    changes: dict[str, Any] = {
        "flows": (*FLOW_FILES, "bank.yaml"),
        "numbers": {
            **NUMBERS,
            "3000": {"flow": "bank.yaml"},
            **{number: {"flow": str(one)} for number, one in LINES.items()},
        },
        "queues": [*QUEUES, queue("sales"), queue("operator", record=True)],
        "queries": {
            "databases": {"information": {"url": f"sqlite:///{folder / 'information.db'}"}},
            "lookups": str(DEMO / "lookups.yaml"),
        },
        "connectors": {"bank": {"timeout": 10, "settings": bank}},
        "log": {"level": "debug"},
    }
    write_information(DEMO / "information.sql", folder / "information.db")
    async with centre(folder, LI, BOSS, **changes) as it:
        yield it


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file that the server has, the write-ahead logs of its database with them."""
    for file in folder.rglob("*"):
        if file.is_file():
            yield str(file.relative_to(folder)), file.read_bytes()


def keys_in(sound: Samples) -> str:
    """The keys that can be heard in a recording's channel."""
    detector, keys = InbandDetector(), ""
    silence = np.zeros(1600, np.int16)
    payload = encode(np.concatenate((sound.astype(np.int16), silence)), "PCMU")
    for at in range(0, len(payload), 160):
        heard = detector.receive(payload[at : at + 160], at, at / 8000)
        keys += "".join(pressed.digit for pressed in heard.pressed)
    return keys


async def leads(hotline: Centre, at_menu: str, *, hears: int | None = None) -> Caller:
    """To the menu, and on by these keys; ``hears``: the tone that comes of it."""
    caller = hotline.caller()
    await caller.dial("1000")
    await caller.happens("contact.node_entered", node="menu")
    for key in at_menu:
        await caller.call.press(key, duration_ms=60, gap_ms=60)
    if hears is not None:
        await caller.call.hears(hears)
    return caller


async def hangs_up(caller: Caller) -> None:
    caller.leave()
    await caller.over()


@pytest.mark.req("IV-01")
@pytest.mark.req("IV-11")
@pytest.mark.req("KP-04")
async def test_figures_say_how_callers_fared_at_each_node_and_in_each_version(
    hotline: Centre,
) -> None:
    """
    Real phones go their different ways at once: to a person, to an end that serves, wrong at first,
    away while they are asked. One is in the menu while another version is published.
    """
    boss = await hotline.server.log_in("boss")
    at_work, served, wrong_first, away = await asyncio.gather(
        leads(hotline, "2"),
        leads(hotline, "3", hears=800),
        leads(hotline, "93"),
        leads(hotline, ""),
    )
    await asyncio.gather(at_work.queued(), hangs_up(away))
    staying = await leads(hotline, "1")  # where there is time
    now = await boss.when(
        FIGURES, lambda one: any(row["inside"] for row in one["rows"] if row["node"] == "account")
    )
    texts = (await boss.get(f"{FLOW}/versions/1"))["texts"]
    texts["hotline"] = texts["hotline"].replace('{"*": service}', '{"*": opening_hours}')
    status, made = await boss.post(f"{FLOW}/publish", version=1, main="hotline", texts=texts)
    assert (status, made.get("version")) == (200, 2), made
    await staying.call.press("*")
    newer = await leads(hotline, "1*", hears=800)
    assert (await staying.queued()).data["queue"] == "service"  # as it is in the older version
    await asyncio.gather(hangs_up(at_work), hangs_up(staying))
    for caller in (served, wrong_first, newer):
        assert await caller.over() == ("self_served", "flow-ended")
    contacts = [
        (await hotline.history(one.contact_id))["contact"] for one in (at_work, staying, newer)
    ]

    assert [(one["flow"], one["flow_version"]) for one in contacts] == [
        *(("hotline", version) for version in (1, 1, 2))
    ]
    first, second = (await boss.get("/api/v1/flow-figures?flow=hotline"))["rows"]
    assert {name: first[name] for name in ENDS} == {
        "entered": 5,
        "self_served": 2,
        "voicemail": 0,
        "transferred": 2,
        "abandoned": 1,
        "let_go": 0,
        "failed": 0,
        "inside": 0,
    }
    assert (first["containment"], first["wrong"]) == (0.4, 1)
    assert first["invalid_key_rate"] == round(1 / first["asked"], 4)
    assert (second["version"], second["entered"], second["containment"]) == (2, 1, 1.0)
    rows = (await boss.get(f"{FIGURES}?version=1"))["rows"]
    menu = next(row for row in rows if row["node"] == "menu")
    assert menu["left"] == {"1": 1, "2": 1, "3": 2}
    assert [menu[name] for name in ("entered", "abandoned", "wrong")] == [5, 1, 1]
    assert 0 < menu["stay_p50"] <= menu["stay_p95"] < 30
    assert len(now["rows"]) > 1
    drawn = (await boss.get_bytes(f"{FLOW}/picture?version=1&format=mermaid")).decode()
    assert "<br/>5 came<br/>1 hung up, 1 wrong keys<br/>" in drawn
    await boss.close()


async def dial_and_type(
    hotline: Centre, *steps: tuple[int, str], number: str = "1000", queued: bool = True
) -> Caller:
    """Keys at the prompts' tones, each by RFC 4733 and by SIP INFO at the same time."""
    caller = hotline.caller()
    await caller.dial(number)
    for hz, keys in steps:
        await caller.call.hears(hz)
        for key in keys:
            caller.call.press_by_info(key)
            await caller.call.press(key, duration_ms=60, gap_ms=60)
    if queued:
        await caller.queued()
    return caller


ACCOUNT_AND_PIN = ((900, ACCOUNT), (1000, SECRET))


async def test_who_hangs_up_while_the_bank_is_asked_leaves_nothing_behind(
    hotline: Centre, systems: OutsideSystems
) -> None:
    systems.next_answers = ["hang"]
    caller = await dial_and_type(hotline, *ACCOUNT_AND_PIN, number="3000", queued=False)
    await caller.call.hears(800)
    caller.call.hang_up()

    assert await caller.over() == ("self_served", "caller-hung-up")
    await hotline.settled()


def pieces(line: str, prompt: str, **values: Value) -> list[str | Clip]:
    """What a prompt of a shipped flow is joined from in English, without its pauses."""
    found: list[str | Clip] = []
    for piece in joined(load(LINES[line]).prompts[prompt]["en"].pieces, "en"):
        if isinstance(piece, str):
            found.append(piece)
        else:
            said = clips(values[piece.name], piece.say_as, "en")
            found += [clip for clip in said if clip != PAUSE]
    return found


@pytest.mark.req("IV-05")
async def test_machines_tell_of_products_flights_and_balances(
    hotline: Centre, systems: OutsideSystems
) -> None:
    """Each from its own source: a database's first row, another system's answer to a PIN."""
    products, flights, balance = (hotline.caller() for _ in range(3))
    dialling = {products: "3001", flights: "3002", balance: "3003"}
    await asyncio.gather(*(caller.dial(number) for caller, number in dialling.items()))
    await asyncio.gather(*(caller.call.audio_began() for caller in dialling))
    await asyncio.gather(
        products.call.press("91", duration_ms=60, gap_ms=60),
        flights.call.press("93182", duration_ms=60, gap_ms=60),
        balance.call.press(f"962220001{PIN}", duration_ms=60, gap_ms=60),
    )
    await asyncio.gather(
        products.happens("contact.node_entered", node="afterwards", within=20),
        flights.happens("contact.node_entered", node="another", within=20),
        balance.happens("contact.node_entered", node="afterwards", within=20),
    )
    heard = {caller: caller.call.heard.everything() for caller in dialling}
    hotline.everybody_hangs_up()

    assert systems.told["/bank/enquiries/balance"] == [{"account": "62220001", "pin": PIN}]
    said = {
        products: pieces("3001", "broadband", number="101", amount=500, months=24, price="129.00"),
        flights: pieces("3002", "delayed", number="3182", leaves="17:40"),
        balance: pieces("3003", "told", as_of="2026-11-22", balance="1234.56 CNY"),
    }
    for caller, clips_of_it in said.items():
        assert [clip for clip in clips_of_it if not said_in(heard[caller], clip)] == []
    assert (
        await asyncio.gather(*(caller.over() for caller in dialling))
        == [("self_served", "caller-hung-up")] * 3
    )


async def keys_at(caller: Caller, *steps: tuple[str, str]) -> None:
    """Presses these keys as soon as the caller comes to these nodes."""
    for node, keys in steps:
        await caller.happens("contact.node_entered", node=node, within=20)
        await caller.call.press(keys, duration_ms=60, gap_ms=60)


@pytest.mark.req("IV-09")
async def test_a_transfer_is_handed_to_an_agent_with_its_form_and_what_to_say(
    hotline: Centre, systems: OutsideSystems
) -> None:
    """The PIN is asked for and compared; nobody finds it anywhere afterwards."""
    caller, payee = hotline.caller(), "62220002"
    async with hotline.on_duty("li") as (li,), li.desk.stream() as feed:
        reading = asyncio.create_task(feed.until("contact.offered"))
        await caller.dial("3004")
        await keys_at(
            caller,
            ("welcome", f"162220001{PIN}"),  # 1 is none of its keys: it asks at once
            ("told", f"2500#{payee}#1"),
        )
        phone = await li.rung(within=20)
        form = (await reading)["pop"]["form"]
        popped_at, _ = feed.received[-1]
        await caller.happens("interaction.started")
        request: dict[str, Any] = {
            "form_id": form["id"],
            "form_version": form["version"],
            "contact_id": caller.contact_id,
            "values": {**form["values"], "confirmed": True},
        }
        refused, problem = await li.desk.post("/api/v1/filled-forms", **request)
        request["values"]["payee_name"] = "王芳"
        status, saved = await li.desk.post("/api/v1/filled-forms", **request)
        caller.call.hang_up()
        await caller.over()
        stored = await caller.happens("recording.stored")
        history = await hotline.history(caller.contact_id)
        kept = await li.desk.get(f"/api/v1/filled-forms/{saved['id']}")

    known = {"account_number": "62220001", "payee": payee, "amount": 500.0}
    assert popped_at < phone.began_at
    assert (form["id"], form["values"]) == ("bank_transfer", known)
    asked = form["definition"]["properties"]["payee_name"]["x-script"]
    assert asked["en"] == "What is the payee's name?"
    assert form["definition"]["x-script"].keys() == {"zh", "en"}
    assert (refused, status) == (422, 201)
    assert "payee_name" in problem["detail"]
    assert kept["values"] == {**known, "payee_name": "王芳", "confirmed": True}
    assert kept["number"].startswith("A-1")
    assert systems.told["/bank/enquiries/balance"][-1] == {"account": "62220001", "pin": PIN}
    audio = f"/api/v1/recordings/{stored.data['recording_id']}/audio"
    sound, _ = stereo(await hotline.chief.get_bytes(audio))
    assert keys_in(sound) == ""
    told = [seen.data for seen in hotline.book.seen]
    assert leaks(PIN, [told, hotline.server.log_lines, history, form, kept]) == []
    files = written(hotline.server.folder)
    assert [name for name, content in files if leaks(PIN, content)] == []


async def test_a_secret_is_in_no_file_no_log_line_no_event_and_no_recording(
    hotline: Centre, systems: OutsideSystems
) -> None:
    """
    It goes to the bank that asks for it, and is in no line of debug's either.

    An account number, typed openly, is found where it belongs: the search does find things.

    It is found as it was typed, although each key was told by two ways.
    """
    async with hotline.on_duty("li") as (li,):
        caller = await dial_and_type(hotline, *ACCOUNT_AND_PIN, number="3000")
        at_li = await li.rung()
        await caller.happens("interaction.started")
        await passed(at_li, 0.5)
        caller.call.hang_up()
        await caller.over()
        stored = await caller.happens("recording.stored")
        history = await hotline.history(caller.contact_id)
    audio = f"/api/v1/recordings/{stored.data['recording_id']}/audio"
    sound, _ = stereo(await hotline.chief.get_bytes(audio))
    assert await hotline.server.stop() == 0
    files = dict(written(hotline.server.folder))
    told = [seen.data for seen in hotline.book.seen]
    logged = hotline.server.log_lines

    assert systems.told["/bank/enquiries/balance"][-1] == {"account": ACCOUNT, "pin": SECRET}
    assert [name for name, content in files.items() if leaks(SECRET, content)] == []
    assert keys_in(sound) == ""
    assert leaks(PIN, [told, logged, history]) == []
    assert {name.split("/")[0] for name, content in files.items() if leaks(ACCOUNT, content)}
    assert set(leaks(ACCOUNT, told)) == {ACCOUNT}
    assert leaks(ACCOUNT, logged) == []
