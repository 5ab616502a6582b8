"""What a run found out: its callers', agents' and streams' records joined. Pure."""

import dataclasses
import json
import platform
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from .figures import Histogram, Percentiles, percentiles
from .plan import LoadPlan
from .records import AgentRecord, CallerRecord, Results, StreamRecord, Work

LATE_SHARE: Final = 0.01  # of all packets or arrivals; above it the generator was the bottleneck
BUSY_SHARE: Final = 0.9  # of one core


@dataclass(frozen=True, slots=True)
class Report:
    """``invalid`` says why the generator is no witness; empty if it is one. Times in ms."""

    plan: LoadPlan
    calls: int
    succeeded: int
    blocked: int
    failures: dict[str, int]
    invite_to_200: Percentiles
    key_to_agent_invite: Percentiles
    agent_200_to_first_rtp: Percentiles
    added_delay: Percentiles
    packets_heard: int
    packets_lost: int
    lost_towards_caller: int
    lost_towards_agent: int
    out_of_order: int
    work: tuple[Work, ...]
    invalid: tuple[str, ...]

    @property
    def valid(self) -> bool:
        return not self.invalid

    def to_json(self) -> str:
        values = dataclasses.asdict(self)
        values["machine"] = {
            "architecture": platform.machine(),
            "python": platform.python_version(),
            "system": platform.release(),
        }
        return json.dumps(values, indent=2)

    def to_table(self) -> str:
        rows = [
            ("calls", f"{self.calls} placed, {self.succeeded} as planned, {self.blocked} blocked"),
            *(("failed", f"{count} x {kind}") for kind, count in self.failures.items()),
            ("INVITE to 200, ms p50 / p90 / p99 / max", str(self.invite_to_200)),
            ("key to agent's INVITE, ms", str(self.key_to_agent_invite)),
            ("agent's 200 to first RTP, ms", str(self.agent_200_to_first_rtp)),
            ("added media delay, ms", str(self.added_delay)),
            ("RTP packets heard", f"{self.packets_heard}"),
            (
                "RTP packets lost",
                f"{self.packets_lost} (to callers {self.lost_towards_caller}, "
                f"to agents {self.lost_towards_agent})",
            ),
            *((f"process {work.name}", _described(work)) for work in self.work),
            ("valid", "yes" if self.valid else "NO: " + "; ".join(self.invalid)),
        ]
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def report_of(plan: LoadPlan, results: Iterable[Results], broken: Iterable[str] = ()) -> Report:
    """Join what the processes saw. ``broken`` are reasons not to trust the run, beside its own."""
    gathered = list(results)
    callers = [record for each in gathered for record in each.callers]
    agents = [record for each in gathered for record in each.agents]
    streams = {record.stream: record for each in gathered for record in each.streams}
    calls = list(_joined(callers, agents))
    delays = Histogram()
    for each in gathered:
        if each.delays is not None:
            delays.merge(each.delays)
    blocked = sum(each.blocked for each in gathered)
    kinds = Counter(kind for call in calls if (kind := _failure(plan, call, streams)) is not None)
    work = tuple(each.work for each in gathered)
    to_callers = [streams[each.stream] for each in callers if each.stream in streams]
    to_agents = [streams[each.stream] for each in agents if each.stream in streams]
    heard = [*to_callers, *to_agents]
    return Report(
        plan=plan,
        calls=len(callers),
        succeeded=len(callers) - kinds.total(),
        blocked=blocked,
        failures=dict(kinds.most_common()),
        invite_to_200=percentiles(
            [each.answered_at - each.begun_at for each in callers if each.answered_at]
        ),
        key_to_agent_invite=percentiles(
            [
                agent.invited_at - caller.pressed_at
                for caller, agent in calls
                if agent is not None and caller.pressed_at is not None
            ]
        ),
        agent_200_to_first_rtp=percentiles(
            [
                first_at - agent.answered_at
                for caller, agent in calls
                if agent is not None
                and agent.answered_at is not None
                and (first_at := _first_at(streams, caller.stream)) is not None
            ]
        ),
        added_delay=delays.percentiles(),
        packets_heard=sum(each.heard for each in heard),
        packets_lost=sum(each.lost for each in heard),
        lost_towards_caller=sum(each.lost for each in to_callers),
        lost_towards_agent=sum(each.lost for each in to_agents),
        out_of_order=sum(each.out_of_order for each in heard),
        work=work,
        invalid=(*broken, *_bottlenecks(plan, work, blocked)),
    )


def _joined(
    callers: list[CallerRecord], agents: list[AgentRecord]
) -> Iterator[tuple[CallerRecord, AgentRecord | None]]:
    """Each call with the last agent who got it; agents see the caller's number."""
    by_number = {record.number: record for record in agents}
    for record in callers:
        yield record, by_number.get(record.number)


def _failure(
    plan: LoadPlan,
    call: tuple[CallerRecord, AgentRecord | None],
    streams: dict[int, StreamRecord],
) -> str | None:
    """What went wrong first, from the caller's side to the audio; None if all went as planned."""
    caller, agent = call
    if caller.failure is not None and agent is None:
        return f"caller: {caller.failure}"
    if agent is None:
        return "no agent was called"
    if agent.failure is not None:
        return f"agent: {agent.failure}"
    if caller.failure is not None:
        return f"caller: {caller.failure}"
    if not plan.rtp:
        return None
    for who, ours, theirs in (("caller", caller, agent), ("agent", agent, caller)):
        stream = streams.get(ours.stream)
        if stream is None or stream.first_at is None:
            return f"the {who} heard nobody"
        if stream.peer != theirs.stream or stream.peers != 1:
            return f"the {who} heard somebody else"
    return None


def _first_at(streams: dict[int, StreamRecord], stream: int) -> float | None:
    record = streams.get(stream)
    return record.first_at if record is not None else None


def _bottlenecks(plan: LoadPlan, work: Iterable[Work], blocked: int) -> Iterator[str]:
    for each in work:
        if each.done and each.late > LATE_SHARE * each.done:
            what = "packets" if each.name == "rtp" else "calls"
            yield f"{each.late} of {each.done} {what} of the generator were 5 ms or more late"
        if each.wall and each.cpu > BUSY_SHARE * each.wall:
            yield f"the generator's {each.name} process used all of its core"
    if blocked:
        yield f"{blocked} arrivals found {plan.concurrent} calls open and were not placed"


def _described(work: Work) -> str:
    share = 100 * work.cpu / work.wall if work.wall else 0.0
    return (
        f"{work.cpu:.2f} s CPU ({share:.0f} % of a core), {work.late} of {work.done} late, "
        f"{work.retransmissions} retransmissions"
    )


def json_ready(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    parsed: dict[str, Any] = json.loads(report.to_json())
    return parsed
