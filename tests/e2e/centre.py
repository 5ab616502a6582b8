"""A whole contact centre for tests, seen from outside: its phones, desktops, stream and /proc."""

import asyncio
import contextlib
import itertools
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from argon2 import PasswordHasher

from config.settings import load
from cti_server.administration import NewAgent, add_agent, administer, import_customers
from cti_server.sip.digest import ha1
from cti_server.store.agents import SipAccount, SipAccounts
from cti_server.store.base import Base
from cti_server.store.database import Database
from simulator.phone import OnRing, Phones, answer
from tests.audio import write_tone
from tests.fakes.databases import new_sqlite
from tests.running_server import PASSWORD, Desktop, RunningServer, configuration

from . import possessions
from .book import WITHIN, Book
from .people import Agent, Caller, Hire

FLOWS = Path(__file__).parent / "flows"
FLOW_FILES = ("hotline.yaml",)
TONES = {500: 1.0, 600: 1.0, 700: 0.3, 800: 0.5, 900: 1.0, 1000: 1.0}
"""The prompts of the flows: Hz and seconds."""


def queue(name: str, **changes: Any) -> dict[str, Any]:
    """One where nothing is said or recorded, and nobody rests, unless ``changes`` say so."""
    usual = {
        "name": name,
        "skills": {"sales": 1},
        "ring_for": 5,
        "wrap_up": 0,
        "announce_agent": False,
        "announce_position_every": None,
        "record": False,
    }
    return {**usual, **changes}


