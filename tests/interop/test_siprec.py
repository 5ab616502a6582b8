"""SIPp as a session recording client: what it sent stands in the archive, sample by sample."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.centre import centre
from tests.ports import free_port
from tests.recording_client import (
    PACKET,
    SILENCE,
    WITHIN,
    Speaker,
    captured,
    heard_in,
    sides,
    speakers,
    until,
)
from tests.running_server import RunningServer, serving

pytestmark = pytest.mark.interop

SCENARIO: Final = Path(__file__).parent / "sipp" / "uac-has-a-call-recorded.xml"
CALL_ID: Final = "recorded"
SIPREC: Final = {"clients": [{"name": "pbx", "addresses": ["127.0.0.1"], "agents": ["10"]}]}
SESSION: Final = "hVpd7YQgRW2nD22h7q60JQ=="


class Sipp:
    """The client: its files tell how far it is, and it goes on when it is let."""

    def __init__(
        self, folder: Path, server: RunningServer, agent: Speaker, customer: Speaker
    ) -> None:
        self._folder, self._server = folder, server
        self._speakers = agent, customer
        self._port = free_port()
        self._process: asyncio.subprocess.Process | None = None

    async def begin(self) -> None:
        ports = (str(speaker.port) for speaker in self._speakers)
        keys = zip(("port1", "port2"), ports, strict=True)
        self._process = await asyncio.create_subprocess_exec(
            *("sipp", "-sf", str(SCENARIO), "-i", "127.0.0.1", "-p", str(self._port), "-m", "1"),
            *(word for key, port in keys for word in ("-key", key, port)),
            *("-cid_str", CALL_ID, "-nostdin", "-timeout", "300", "-timeout_error", "-trace_err"),
            f"127.0.0.1:{self._server.sip_port}",
            cwd=self._folder,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )

    async def is_at(self, place: str) -> str:
        """Wait until it says so; what else it says."""
        file = self._folder / place
        await until(lambda: file.exists() or self._ended)
        assert file.exists(), self.errors
        return file.read_text()

    def go_on(self) -> None:
        text = (
            f"INFO sip:src@127.0.0.1:{self._port} SIP/2.0\r\n"
            "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKbeside\r\n"
            "From: <sip:beside@127.0.0.1>;tag=beside\r\nTo: <sip:src@127.0.0.1>\r\n"
            f"Call-ID: {CALL_ID}\r\nCSeq: 1 INFO\r\nContent-Length: 0\r\n\r\n"
        )
        with _udp() as beside:
            beside.sendto(text.encode(), ("127.0.0.1", self._port))

    async def ends(self) -> int:
        assert self._process is not None
        async with asyncio.timeout(WITHIN):
            return await self._process.wait()

    @property
    def _ended(self) -> bool:
        return self._process is not None and self._process.returncode is not None

    @property
    def errors(self) -> str:
        return "".join(each.read_text() for each in self._folder.glob("*errors.log"))


@contextmanager
def _udp() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        yield made


async def test_a_pbx_sends_its_call_and_each_sample_is_in_the_archive(tmp_path: Path) -> None:
    def written(speaker: Speaker, number: int) -> bool:
        """Whether that packet of theirs is on the disk."""
        left, right = captured(it.server.data)
        return speaker.said[number].sound in (right if speaker is agent else left)

    async with (
        centre(tmp_path, siprec=SIPREC, sip={"ping_every": None}) as it,
        speakers() as (agent, customer),
    ):
        client = Sipp(tmp_path, it.server, agent, customer)
        await client.begin()
        to_agent, to_customer = map(int, (await client.is_at("ports")).split())
        agent.speak(to_agent)
        customer.speak(to_customer)
        await client.is_at("recorded")
        await until(lambda: len(agent.said) > 50 and written(agent, 50) and written(customer, 50))

        before = len(customer.said)
        client.go_on()
        await client.is_at("muted")
        silent = SILENCE * 50 * PACKET
        await until(lambda: captured(it.server.data)[0].endswith(silent))
        client.go_on()
        await client.is_at("heard-again")
        at = len(customer.said)
        await until(lambda: any(written(customer, n) for n in range(at, len(customer.said))))
        for speaker in (agent, customer):
            await speaker.stop()
        await until(lambda: written(agent, -1) and written(customer, -1))
        client.go_on()
        code = await client.ends()

        (row,) = await it.chief.when(
            "/api/v1/recordings", lambda rows: [row["state"] for row in rows] == ["stored"], WITHIN
        )
        left, right = sides(await it.chief.get_bytes(row["audio"]))
        found = await it.chief.get("/api/v1/recording-search?kind=siprec&number=13800138000")
        by_name = await it.chief.get("/api/v1/recording-search?foreign=Li%20Na")
        calls = await it.chief.get("/api/v1/contacts")

    assert code == 0, client.errors
    assert (row["kind"], row["caller_number"], row["dialled_number"]) == (
        *("siprec", "13800138000", "1001"),
    )
    assert (row["foreign"]["session_id"], row["foreign"]["agent_name"]) == (SESSION, "Li Na")
    assert [each["id"] for each in (*found["items"], *by_name["items"])] == [row["id"]] * 2
    assert calls == []  # it was no contact of this centre

    # Whoever is not muted is there, each packet in its place and silence wherever nothing was sent.
    assert heard_in(right, agent.said) == list(range(len(agent.said)))

    # Of the customer one stretch is missing, from when they were muted; the time line went on.
    kept = heard_in(left, customer.said)
    missing = [number for number in range(len(customer.said)) if number not in kept]
    assert missing == list(range(missing[0], missing[-1] + 1))
    assert before <= missing[0] < missing[-1] < len(customer.said) - 1


async def test_without_clients_nobody_is_recorded(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, speakers() as both:
        client = Sipp(tmp_path, server, *both)
        await client.begin()
        code = await client.ends()

    assert code != 0
    assert "420" in client.errors
