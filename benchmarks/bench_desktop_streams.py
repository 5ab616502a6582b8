"""
What the desktops' streams cost the server, in CPU time of its control process.

    python -m benchmarks.bench_desktop_streams [--agents 300] [--supervisors 10] [--rate 20]

Real calls come to agents who are logged in, all the time. Beside them, by turns, nobody reads and
everybody does: each agent's page on the agent's own stream, and supervisors and a wall screen with
the whole floor, its figures, who waits, and alerts. The difference is what the streams cost.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from simulator.load.plan import LoadPlan
from simulator.load.run import LoadRun

from .bench_calls import yardstick
from .server import PASSWORD, BenchServer, Hire, agents_at
from .stream_readers import Heard, StreamReaders

Wait = Callable[[float], None]
"""Lets so many seconds pass."""

LIMIT = 10.0  # % of a core
QUEUES, TEAM = 10, 30
SETTLE = 2.0  # s between opening the streams and the measured time
TALKING_WITHIN = 30.0  # s until as many talk as ever will


def agent(number: int) -> Hire:
    host, port = agents_at()
    name = f"agent{number:04}"
    return Hire(
        id=name,
        name=f"Agent {number}",
        number=f"{number}",
        skills={"bench": 1},
        roles=("agent",),
        phone=f"sip:{name}@{host}:{port}",
    )


def supervisor(number: int) -> Hire:
    return Hire(
        id=f"chief{number}",
        name=f"Chief {number}",
        number=f"9{number:04}",
        skills={},
        roles=("supervisor",),
        phone=None,
    )


async def logged_in(api: str, agents: int, supervisors: int) -> tuple[list[str], list[str]]:
    """Everybody's token; the agents are ready."""
    gate = asyncio.Semaphore(8)
    async with aiohttp.ClientSession(api) as session:

        async def enter(name: str, *, ready: bool) -> str:
            body = {"agent_id": name, "password": PASSWORD}
            async with gate:
                async with session.post(
                    "/api/v1/sessions", json=body, raise_for_status=True
                ) as answer:
                    token: str = (await answer.json())["token"]
                if ready:
                    async with session.put(
                        f"/api/v1/agents/{name}/state",
                        json={"state": "ready"},
                        headers={"Authorization": f"Bearer {token}"},
                        raise_for_status=True,
                    ):
                        pass
            return token

        tokens = await asyncio.gather(
            *(enter(agent(number).id, ready=True) for number in range(1, agents + 1)),
            *(enter(supervisor(number).id, ready=False) for number in range(supervisors)),
        )
    return tokens[:agents], tokens[agents:]


def hellos(agents: list[str], supervisors: list[str], *, together: bool) -> list[dict[str, Any]]:
    """As the pages say them; each supervisor's page has the supervisor's own stream beside."""
    own = [
        {"type": "hello", "token": token, "pulse": True, "desk": f"desktop-{number}"}
        for number, token in enumerate([*agents, *supervisors])
    ]
    floor = {"type": "hello", "pulse": True, "floor": True, "figures": True}
    floor["together"] = together
    page = {**floor, "waiting": True, "alerts": True, "channels": True, "levels": False}
    floors = [{**page, "token": token} for token in supervisors]
    return [*own, *floors, {**floor, "token": supervisors[0]}]  # the last one is a wall screen


@dataclass(frozen=True, slots=True)
class Window:
    """What the control process used in some seconds, and what the streams brought meanwhile."""

    seconds: float
    cpu: float
    heard: Heard

    @property
    def share(self) -> float:
        """Of a core, in per cent."""
        return 100 * self.cpu / self.seconds


def window(
    server: BenchServer, seconds: float, readers: StreamReaders | None, wait: Wait
) -> Window:
    wait(SETTLE)
    before = readers.heard() if readers else Heard(0, 0, 0)
    cpu, begun = server.cost().control, time.monotonic()
    wait(seconds)
    cpu, took = server.cost().control - cpu, time.monotonic() - begun
    after = readers.heard() if readers else before
    heard = Heard(after.open, after.messages - before.messages, after.bytes - before.bytes)
    return Window(took, cpu, heard)


