"""Texts leave by HTTP: what the gateway says is told apart; who stopped gets none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from config.sms import SmsSettings
from cti_server.outbox.sms import SmsSender, Text
from cti_server.sms.kannel_way import KannelWay
from cti_server.store.database import Database
from cti_server.store.outbox import OutboxJob
from cti_server.store.sms_senders import SmsSenders
from fax_sms_email.errors import NotSent
from tests.store.stories import NINE

from .post_office import HandClock

LI = "+8613800138000"
KEY = b"key"


class Gateway:
    """Its answers are set; it remembers what it was asked."""

    def __init__(self) -> None:
        self.status = 202
        self.asked: list[tuple[dict[str, str], str]] = []
        self.answers = asyncio.Event()
        self.answers.set()

    async def take(self, request: web.Request) -> web.Response:
        self.asked.append((dict(request.headers), (await request.read()).decode()))
        await self.answers.wait()
        return web.Response(status=self.status, text=f"told about {LI}")


@pytest.fixture
async def gateway() -> AsyncIterator[tuple[Gateway, str]]:
    gateway, app = Gateway(), web.Application()
    app.router.add_post("/cgi-bin/sendsms", gateway.take)
    async with TestServer(app) as server:
        yield gateway, str(server.make_url("/cgi-bin/sendsms"))


@pytest.fixture
async def sender(gateway: tuple[Gateway, str], database: Database) -> AsyncIterator[SmsSender]:
    async with sending_to(gateway[1], database) as sender:
        yield sender


@asynccontextmanager
async def sending_to(url: str, database: Database) -> AsyncIterator[SmsSender]:
    here = settings(url)
    way = KannelWay(here.kannels["kannel"], "sendsecret", 1)
    yield SmsSender(here, {"kannel": way}, database, HandClock(), KEY)
    await way.close()


def settings(url: str, **more: Any) -> SmsSettings:
    kannel = {"send_url": url, "username": "hotline", "password": "-", "secret": "0123456789ab"}
    return SmsSettings.model_validate({"gateways": {"kannel": kannel}, "timeout": 1, **more})


def job(text: str = "您好", **changes: Any) -> OutboxJob:
    content = {"text": text, "gateway": "kannel", "our_number": "10690000", **changes}
    return OutboxJob(
        id="job-1",
        key="sms 1",
        channel="sms",
        recipient=LI,
        content=dict(Text(**content).as_content()),
        created_at=NINE,
        wanted_at=NINE,
        due_at=NINE,
    )


async def test_a_text_is_handed_to_its_gateway(
    gateway: tuple[Gateway, str], sender: SmsSender
) -> None:
    await sender.send(job())

    [(headers, body)] = gateway[0].asked
    assert body == "您好"
    assert {name: headers[name] for name in headers if name.startswith("X-Kannel")} == {
        "X-Kannel-Username": "hotline",
        "X-Kannel-Password": "sendsecret",
        "X-Kannel-From": "10690000",
        "X-Kannel-To": LI,
        "X-Kannel-Coding": "2",
    }


@pytest.mark.parametrize(("status", "permanent"), [(400, True), (403, False), (503, False)])
async def test_what_the_gateway_refuses_is_told_apart(
    gateway: tuple[Gateway, str], sender: SmsSender, status: int, permanent: bool
) -> None:
    gateway[0].status = status

    with pytest.raises(NotSent, match=str(status)) as failure:
        await sender.send(job())

    assert failure.value.permanent is permanent


async def test_a_gateway_that_says_nothing_or_is_gone_is_asked_again_later(
    gateway: tuple[Gateway, str], sender: SmsSender, database: Database
) -> None:
    gateway[0].answers.clear()
    with pytest.raises(NotSent, match="TimeoutError") as silent:
        await sender.send(job())
    gateway[0].answers.set()
    async with sending_to("http://127.0.0.1:9/x", database) as nobody:
        with pytest.raises(NotSent) as gone:
            await nobody.send(job())
    with pytest.raises(NotSent, match="no gateway 'another'") as unknown:
        await sender.send(job(gateway="another"))

    assert not any(one.value.permanent for one in (silent, gone, unknown))
    assert "sendsecret" not in str(silent.value)


async def test_who_wants_no_texts_gets_none_but_the_one_that_says_so(
    gateway: tuple[Gateway, str], sender: SmsSender, database: Database
) -> None:
    async with database.sessions.begin() as session:
        await SmsSenders(session, KEY).put(LI, stopped_at=NINE)

    with pytest.raises(NotSent, match="no texts") as failure:
        await sender.send(job())
    await sender.send(job("bye", after_stop=True))

    assert failure.value.permanent
    assert [body for _, body in gateway[0].asked] == ["bye"]
    assert sender.patience.gives_up_after == timedelta(hours=4)