QUEUES: list[dict[str, Any]] = [
    {
        "name": "service",
        "skills": {"sales": 1},
        "ring_for": 3,
        "wrap_up": 0.2,
        "announce_position_every": None,
    },
    queue("quick", ring_for=3),
]
NUMBERS: dict[str, Any] = {
    "1000": {"flow": "hotline.yaml"},
    "2000": {"queue": "service", "language": "en"},
    "2001": {"queue": "quick", "language": "en"},
}

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""A log-in checks as its hash says: by the usual one, a tenth of a second for each agent."""

_numbers = itertools.count(13_900_000_000)

LI, WANG = Hire("li", "8026"), Hire("wang", "8027")
CHIEF = Hire("chief", "8001", skills=(), roles=("supervisor",))


OPENED_LATE = 4
"""Files, or threads, of two workers of a pool with a connection each; who leaks opens more."""


class Centre:
    """A running server with its people."""

    def __init__(self, server: RunningServer, phones: Phones) -> None:
        self.server = server
        self.phones = phones
        self.agents: dict[str, Agent] = {}
        self._chief: Desktop | None = None
        self._book: Book | None = None
        self._warm: dict[str, float] | None = None
        self._callers: list[Caller] = []
        self._session = aiohttp.ClientSession(server.api)

    @property
    def book(self) -> Book:
        assert self._book is not None
        return self._book

    @property
    def chief(self) -> Desktop:
        """The supervisor's desktop."""
        assert self._chief is not None
        return self._chief

    async def staff(self, hires: Sequence[Hire]) -> None:
        """Have everybody come in: the supervisor and the agents log in, the phones register."""
        self._chief = await self.server.log_in(CHIEF.id)
        self._book = Book(self.server.api, self._chief.token)
        await self._book.open()
        for hire in hires:
            if hire.id == CHIEF.id:
                continue
            phone = self.phones.add(hire.id)
            if hire.phone is None and hire.registers:
                await phone.register(f"sip:127.0.0.1:{self.server.sip_port}", PASSWORD)
            self.agents[hire.id] = Agent(await self.server.log_in(hire.id), phone)

    async def moved_to(self, server: RunningServer) -> "Centre":
        """The same people at the server's next life: nobody logs in or registers again."""
        it = Centre(server, self.phones)
        it._chief = Desktop(server.api, CHIEF.id, self.chief.token)
        it._book = Book(server.api, self.chief.token)
        for name, agent in self.agents.items():
            it.agents[name] = Agent(Desktop(server.api, name, agent.desk.token), agent.phone)
        try:
            await it._book.open()
        except BaseException:
            await it.close()
            raise
        return it

    async def close(self) -> None:
        await self._session.close()
        assert self.server.process is not None
        for agent in self.agents.values():
            await agent.desk.close()
            if self.server.process.returncode is not None:
                agent.phone.registration = None  # nobody would answer that it is removed
        if self._book is not None:
            await self._book.close()
        if self._chief is not None:
            await self._chief.close()

    def caller(
        self,
        phones: Phones | None = None,
        *,
        number: str | None = None,
        codecs: Sequence[str] = ("PCMU",),
    ) -> Caller:
        """A customer, by default one who has not called before."""
        phone = (phones or self.phones).add(number or str(next(_numbers)), codecs=codecs)
        caller = Caller(self.server, self.book, phone)
        self._callers.append(caller)
        return caller

    def everybody_hangs_up(self) -> None:
        """All customers who are still there leave."""
        for caller in self._callers:
            caller.leave()
        self._callers.clear()

    async def force(self, agent: Agent, state: str, reason: str | None = None) -> int:
        """What a supervisor does to another's state; the HTTP status."""
        async with self._session.put(
            f"/api/v1/agents/{agent.id}/state",
            json={"state": state, "reason": reason},
            headers={"Authorization": f"Bearer {self.chief.token}"},
        ) as answered:
            return answered.status

    async def moves(self, caller: Caller, queue: str) -> int:
        """What a supervisor does to who waits; the HTTP status."""
        status, _ = await self.chief.post(f"/api/v1/contacts/{caller.contact_id}/move", queue=queue)
        return status

    async def history(self, contact_id: str, within: float = 15.0) -> dict[str, Any]:
        """A contact's records, when the database has its end."""
        assert contact_id
        await self.chief.when(
            "/api/v1/contacts?limit=500",
            lambda rows: any(row["id"] == contact_id and row["ended_at"] for row in rows),
            within,
        )
        found: dict[str, Any] = await self.chief.get(f"/api/v1/contacts/{contact_id}")
        return found

    @contextlib.asynccontextmanager
    async def on_duty(
        self, *names: str, on_ring: OnRing | None = None
    ) -> AsyncIterator[tuple[Agent, ...]]:
        """These agents are ready, in this order, and not ready any more at the end."""
        agents = tuple(self.agents[name] for name in names)
        for agent in agents:
            agent.on_ring(on_ring or answer())
            await agent.desk.set_state("ready")
        try:
            yield agents
        finally:
            self.everybody_hangs_up()
            for agent in agents:
                view = await agent.desk.get(f"/api/v1/agents/{agent.id}")
                if view["state"] != "logged_out":
                    await agent.desk.set_state("not_ready")
                    await agent.is_in("not_ready")

    async def warm_up(self, number: str = "2000") -> None:
        """Open all that is opened once and kept: threads, connections to the database, jobs."""
        async with aiohttp.ClientSession(
            self.server.api, headers={"Authorization": f"Bearer {self.chief.token}"}
        ) as many:
            log_ins = [
                many.post("/api/v1/sessions", json={"agent_id": f"nobody{n}", "password": "?"})
                for n in range(12)
            ]
            reads = [many.get("/api/v1/contacts") for _ in range(30)]
            answers = await asyncio.gather(*log_ins, *reads)
            assert {answer.status for answer in answers} == {200, 401}
        async with self.on_duty(*self.agents):
            # At once, so that each look-up has a connection of its own, as many as are kept.
            callers = [self.caller() for _ in range(20)]
            await asyncio.gather(*(caller.dial(number) for caller in callers))
            await asyncio.gather(*(caller.queued() for caller in callers))
            await callers[0].happens("interaction.started")
            for caller in callers:
                caller.call.hang_up()
            await asyncio.gather(*(caller.over() for caller in callers))
        await self.settled()
        self._warm = await self.possessions()

    # --- what is held -------------------------------------------------------------------------

    async def figures(self) -> dict[str, float]:
        """``/metrics``, by name."""
        async with self._session.get("/metrics") as page:
            text = await page.text()
            assert page.status == 200, text
        lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in lines if "{" not in name}

    async def readiness(self) -> int:
        """The status of ``/readyz``."""
        async with self._session.get("/readyz") as answered:
            return answered.status

    async def settled(self, within: float = WITHIN) -> None:
        """
        Wait until no call, leg, dialog or capture is left, and the archive has caught up.

        After :meth:`warm_up` no file or thread may be open either that was not open then, but for
        the last of a pool: how many work at once in a crowd is the machine's to say.
        """
        left: dict[str, float] = {}
        try:
            async with asyncio.timeout(within):
                while left := await self._held():  # noqa: ASYNC110 - of another process
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"still held after {within:g} s: {left}") from None

    async def _held(self) -> dict[str, float]:
        figures = await self.figures()
        held = {name: figures[name] for name in possessions.HELD if figures[name]}
        spooled = await asyncio.to_thread(possessions.entries, self.server.data / "spool")
        if spooled:
            held["spool"] = spooled
        if self._warm is not None:
            more = possessions.more(self._warm, await self.possessions())
            held |= {name: count for name, count in more.items() if count > OPENED_LATE}
        return held

    @property
    def control_pid(self) -> int:
        return self.server.control_pid

    @property
    def worker_pids(self) -> list[int]:
        """The media workers' process ids."""
        return possessions.workers(self.control_pid)

    async def replaced(self, dead: int) -> None:
        """Wait until a media worker has taken the dead one's place."""
        wanted = self.server.config["media"]["workers"]
        async with asyncio.timeout(30):
            while (  # noqa: ASYNC110 - of another process
                dead in self.worker_pids or (await self.figures())["hotline_media_workers"] < wanted
            ):
                await asyncio.sleep(0.05)

    async def possessions(self) -> dict[str, float]:
        """Open files and threads of the control process and its workers; tasks, if it tells."""
        figures = await self.figures()
        return {
            **possessions.of(self.control_pid, self.server.config["api"]["port"]),
            "tasks": figures.get("hotline_server_tasks", 0),
        }