@contextmanager
def calls(server: BenchServer, given: argparse.Namespace) -> Iterator[LoadRun]:
    """All the time, as many talk as ever will."""
    longest = 2 * given.runs * (given.seconds + SETTLE + 30) + TALKING_WITHIN
    at_once = int(given.rate * given.hold)
    plan = LoadPlan(
        target=server.uri("1002" if given.recorded else "1001"),
        agents_at=(server.agents_at,),
        duration=longest,
        rate=given.rate,
        concurrent=2 * at_once + 20,
        hold=given.hold,
        rtp=given.rtp,
    )
    with LoadRun(plan) as run:
        run.wait(lambda now: now.answered >= 2 * at_once, within=TALKING_WITHIN)
        yield run
        run.stop()
        run.all_over()
        report = run.finish()
        failed = f"{sum(report.failures.values())} failed {report.failures or ''}"
        print(f"  {report.calls} calls, {failed}; {report.invalid or 'the load was as planned'}")


def follow(run: LoadRun, seconds: float) -> None:
    """Let the time pass; who calls must be listened to."""
    run.wait(lambda now: False, within=seconds)


def compared(
    server: BenchServer,
    given: argparse.Namespace,
    said: list[dict[str, Any]],
    wait: Wait = time.sleep,
) -> None:
    """Without and with everybody's streams, in turn."""
    silent, read = list[Window](), list[Window]()
    for _ in range(given.runs):
        silent.append(window(server, given.seconds, None, wait))
        with StreamReaders(server.api, said) as readers:
            read.append(window(server, given.seconds, readers, wait))
        heard = read[-1].heard
        print(
            f"  without {silent[-1].share:5.1f} %, with {read[-1].share:5.1f} % of a core; "
            f"{heard.open} open, {heard.messages / read[-1].seconds:.0f} messages "
            f"and {heard.bytes / read[-1].seconds / 1024:.0f} KiB a second",
            flush=True,
        )
        if heard.open < len(said):
            print(f"  {len(said) - heard.open} streams were closed: this proves nothing")
    costs = [one.share - other.share for one, other in zip(read, silent, strict=True)]
    print(f"  the streams: {statistics.median(costs):.1f} % of a core, limit {LIMIT:g}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--agents", type=int, default=300)
    options.add_argument("--supervisors", type=int, default=10)
    options.add_argument("--rate", type=float, default=20, help="calls a second")
    options.add_argument("--hold", type=float, default=2.5, help="seconds of talking")
    options.add_argument("--rtp", action="store_true", help="with voices; else below 3 s each")
    options.add_argument("--one-by-one", action="store_true", help="a frame for each message")
    options.add_argument("--recorded", action="store_true")
    options.add_argument("--seconds", type=float, default=20, help="of each measured time")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--quick", action="store_true", help="5 s, once")
    given = options.parse_args()
    if given.quick:
        given.seconds, given.runs = 5, 1
    people = [
        *(agent(number) for number in range(1, given.agents + 1)),
        *(supervisor(number) for number in range(given.supervisors)),
    ]
    print(f"load {os.getloadavg()[0]:.1f} before, yardstick {yardstick():.1f} ms")
    with BenchServer(seats=0, people=people) as server:
        tokens = asyncio.run(logged_in(server.api, given.agents, given.supervisors))
        said = hellos(*tokens, together=not given.one_by_one)
        print(f"{given.agents} agents and {given.supervisors} supervisors, nobody calls:")
        compared(server, given, said)
        print(f"{given.rate:g} calls a second, {given.hold:g} s each:")
        with calls(server, given) as run:
            compared(server, given, said, lambda seconds: follow(run, seconds))
        if server.log.strip():
            print("\nThe server's log:\n" + server.log[-2000:])
    print(f"load {os.getloadavg()[0]:.1f} after, yardstick {yardstick():.1f} ms")


if __name__ == "__main__":
    main()
