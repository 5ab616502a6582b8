"""A customer serves themselves by text over an SMS centre that we are bound to (SMPP)."""

from pathlib import Path
from typing import Any

from config.settings import SHIPPED
from simulator.demo_outside import write_information
from tests.smsc import Smsc, smsc

from .centre import centre, queue
from .people import Hire
from .test_self_service import SERVICES, SUBSCRIBER

WU = Hire("wu", "8030", skills=("repair:3", "english:3"))
OURS, LI = "10690000", "+8613800138000"


def plan(folder: Path, network: Smsc) -> dict[str, Any]:
    write_information(SHIPPED / "demo" / "information.sql", folder / "information.db")
    databases = {"information": {"url": f"sqlite:///{folder / 'information.db'}"}}
    return {
        "flows": (),
        "numbers": {"1013": {"flow": "shipped:fault.yaml"}},
        "queues": [queue("operator"), queue("repair", skills={"repair": 1})],
        "queries": {"databases": databases, "lookups": str(SHIPPED / "demo" / "lookups.yaml")},
        "self_service": {"services": {"fault": SERVICES["fault"]}},
        "sms": {
            "gateways": {"carrier": network.settings()},
            "numbers": {
                OURS: {
                    "gateway": "carrier",
                    "keywords": {"报修": {"service": "fault", "language": "zh"}},
                }
            },
        },
    }


class Phone:
    """The customer's, behind the centre; it joins the parts of what it gets."""

    def __init__(self, network: Smsc) -> None:
        self._network = network
        self._read = 0

    async def ask(self, text: str) -> str:
        octets = text.encode("utf-16-be")
        await self._network.deliver(LI[1:], OURS, octets, 8)
        await self._network.when(self._is_whole)
        parts = self._network.submitted[self._read :]
        self._read += len(parts)
        assert {part["to"] for part in parts} == {LI[1:]}
        return "".join(part["text"] for part in parts)

    def _is_whole(self) -> bool:
        parts = self._network.submitted[self._read :]
        if not parts:
            return False
        [header] = parts[0]["udh"] or ["0000000101"]
        return len(parts) == int(header[-4:-2], 16)


async def test_a_fault_is_reported_by_text_and_the_network_says_that_the_answer_arrived(
    tmp_path: Path,
) -> None:
    async with smsc() as network, centre(tmp_path, WU, **plan(tmp_path, network)) as hotline:
        await network.bound()
        phone, supervisor = Phone(network), hotline.chief
        first = await phone.ask("报修")
        account = await phone.ask("1")
        await phone.ask(SUBSCRIBER)
        told = await phone.ask("宽带不通")
        [ticket] = (await hotline.agents["wu"].desk.get("/api/v1/tickets?type=fault"))["items"]
        page = await supervisor.when(
            "/api/v1/outbox?channel=sms",
            lambda page: all(job["delivery"] for job in page["items"]),
        )

    assert "1 自助报修" in first.splitlines()
    assert account.endswith("请输入您的八位用户账号。\n* 人工报修")
    assert f"受理号是{ticket['number']}" in told
    assert [job["delivery"] for job in page["items"]] == ["delivered"] * 4
    assert {one["status"] for one in network.all("answered")} == {0}
    assert len(network.all("unbound")) == 1  # a server that stops says goodbye
