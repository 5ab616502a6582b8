"""
The figures of real calls, live and from the records.

What is expected is reckoned from the callers' and agents' own phones: when each was answered, held
and ended, by their clock.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from simulator.phone_call import PhoneCall

from .carrier import LOOPBACK
from .centre import LI, WANG, Centre, centre
from .centre import queue as usual_queue
from .people import Caller, Hire, passed
from .talking import does

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

CLOCK = 0.3  # seconds by which what a phone sees may differ from what the log says
WRAP_UP = 0.4
POLICIES = ("longest_idle", "fewest_contacts", "round_robin", "least_occupied")
CROWD = 20
LINES, MOST_CALLS = 30, CROWD + 1
ZHOU = Hire("zhou", "8028")


queue = partial(usual_queue, service_level={"within": 0.9, "short_abandon": 0})
QUEUES = [
    queue("desk", wrap_up=WRAP_UP),
    queue("second"),
    queue("tiny", skills={"chinese": 1}, max_waiting=1, service_level={"short_abandon": 300}),
    queue("crowd"),
    *(queue(policy, policy=policy) for policy in POLICIES),
]
NUMBERS = {
    number: {"queue": one["name"], "language": "en"} for number, one in enumerate(QUEUES, 2000)
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    async with centre(
        tmp_path_factory.mktemp("figures"),
        *(LI, WANG, ZHOU),
        queues=QUEUES,
        numbers={str(number): leads_to for number, leads_to in NUMBERS.items()},
        sip={"trunks": [{**LOOPBACK, "lines": LINES}], "concurrent_calls": MOST_CALLS},
    ) as it:
        yield it


def number_of(name: str) -> str:
    return next(str(number) for number, one in NUMBERS.items() if one["queue"] == name)


async def waiting(hotline: Centre, name: str) -> Caller:
    caller = hotline.caller()
    await caller.dial(number_of(name))
    await caller.queued()
    return caller


def answered_at(call: PhoneCall) -> float:
    assert call.answered_at is not None
    return call.answered_at


def ended_at(call: PhoneCall) -> float:
    assert call.ended_at is not None
    return call.ended_at


def jain(shares: Sequence[float]) -> float:
    return sum(shares) ** 2 / len(shares) / sum(share * share for share in shares)


class Board:
    """A wall board: the supervisor's figures on the stream, and when each came."""

    def __init__(self) -> None:
        self.figures: dict[str, Any] = {}
        self.came: list[tuple[float, dict[str, Any]]] = []
        self._more = asyncio.Event()

    def take(self, message: dict[str, Any]) -> None:
        if message["type"] not in {"figures", "figures.changed"}:
            return
        changed = message["figures"] if message["type"] == "figures" else message["patch"]
        _merge(self.figures, changed)
        self.came.append((asyncio.get_running_loop().time(), message))
        self._more.set()

    async def shows(self, name: str, field: str, value: Any, within: float = 5.0) -> float:
        """Wait until it does; when that was."""
        async with asyncio.timeout(within):
            while self.figures.get("queues", {}).get(name, {}).get(field) != value:
                self._more.clear()
                await self._more.wait()
        return self.came[-1][0]


def _merge(target: dict[str, Any], patch: dict[str, Any]) -> None:
    """RFC 7396."""
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        elif isinstance(value, dict):
            _merge(target.setdefault(name, {}), value)
        else:
            target[name] = value