def lay_out(folder: Path, flows: Sequence[str] = FLOW_FILES) -> Path:
    """Flow files and the tones that they play, in a folder of the test's own."""
    tones = folder / "flows" / "tones"
    tones.mkdir(parents=True, exist_ok=True)
    for name in flows:
        shutil.copy(FLOWS / name, folder / "flows" / name)
    for hz, seconds in TONES.items():
        write_tone(tones / f"{hz}.wav", hz, seconds)
    return folder / "flows"


def planned(folder: Path, **changes: Any) -> RunningServer:
    """A server that is not started yet: our queues and numbers, with changes."""
    flows = lay_out(folder, changes.pop("flows", FLOW_FILES))
    numbers = {
        number: {**leads_to, "flow": str(flows / leads_to["flow"])}
        if not leads_to.get("flow", "shipped:").startswith("shipped:")
        else leads_to
        for number, leads_to in changes.pop("numbers", NUMBERS).items()
    }
    sip = changes.pop("sip", {})
    watched = changes.pop("watched", False)
    config, sip_port, api_port = configuration(
        folder, numbers=numbers, **{"queues": QUEUES, **changes}
    )
    config["sip"] |= sip
    return RunningServer(folder, config, sip_port, f"http://127.0.0.1:{api_port}", watched)


async def define(
    server: RunningServer,
    hires: Sequence[Hire],
    customers: bytes = b"",
    accounts: Sequence[str] = (),
    past: Sequence[Base] = (),
) -> None:
    """
    Agents and customers, as the command line defines them (tests/e2e/test_cli.py).

    ``past``: records that an earlier server has left.
    """
    server.config_file.write_text(yaml.safe_dump(server.config), encoding="utf-8")
    settings = load(server.config_file)
    settings.data.mkdir(parents=True, exist_ok=True)
    if settings.database_url is None:
        await new_sqlite(settings.data).close()

    async def work(database: Database) -> None:
        for hire in hires:
            new = NewAgent.of(
                hire.id,
                hire.id.title(),
                hire.number,
                hire.skills,
                hire.roles,
                hire.phone,
                PASSWORD,
            )
            await add_agent(database, settings, new, CHEAP)
        async with database.sessions.begin() as session:
            session.add_all(past)
            for name in accounts:
                await SipAccounts(session).put(_account(name, settings.sip.realm))
        if customers:
            await import_customers(database, settings, customers)

    await administer(settings, work)


def _account(name: str, realm: str) -> SipAccount:
    hashes = [ha1(name, realm, PASSWORD, algorithm) for algorithm in ("MD5", "SHA-256")]
    return SipAccount(username=name, ha1_md5=hashes[0], ha1_sha256=hashes[1])


@contextlib.asynccontextmanager
async def centre(
    folder: Path,
    *hires: Hire,
    customers: bytes = b"",
    accounts: Sequence[str] = (),
    past: Sequence[Base] = (),
    host: str = "127.0.0.1",
    phone_port: int = 0,
    allowed: Callable[[Mapping[str, Any]], bool] = lambda line: False,
    **changes: Any,
) -> AsyncIterator[Centre]:
    """
    A centre at work: started, staffed, agents not ready yet.

    At the end it must stop with exit code 0 if it still runs, and no log line may be an error,
    but those that are ``allowed``. ``host`` and ``phone_port`` are where the phones are;
    ``accounts`` are SIP accounts that are no agent's; ``past``: records of an earlier server.
    """
    people = [*(hires or (LI, WANG)), CHIEF]
    server = planned(folder, **changes)
    await define(server, people, customers, accounts, past)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(_stop, server, allowed)
        await server.start()
        phones = Phones(host, phone_port)
        stack.push_async_callback(phones.close)
        await phones.start()
        it = Centre(server, phones)
        stack.push_async_callback(it.close)
        await it.staff(people)
        yield it


async def _stop(server: RunningServer, allowed: Callable[[Mapping[str, Any]], bool]) -> None:
    await server.close_desktops()
    assert server.process is not None
    if server.process.returncode is None:
        assert await server.stop() == 0, server.log_lines[-20:]
    errors = [line for line in server.log_lines if _is_error(line) and not allowed(line)]
    assert not errors, "\n".join(str(line) for line in errors[:10])


def _is_error(line: Mapping[str, Any]) -> bool:
    if "resource_tracker" in str(line.get("text")):
        return False  # Python's own word on what a killed process could not put away
    found = line.get("event") == "self_check.incident_found"
    bad = line.get("level") in ("error", "critical") or "exception" in line
    return bool(line.get("text")) or bad or found
