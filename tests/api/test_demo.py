"""What the start page of a demonstration is told, and that nobody else's is told anything."""

from dataclasses import replace
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import ValidationError

from config.demonstration import DemoSettings
from config.settings import Settings
from config.sip import ListenSettings
from config.web_calls import WebCallSettings
from cti_server.api.server import application
from cti_server.calls.switchboard import Switchboard
from cti_server.calls.web_calls import WebCalls

from .conftest import Centre

DEMO: dict[str, Any] = {
    "password": "of this run",
    "log_ins": [
        {
            "agent_id": "chen",
            "name": "陈静",
            "role": "agent",
            "phone": "browser",
            "about": {"en": "Takes calls in the page", "zh": "在网页上接听"},
        }
    ],
    "numbers": [
        {"number": "1000", "title": {"en": "Menu"}, "hint": {"en": "1: sales"}},
        {"number": "1012", "title": {"en": "Balance"}},
    ],
    "tries": [{"en": "Call the menu"}],
}
PAGES = WebCallSettings(numbers={"1000": {"en": "Menu"}}, caller_number="13900139000")


async def test_a_demonstration_tells_who_to_be_what_to_call_and_what_to_try(
    centre: Centre,
) -> None:
    web_calls = WebCalls(PAGES, cast(Switchboard, None), lambda: True, lambda *_: None)
    here = replace(
        centre.parts,
        demo=DemoSettings.model_validate(DEMO),
        web_calls=web_calls,
        sip_listen=(ListenSettings(transport="udp", port=5062),),
    )
    async with TestClient(TestServer(application(here, "1"))) as client:
        answer = await client.get("/api/v1/demo")
        told = await answer.json()

    assert answer.headers["Cache-Control"] == "no-store"
    assert told == {
        "password": "of this run",
        "log_ins": DEMO["log_ins"],
        "sip": [{"transport": "udp", "host": "127.0.0.1", "port": 5062}],
        "realm": here.realm,
        "numbers": [
            {
                **DEMO["numbers"][0],
                "sip_uri": "sip:1000@127.0.0.1:5062",
                "from_page": True,
            },
            {
                **DEMO["numbers"][1],
                "hint": None,
                "sip_uri": "sip:1012@127.0.0.1:5062",
                "from_page": False,
            },
        ],
        "page_caller_number": "13900139000",
        "tries": DEMO["tries"],
    }


async def test_any_other_server_knows_nothing_of_it(centre: Centre) -> None:
    for path in ("/api/v1/demo", "/api/v1/web-calls", "/api/v1/web-calls/socket"):
        assert (await centre.client.get(path)).status == 404


def test_a_server_that_others_reach_does_not_tell_passwords() -> None:
    tls = {"certificate": __file__, "key": __file__}
    with pytest.raises(ValidationError, match="demo: it tells everybody a password"):
        Settings.model_validate({"demo": DEMO, "api": {"host": "192.0.2.1", "tls": tls}})


def test_pages_call_numbers_that_there_are() -> None:
    with pytest.raises(ValidationError, match=r"web_calls.numbers.1000: numbers has no '1000'"):
        Settings.model_validate({"web_calls": {"numbers": {"1000": {"en": "Menu"}}}})