@asynccontextmanager
async def board(hotline: Centre) -> AsyncIterator[Board]:
    it = Board()

    async def read(socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            it.take(json.loads(message.data))

    async with (
        aiohttp.ClientSession(hotline.server.api) as session,
        session.ws_connect("/api/v1/stream") as socket,
    ):
        hello = {"type": "hello", "token": hotline.chief.token, "floor": True, "figures": True}
        await socket.send_json(hello)
        reading = asyncio.create_task(read(socket))
        try:
            yield it
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


async def figures_of(hotline: Centre, name: str, **wanted: Any) -> dict[str, Any]:
    """The queue's live figures, when today's are so."""

    def find(answered: dict[str, Any]) -> dict[str, Any]:
        return next(one for one in answered["queues"] if one["queue"] == name)

    def ready(answered: dict[str, Any]) -> bool:
        return bool(wanted.items() <= find(answered)["today"].items())

    return find(await hotline.chief.when("/api/v1/figures/queues", ready))


def line_seconds(answered: dict[str, Any]) -> float:
    """For how long lines of the trunk were busy today, all together."""
    [trunk] = answered["centre"]["trunks"]
    day, at = (datetime.fromisoformat(answered[name]) for name in ("day", "at"))
    return float(trunk["today"]["erlangs"] * (at - day).total_seconds())


async def report_of(hotline: Centre, kind: str, name: str, **wanted: Any) -> dict[str, Any]:
    """The queue's row in today's report, when the records are so."""

    def find(answered: dict[str, Any]) -> dict[str, Any]:
        return next((row for row in answered["rows"] if row["queue"] == name), {})

    def ready(answered: dict[str, Any]) -> bool:
        return wanted.items() <= find(answered).items()

    return find(await hotline.chief.when(f"/api/v1/reports/{kind}", ready))


def waits_of(report: dict[str, Any]) -> dict[str, Any]:
    """As the live figures have them."""
    return {name: report[f"wait_{name}"] for name in ("mean", "p50", "p90", "p95", "max")}


async def rows_of(hotline: Centre, report: str, key: str, **query: str) -> dict[str, Any]:
    """Today's rows, by their key."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answered = await hotline.chief.get(f"/api/v1/reports/{report}?{asked}")
    return {row[key]: row for row in answered["rows"]}


@pytest.mark.req("KP-01")
async def test_waits_and_handling_times_are_as_the_phones_saw_them(hotline: Centre) -> None:
    li, wang = hotline.agents["li"], hotline.agents["wang"]
    async with board(hotline) as shown:
        served = await waiting(hotline, "desk")
        queued_at = (await served.queued()).heard_at
        told_at = await shown.shows("desk", "waiting", 1)
        left = await waiting(hotline, "desk")
        await passed(left.call, 1.0)
        left.call.hang_up()
        await left.over()
    async with hotline.on_duty("li"):
        first = await li.rung()
        await served.happens("interaction.started")
        await does(li.desk, served, "hold")
        held_at = asyncio.get_running_loop().time()
        await passed(first, 0.5)
        await does(li.desk, served, "resume")
        held = asyncio.get_running_loop().time() - held_at
        await passed(first, 0.2)
        served.call.hang_up()
        await served.over()
        handed = await waiting(hotline, "desk")
        second = await li.rung()
        await handed.happens("interaction.started")
        await passed(second, 0.3)
        async with hotline.on_duty("wang"):
            await does(li.desk, handed, "transfer", queue="second")
            third = await wang.rung()
            await handed.happens("interaction.started", agent_id="wang")
            await passed(third, 0.3)
            handed.call.hang_up()
            await handed.over()
            await li.is_in("ready")
    over = {"offered": 3, "abandoned": 1, "handled": 2}
    live = await figures_of(hotline, "desk", **over)
    report = await report_of(hotline, "queues", "desk", **over)
    resolution = await report_of(hotline, "resolution", "second", contacts=1, resolved=1)

    assert told_at - queued_at <= 1 + CLOCK
    answered = [
        answered_at(first) - answered_at(served.call),
        answered_at(second) - answered_at(handed.call),
    ]
    waits = [*answered, ended_at(left.call) - answered_at(left.call)]
    today = live["today"]
    counts = ("offered", "answered", "abandoned", "short_abandoned", "handled", "transferred")
    assert [today[name] for name in counts] == [3, 2, 1, 0, 2, 1]
    assert today["asa"] == pytest.approx(sum(answered) / 2, abs=CLOCK)
    in_time = sum(wait <= 0.9 for wait in answered)
    assert today["service_level"] == pytest.approx(in_time / 3, abs=1e-4)
    for told_waits in (today["wait"], waits_of(report)):
        assert told_waits == pytest.approx(figures_of_waits(waits), abs=CLOCK)
    on_the_phone = sum(ended_at(call) - answered_at(call) for call in (first, second))
    assert today["aht"] == pytest.approx(on_the_phone / 2 + WRAP_UP, abs=CLOCK)
    assert today["hold"] == pytest.approx(held / 2, abs=CLOCK)
    assert today["talk"] == pytest.approx((on_the_phone - held) / 2, abs=CLOCK)
    assert today["wrap_up"] == pytest.approx(WRAP_UP, abs=CLOCK)
    assert [report[name] for name in counts] == [today[name] for name in counts]
    for name in ("asa", "aht", "talk", "hold", "wrap_up"):
        assert report[name] == pytest.approx(today[name], abs=0.01)
    told = ("contacts", "transferred", "transfers", "transfers_per_contact", "resolved")
    assert [resolution[name] for name in told] == [1, 1, 1, 1.0, 1]
    assert resolution["first_contact_resolution"] == 1.0


def figures_of_waits(waits: Sequence[float]) -> dict[str, float]:
    """By nearest rank."""
    ranked, shares = sorted(waits), {"p50": 50, "p90": 90, "p95": 95, "max": 100}
    found = {name: ranked[-(-share * len(ranked) // 100) - 1] for name, share in shares.items()}
    return {"mean": sum(ranked) / len(ranked), **found}


@pytest.mark.req("KP-02")
@pytest.mark.req("KP-03")
async def test_a_crowd_fills_all_lines_and_few_have_the_patience_to_be_answered(
    hotline: Centre,
) -> None:
    li, before = hotline.agents["li"], await hotline.chief.get("/api/v1/figures/centre")
    staying, refused = await waiting(hotline, "tiny"), hotline.caller()
    await refused.dial(number_of("tiny"))
    await refused.over()
    crowd = await in_line(hotline, "crowd", CROWD)
    blocked = hotline.caller()
    await blocked.dial(number_of("crowd"))
    await blocked.call.ended()
    full = await hotline.chief.when(
        "/api/v1/figures/centre", lambda one: one["centre"]["calls"]["busy"] == MOST_CALLS
    )
    patient, others = crowd[:3], crowd[3:]
    for caller in others:
        caller.call.hang_up()
        await passed(staying.call, 0.02)
    await passed(staying.call, CLOCK)
    answered = dict[Caller, float]()
    async with hotline.on_duty("li"):
        for caller in patient:
            at_li = await li.rung()
            await caller.happens("interaction.started")
            answered[caller] = answered_at(at_li)
            await passed(at_li, 2 * CLOCK)
            caller.call.hang_up()
            await caller.over()
    over = await hotline.chief.when(
        "/api/v1/figures/centre",
        lambda one: (one["centre"]["calls"]["busy"], refusals(one)) == (0, 1),
    )
    counts = {"offered": CROWD, "answered": 3, "abandoned": CROWD - 3, "short_abandoned": 0}
    live = await figures_of(hotline, "crowd", **counts)
    await report_of(hotline, "queues", "crowd", **counts)
    soon = {"offered": 1, "turned_away": 1, "abandoned": 0, "short_abandoned": 1}
    tiny = await figures_of(hotline, "tiny", **soon)
    tiny_report = await report_of(hotline, "queues", "tiny", **soon)

    ended = {caller: ended_at(caller.call) for caller in others} | answered
    waits = {one: (at, at - answered_at(one.call)) for one, at in ended.items()}
    told = figures_of_waits([wait for _, wait in waits.values()])
    for shorter, longer in pairwise([told[name] for name in ("p50", "p90", "p95", "max")]):
        assert longer - shorter > CLOCK
    assert live["today"]["abandon_rate"] == pytest.approx((CROWD - 3) / CROWD, abs=1e-4)
    for window, longest in (
        (tiny["today"], tiny["today"]["wait"]["max"]),
        (tiny_report, tiny_report["wait_max"]),
    ):
        assert (window["abandon_rate"], longest) == (None, None)
    for window in ("today", "recent"):
        assert live[window]["wait"] == pytest.approx(told, abs=CLOCK)
    for by, length in (("15m", 15), ("hour", 60), ("day", 24 * 60)):
        report = await hotline.chief.get(f"/api/v1/reports/queues?queue=crowd&by={by}")
        stretches = by_stretch(list(waits.values()), report["since"], timedelta(minutes=length))
        assert [row["begins_at"] for row in report["rows"]] == [*stretches]
        for row, some in zip(report["rows"], stretches.values(), strict=True):
            assert waits_of(row) == pytest.approx(figures_of_waits(some), abs=CLOCK)
    [trunk] = full["centre"]["trunks"]
    assert (trunk["trunk"], trunk["busy"], trunk["lines"]) == ("loopback", MOST_CALLS, LINES)
    lines = over["centre"]["calls"]["today"]
    assert (lines["turned_away"], lines["peak"]) == (1, MOST_CALLS)
    assert lines["blocked_rate"] == pytest.approx(2 / (lines["arrived"] + 1), abs=1e-4)
    [trunk] = over["centre"]["trunks"]
    today = trunk["today"]
    assert today["occupancy"] == pytest.approx(today["erlangs"] / LINES, abs=1e-5)
    callers = (refused, staying, *crowd)
    on_the_line = sum(ended_at(one.call) - one.call.began_at for one in callers)
    busy = line_seconds(over) - line_seconds(before)
    assert busy == pytest.approx(on_the_line, abs=len(callers) * CLOCK)


def refusals(answered: dict[str, Any]) -> int:
    return int(answered["centre"]["calls"]["today"]["refused"])


async def in_line(hotline: Centre, name: str, number: int) -> list[Caller]:
    """So many who call at once, in the order in which they wait then."""
    callers = await asyncio.gather(*(waiting(hotline, name) for _ in range(number)))
    places = {one: (await one.queued()).sequence for one in callers}
    return sorted(callers, key=lambda one: places[one])


def by_stretch(
    waits: Sequence[tuple[float, float]], since: str, length: timedelta
) -> dict[str, list[float]]:
    """Waits that ended then, by the beginning of the part of the day in which they did."""
    midnight, now = datetime.fromisoformat(since), datetime.now(UTC)
    ago, found = asyncio.get_running_loop().time(), dict[str, list[float]]()
    for ended, wait in sorted(waits):
        part = (now - timedelta(seconds=ago - ended) - midnight) // length
        found.setdefault((midnight + part * length).isoformat(), []).append(wait)
    return found


class Standing:
    """What each strategy goes by, as it was seen from outside, and whom it would choose."""

    def __init__(self, handled: dict[str, int]) -> None:
        self.handled = handled
        self.rung: dict[str, float] = {}
        self.idle: dict[str, float] = {}

    def choices(self, free: Sequence[str]) -> dict[str, str] | None:
        """By strategy; None as long as somebody has not been rung yet."""
        if len(self.rung) < 3 or any(name not in self.idle for name in free):
            return None
        return {
            "longest_idle": min(free, key=lambda name: self.idle[name]),
            "round_robin": min(free, key=lambda name: self.rung[name]),
            "fewest_contacts": min(free, key=lambda name: (self.handled[name], self.idle[name])),
        }

    def rings(self, agent_id: str) -> None:
        self.rung[agent_id] = asyncio.get_running_loop().time()
        self.handled[agent_id] += 1

    def is_free(self, agent_id: str) -> None:
        self.idle[agent_id] = asyncio.get_running_loop().time()


class Shift:
    """Calls to one queue after the other: whose phone rang, and whose should have."""

    def __init__(self, hotline: Centre, policy: str, standing: Standing) -> None:
        self.rung: list[tuple[str, PhoneCall]] = []
        self.right: list[bool] = []
        self.unlike: set[str] = set()
        self._hotline = hotline
        self._policy = policy
        self._standing = standing

    async def begin(self, free: Sequence[str]) -> Caller:
        """Another call, to one of those who are free."""
        choices = self._standing.choices(free)
        caller = await waiting(self._hotline, self._policy)
        agent_id = str((await caller.happens("interaction.started")).data["agent_id"])
        self.rung.append((agent_id, await self._hotline.agents[agent_id].rung()))
        self._standing.rings(agent_id)
        if choices is not None and self._policy in choices:
            mine = choices[self._policy]
            self.right.append(agent_id == mine)
            self.unlike |= {policy for policy, name in choices.items() if name != mine}
        return caller

    async def end(self, caller: Caller, agent_id: str) -> None:
        caller.call.hang_up()
        await caller.over()
        await self._hotline.agents[agent_id].is_in("ready")
        self._standing.is_free(agent_id)

    async def short(self, free: Sequence[str]) -> None:
        caller = await self.begin(free)
        await self.end(caller, self.rung[-1][0])


async def seven_calls(hotline: Centre, policy: str, standing: Standing) -> Shift:
    """A long one, three short ones beside it, and three when it is over."""
    shift, names = Shift(hotline, policy, standing), [*standing.handled]
    long = await shift.begin(names)
    taken, call = shift.rung[0]
    others = [name for name in names if name != taken]
    for _ in range(3):
        await shift.short(others)
    if policy == "least_occupied":
        await passed(call, 0.6)
    await shift.end(long, taken)
    for _ in range(3):
        await shift.short(names)
    return shift


@pytest.mark.req("AC-02")
async def test_each_strategy_chooses_by_its_own_rule_and_the_index_says_how_evenly(
    hotline: Centre,
) -> None:
    """By number, by turn, by time: as the agents' phones rang, and how long each was busy."""
    names, shifts = ("li", "wang", "zhou"), dict[str, Shift]()
    standing = Standing({name: await handled_by(hotline, name) for name in names})
    async with hotline.on_duty(*names):
        for policy in POLICIES:
            shifts[policy] = await seven_calls(hotline, policy, standing)
    served = {policy: Counter(name for name, _ in one.rung) for policy, one in shifts.items()}
    seconds = dict.fromkeys(names, 0.0)
    for agent_id, call in shifts["least_occupied"].rung:
        seconds[agent_id] += ended_at(call) - answered_at(call)

    told_apart = {"longest_idle", "round_robin", "fewest_contacts"}
    for policy in told_apart:
        assert all(shifts[policy].right), (policy, shifts[policy].right)
        assert shifts[policy].unlike == told_apart - {policy}
    busiest = shifts["least_occupied"].rung[0][0]
    assert served["least_occupied"][busiest] < max(served["least_occupied"].values())
    for policy in POLICIES:
        live = (await figures_of(hotline, policy, handled=7))["fairness"]
        report = await report_of(hotline, "queues", policy, handled=7)
        index = jain([served[policy][name] for name in names])
        assert (live["agents"], live["contacts"]) == (3, pytest.approx(index, abs=1e-4))
        index = jain(list(served[policy].values()))
        assert report["fairness_contacts"] == pytest.approx(index, abs=1e-4)
    assert live["busy"] == pytest.approx(jain(list(seconds.values())), abs=0.2)


async def handled_by(hotline: Centre, agent_id: str) -> int:
    """How many contacts the agent handled today, all queues together."""
    figures = await hotline.agents[agent_id].desk.get(f"/api/v1/figures/agents/{agent_id}")
    return int(figures["agent"]["today"]["handled"])


AGENTS = ("offered", "missed", "declined", "handled", "transferred", "aht", "talk", "hold")
TIMES = ("ready", "ringing", "talking", "wrap_up")  # nobody is in one of them at the end
LINES_TOLD = ("arrived", "refused", "unavailable", "placed", "peak")


@pytest.mark.req("AC-14")
async def test_the_supervisor_sees_the_call_of_the_moment_and_the_days_reports_say_the_same(
    hotline: Centre,
) -> None:
    """Of this call by what it adds; of all calls of the day by what the live figures say."""
    chief, wang = hotline.chief, hotline.agents["wang"]
    before = (await rows_of(hotline, "agents", "agent")).get("wang", {})
    async with hotline.on_duty("wang"):
        caller = await waiting(hotline, "second")
        at_wang = await wang.rung()
        await caller.happens("interaction.started", agent_id="wang")
        await chief.when(
            "/api/v1/figures/queues",
            lambda one: [row["queue"] for row in one["queues"] if row["talking"]] == ["second"],
        )
        in_talk = await chief.get("/api/v1/figures/agents/wang")
        await passed(at_wang, 0.3)
        caller.call.hang_up()
        await caller.over()
        await wang.is_in("ready")
    lines = await chief.when(
        "/api/v1/figures/centre", lambda one: one["centre"]["calls"]["busy"] == 0
    )
    [trunk] = lines["centre"]["trunks"]
    calls = trunk["today"]["arrived"]
    await chief.when(
        "/api/v1/reports/channels", lambda one: [row["contacts"] for row in one["rows"]] == [calls]
    )
    agents = await rows_of(hotline, "agents", "agent")
    teams = await rows_of(hotline, "teams", "team")
    queues = await rows_of(hotline, "queues", "queue")
    trunks = await rows_of(hotline, "trunks", "trunk")
    numbers = await rows_of(hotline, "numbers", "number")
    paths = await rows_of(hotline, "menu-paths", "path")
    hours = (await chief.get("/api/v1/reports/agents?by=hour&agent=wang"))["rows"]
    live = await figures_of(hotline, "second", answered=queues["second"]["answered"])
    mine = (await chief.get("/api/v1/figures/agents/wang"))["agent"]["today"]
    text = await chief.get_bytes("/api/v1/reports/agents?format=csv")

    assert in_talk["agent"]["state"] == "talking"
    spoken = ended_at(at_wang) - answered_at(at_wang)
    for name, added in (("handled", 1), ("accepted", 1), ("talking_seconds", spoken)):
        assert agents["wang"][name] - before.get(name, 0) == pytest.approx(added, abs=CLOCK)
    for name in AGENTS:
        assert agents["wang"][name] == pytest.approx(mine[name], abs=0.01)
    for name in TIMES:
        assert agents["wang"][f"{name}_seconds"] == pytest.approx(mine[f"{name}_seconds"], abs=0.1)
    assert queues["second"]["service_level"] == live["today"]["service_level"]
    handled = [
        sum(row["handled"] for row in rows)
        for rows in (agents.values(), queues.values(), teams.values())
    ]
    assert handled == [handled[0]] * 3
    assert sum(row["handled"] for row in hours) == agents["wang"]["handled"]
    told = [trunk["today"][name] for name in LINES_TOLD]
    assert [trunks["loopback"][name] for name in LINES_TOLD] == told
    assert sum(row["arrived"] for row in numbers.values()) == paths["-"]["contacts"] == calls
    assert text.decode().startswith("\ufeff开始时间,坐席工号,坐席姓名")
