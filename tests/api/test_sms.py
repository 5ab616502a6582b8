"""Gateways hand texts over: from their address, by their secret, each once, and nothing is lost."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select, text
from structlog.testing import capture_logs

from config.sms import SmsSettings
from cti_server.api.server import application
from cti_server.sms.inbox import Inbox
from cti_server.store.sms_messages import SmsMessage

from .conftest import Centre

SECRET = "0123456789ab"
BY_SECRET = aiohttp.encode_basic_auth("kannel", SECRET)
GIVEN = {"id": "6ae1", "from": "13800138000", "to": "10690000", "coding": "0", "charset": "UTF-8"}
KANNEL = {
    "send_url": "http://127.0.0.1:13013/cgi-bin/sendsms",
    "username": "hotline",
    "password": "-",
    "secret": SECRET,
}
SMS = SmsSettings.model_validate(
    {
        "gateways": {"kannel": KANNEL, "far": {**KANNEL, "addresses": ["192.0.2.0/24"]}},
        "numbers": {
            number: {
                "gateway": gateway,
                "keywords": {"报修": {"service": "fault", "language": "zh"}},
            }
            for number, gateway in (("10690000", "kannel"), ("10690001", "far"))
        },
    }
)


class Gateway:
    def __init__(self, client: TestClient[Any, Any], centre: Centre) -> None:
        self.client = client
        self.database = centre.parts.database

    async def hands_over(
        self,
        body: bytes = "报修".encode(),
        gateway: str = "kannel",
        auth: str = BY_SECRET,
        **changes: str,
    ) -> tuple[int, str]:
        async with self.client.post(
            f"/api/v1/sms/{gateway}",
            params=GIVEN | changes,
            data=body,
            headers={"Authorization": auth},
        ) as answer:
            return answer.status, await answer.text()

    async def taken(self) -> list[tuple[str, str, str, str]]:
        async with self.database.readers() as session:
            found = (await session.scalars(select(SmsMessage))).all()
        return [(one.gateway_id, one.number, one.our_number, one.text) for one in found]


@pytest.fixture
async def gateway(centre: Centre) -> AsyncIterator[Gateway]:
    parts = centre.parts
    inbox = Inbox(
        SMS.kannels,
        dict.fromkeys(SMS.gateways, SECRET),
        SMS.numbers,
        parts.changes,
        parts.clock,
        parts.new_id,
        "CN",
    )
    async with TestClient(TestServer(application(replace(parts, sms=inbox), "test"))) as client:
        yield Gateway(client, centre)


async def test_a_text_is_in_the_database_before_it_is_taken_and_once(gateway: Gateway) -> None:
    assert await gateway.hands_over() == (200, "")  # a body would go to the customer
    assert await gateway.hands_over() == (200, "")
    assert await gateway.hands_over(
        "余额".encode("utf-16-be"), id="6ae2", coding="2", charset=""
    ) == (
        200,
        "",
    )

    li = ("+8613800138000", "10690000")
    assert await gateway.taken() == [("6ae1", *li, "报修"), ("6ae2", *li, "余额")]


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"gateway": "nobody"}, 404, "nobody"),
        ({"gateway": "far", "to": "10690001"}, 403, "127.0.0.1"),
        ({"auth": ""}, 401, ""),
        ({"auth": "Basic ???"}, 401, ""),
        ({"auth": f"Bearer {SECRET}"}, 401, ""),
        ({"auth": aiohttp.encode_basic_auth("kannel", "guessed")}, 401, ""),
        ({"auth": aiohttp.encode_basic_auth("kannel", "")}, 401, ""),
        ({"id": ""}, 422, "id: is missing"),
        ({"to": "10690001"}, 422, "to: "),
        ({"to": "95588"}, 422, "to: "),
    ],
)
async def test_what_cannot_be_taken_is_refused_and_names_the_field(
    gateway: Gateway, changes: dict[str, Any], status: int, told: str
) -> None:
    found, answer = await gateway.hands_over(**changes)

    assert found == status
    assert told in answer
    assert SECRET not in answer
    assert await gateway.taken() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"from": ""}, "from"),
        ({"from": "BANK"}, "from"),
        ({"coding": "1"}, "coding"),
        ({"charset": "EBCDIC"}, "charset"),
        ({"body": b"\xff"}, "body"),
        ({"body": b"x" * 2001}, "body"),
        ({"body": b"x" * 9000}, "body"),
    ],
)
async def test_what_the_sender_did_wrong_is_not_handed_over_again_but_is_in_the_log(
    gateway: Gateway, changes: dict[str, Any], field: str
) -> None:
    with capture_logs() as logs:
        assert await gateway.hands_over(**changes) == (202, "")

    [refused] = [line for line in logs if line["event"] == "sms.refused"]
    assert refused["reason"].startswith(f"{field}: ")
    assert await gateway.taken() == []


async def test_an_empty_secret_proves_nothing(centre: Centre) -> None:
    parts = centre.parts
    secrets = {"kannel": ""}
    inbox = Inbox(SMS.kannels, secrets, SMS.numbers, parts.changes, parts.clock, parts.new_id, "CN")
    async with TestClient(TestServer(application(replace(parts, sms=inbox), "test"))) as client:
        gateway = Gateway(client, centre)
        for auth in ("", aiohttp.encode_basic_auth("kannel", "")):
            assert (await gateway.hands_over(auth=auth))[0] == 401
        assert await gateway.taken() == []


async def test_a_gateway_tries_again_when_the_store_is_away(gateway: Gateway) -> None:
    async with gateway.database.sessions.begin() as session:
        await session.execute(text("ALTER TABLE sms_message RENAME TO x"))

    status, _ = await gateway.hands_over()

    assert status == 503


async def test_without_a_gateway_there_is_no_such_page(centre: Centre) -> None:
    async with centre.client.post(
        "/api/v1/sms/kannel", params=GIVEN, headers={"Authorization": BY_SECRET}
    ) as answer:
        assert answer.status == 404
