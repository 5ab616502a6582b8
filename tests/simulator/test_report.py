"""What a run's report makes of the records: successes, failures by kind, and its own doubts."""

import dataclasses

import pytest

from simulator.load.figures import Histogram, percentiles
from simulator.load.plan import LoadPlan
from simulator.load.records import AgentRecord, CallerRecord, Results, StreamRecord, Work
from simulator.load.report import Report, report_of

PLAN = LoadPlan(calls=1, digit="1")
CALLER = CallerRecord(
    "71", due_at=0.0, stream=1, begun_at=0.0, answered_at=0.01, pressed_at=0.2, ended_at=5.0
)
AGENT = AgentRecord("agent0001", "71", invited_at=0.25, stream=2, answered_at=0.3, ended_at=5.0)
HEARD_BY_CALLER = StreamRecord(1, sent=250, peer=2, peers=1, first_at=0.34, heard=230)
HEARD_BY_AGENT = StreamRecord(2, sent=235, peer=1, peers=1, first_at=0.35, heard=231)
FINE = Work("rtp", cpu=1.0, wall=5.0, late=2, done=485)


def report(
    caller: CallerRecord = CALLER,
    agent: AgentRecord | None = AGENT,
    streams: tuple[StreamRecord, ...] = (HEARD_BY_CALLER, HEARD_BY_AGENT),
    work: Work = FINE,
    plan: LoadPlan = PLAN,
) -> Report:
    results = Results(
        work, callers=[caller], agents=[agent] if agent else [], streams=list(streams)
    )
    return report_of(plan, [results])


def test_a_call_that_went_as_planned_gives_its_times() -> None:
    found = report()

    assert (found.succeeded, found.failures, found.valid) == (1, {}, True)
    assert found.invite_to_200.p50 == pytest.approx(10)
    assert found.key_to_agent_invite.p50 == pytest.approx(50)
    assert found.agent_200_to_first_rtp.p50 == pytest.approx(40)


def test_losses_are_told_by_direction() -> None:
    lossy = dataclasses.replace(HEARD_BY_AGENT, lost=3)
    found = report(streams=(HEARD_BY_CALLER, lossy))

    assert (found.packets_lost, found.lost_towards_caller, found.lost_towards_agent) == (3, 0, 3)


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (
            report(
                caller=dataclasses.replace(CALLER, failure="503 Service Unavailable"), agent=None
            ),
            "caller: 503 Service Unavailable",
        ),
        (report(agent=None), "no agent was called"),
        (report(agent=dataclasses.replace(AGENT, failure="cancelled")), "agent: cancelled"),
        (report(agent=dataclasses.replace(AGENT, number="72")), "no agent was called"),
        (
            report(caller=dataclasses.replace(CALLER, failure="never ended")),
            "caller: never ended",
        ),
        (report(streams=(HEARD_BY_CALLER,)), "the agent heard nobody"),
        (
            report(streams=(StreamRecord(1, sent=250, others=250), HEARD_BY_AGENT)),
            "the caller heard nobody",
        ),
        (
            report(streams=(dataclasses.replace(HEARD_BY_CALLER, peer=9), HEARD_BY_AGENT)),
            "the caller heard somebody else",
        ),
    ],
)
def test_a_call_that_went_wrong_is_counted_under_what_went_wrong(found: Report, kind: str) -> None:
    assert (found.succeeded, found.failures) == (0, {kind: 1})


def test_without_rtp_nobody_needs_to_be_heard() -> None:
    assert report(streams=(), plan=dataclasses.replace(PLAN, rtp=False)).succeeded == 1


@pytest.mark.parametrize(
    ("work", "doubt"),
    [
        (dataclasses.replace(FINE, late=5), "5 of 485 packets of the generator"),
        (dataclasses.replace(FINE, name="callers", late=5), "5 of 485 calls of the generator"),
        (dataclasses.replace(FINE, cpu=4.6), "used all of its core"),
    ],
)
def test_a_generator_that_was_the_bottleneck_says_so(work: Work, doubt: str) -> None:
    found = report(work=work)

    assert not found.valid
    assert doubt in found.invalid[0]
    assert "valid" in found.to_table()


def test_percentiles_are_by_nearest_rank_in_milliseconds() -> None:
    found = percentiles([n / 1000 for n in range(1, 101)])

    assert (found.count, found.p50, found.p90, found.p99, found.max) == (100, 50, 90, 99, 100)
    assert percentiles([]).p50 is None


def test_a_histogram_tells_the_same_within_its_step_and_adds_up() -> None:
    ours, theirs = Histogram(), Histogram()
    for n in range(1, 51):
        ours.add(n / 10)
        theirs.add(5 + n / 10)
    theirs.add(9_000)
    ours.merge(theirs)

    found = ours.percentiles()
    assert found.count == 101
    assert found.p50 == pytest.approx(5.1, abs=0.011)
    assert found.max == 9_000
