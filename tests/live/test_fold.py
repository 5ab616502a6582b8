"""Live figures from a log: what counts, for whom, when, and once."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.estimates import Estimates
from config.floor import QueueSettings
from cti_server.floor.profile import AgentProfile
from cti_server.live.estimated_waits import EstimatedWaits
from cti_server.live.periods import in_ms
from cti_server.live.rows import calls_row, trunk_row
from cti_server.live.shots import Shots
from cti_server.live.staff import Staff
from cti_server.live.state import State
from cti_server.wire import events
from tests.acd.build import router

from .days import Day, at, names, new_fold


def some(row: Any, **expected: Any) -> None:
    assert {name: row[name] for name in expected} == expected


def test_answered_abandoned_and_short_abandoned_callers_are_told_apart() -> None:
    day = Day()
    for contact in ("quick", "slow", "gone", "wrong"):
        day.queued(0, contact)
    day.connected(10, "quick", "li")
    day.ends(3, "wrong", "abandoned")  # its time is that of the log: after ten seconds
    day.connected(30, "slow", "wang")
    day.ends(40, "gone", "abandoned")
    day.queued(100, "typo")
    day.ends(104, "typo", "abandoned")

    row = day.row()
    some(row, waiting=0, ringing=0, talking=2, longest_wait_since=None)
    some(row["today"], offered=5, answered=2, abandoned=2, short_abandoned=1)
    some(row["today"], service_level=0.25, abandon_rate=0.5, asa=20.0)
    some(row["today"]["wait"], mean=22.5, max=40.0)
    assert row["today"]["wait"]["p50"] == pytest.approx(10, rel=0.01)
    assert row["today"]["wait"]["p90"] == pytest.approx(40, rel=0.01)
    assert row["today"] == row["interval"] == row["recent"]


def test_who_waits_is_shown_until_the_two_speak() -> None:
    day = Day()
    day.queued(0, "first")
    day.queued(5, "second")
    some(day.row(), waiting=2, ringing=0)
    day.offered(6, "first", "li")
    some(day.row(), waiting=1, ringing=1)
    day.refused(9, "first", "li", "timed_out")
    some(day.row(), waiting=2, ringing=0, longest_wait_since="2026-03-02T01:00:00.000+00:00")
    day.connected(12, "first", "li")
    some(day.row(), waiting=1, talking=1, longest_wait_since="2026-03-02T01:00:05.000+00:00")

    some(day.row()["today"], offered=2, answered=1, asa=12.0)
    some(day.agent("li", 12)["today"], offered=2, missed=1, declined=0)


def test_a_handling_counts_with_talk_hold_and_wrap_up_when_the_wrap_up_ends() -> None:
    day = Day()
    day.state(0, "li", "ready")
    day.queued(0, "c1")
    day.connected(10, "c1", "li")
    day.tell(40, events.InteractionHeld(**names("c1", "li"), held_by="agent"))
    some(day.row(), talking=1, on_hold=1)
    day.tell(55, events.InteractionResumed(**names("c1", "li")))
    day.tell(70, events.InteractionEnded(**names("c1", "li"), ended_by="caller"))
    day.state(70, "li", "wrap_up", "c1")
    some(day.row(), talking=0, on_hold=0)
    some(day.row()["today"], handled=0, aht=None)
    some(day.agent("li", 75)["today"], wrap_up_seconds=5.0, handled=0)
    day.state(90, "li", "ready")

    some(day.row()["today"], handled=1, aht=80.0, talk=45.0, hold=15.0, wrap_up=20.0)
    mine = day.agent("li", 100)["today"]
    some(mine, handled=1, aht=80.0, staffed_seconds=100.0, ready_seconds=20.0)
    some(mine, talking_seconds=60.0, wrap_up_seconds=20.0, occupancy=0.8)


def test_a_transferred_contact_is_two_handlings_each_of_its_agents_own_time() -> None:
    day = Day()
    day.queued(0, "c1")
    day.connected(5, "c1", "li")
    transfer = {"to": "queue", "target": "law", "how": "blind"}
    day.tell(25, events.ContactTransferred(**names("c1", "li"), **transfer))
    day.tell(25, events.InteractionEnded(**names("c1", "li"), ended_by="transfer"))
    day.state(25, "li", "wrap_up", "c1")
    day.queued(25, "c1", "law", since=0)
    day.connected(28, "c1", "wang", "law")
    day.state(35, "li", "ready")
    day.released(628, "c1", "wang")
    day.ends(628, "c1", "handled")

    some(day.row()["today"], answered=1, handled=1, talk=20.0, wrap_up=10.0, transferred=1)
    law = day.row("law")["today"]
    some(law, offered=1, answered=1, asa=3.0, talk=600.0, transferred=0)
    some(day.agent("li", 700)["today"], handled=1, talking_seconds=20.0, transferred=1)
    some(day.agent("wang", 700)["today"], handled=1, talk=600.0, transferred=0)


def test_overflow_turned_away_exits_and_our_own_faults_are_nobodys_patience() -> None:
    day = Day()
    for contact in ("moves", "exits", "cut", "led out"):
        day.queued(0, contact)
    led_out: dict[str, Any] = {"queued_at": at(0), "reason": "key", "place": 1, "expected": None}
    day.tell(
        29,
        events.ContactDiverted(
            contact_id="led out", queue="sales", to="number", target="+861069445566", **led_out
        ),
    )
    day.queued(30, "moves", "law", since=0)
    day.ends(31, "exits", "call_back")
    day.ends(32, "cut", "failed", "media-lost")
    turned = events.ContactTurnedAway(contact_id="full", queue="sales", reason="full")
    day.tell(33, turned)
    day.connected(40, "moves", "li", "law")

    today = day.row()["today"]
    some(today, offered=4, overflowed=2, exited=1, lost=1, turned_away=1)
    some(day.row(), waiting=0)
    some(today, abandoned=0, abandon_rate=None, service_level=None)
    some(day.row("law")["today"], offered=1, answered=1, asa=40.0)


def test_who_is_diverted_by_a_rule_went_on_or_was_turned_away() -> None:
    day = Day()

    def diverted(seconds: float, contact: str, to: str, reason: str) -> None:
        event = events.ContactDiverted(
            contact_id=contact,
            queue="sales",
            queued_at=at(0),
            reason=reason,
            to=to,
            target="law" if to == "queue" else None,
            place=1,
            expected=None,
        )
        day.tell(seconds, event)

    for contact in ("goes", "asks", "stays"):
        day.queued(0, contact)
    diverted(20, "goes", "queue", "waited")
    day.queued(20, "goes", "law", since=0)
    diverted(30, "asks", "call_back", "key")
    day.ends(31, "asks", "call_back")
    diverted(40, "stays", "hang_up", "waited")
    day.ends(45, "stays", "turned_away")
    diverted(50, "late", "hang_up", "closed")
    diverted(50, "other", "number", "closed")
    day.connected(60, "goes", "li", "law")

    some(day.row(), waiting=0, longest_wait_since=None)
    some(day.row()["today"], offered=4, overflowed=2, exited=1, turned_away=2, abandoned=0)
    some(day.row("law")["today"], offered=1, answered=1, asa=60.0)


def test_who_is_called_back_after_hours_is_no_long_wait() -> None:
    day = Day()
    day.queued(7200, "later", since=0, channel="callback")
    some(day.row(), waiting=0, longest_wait_since=None)
    day.connected(7201, "later", "li")

    some(day.row()["today"], offered=0, deferred_offered=1, deferred_answered=1, asa=None)


def test_five_minutes_pass_an_interval_ends_and_midnight_comes() -> None:
    day = Day()
    day.state(0, "li", "ready")
    day.queued(0, "c1")
    day.connected(8, "c1", "li")
    day.released(20, "c1", "li")
    day.fold.advance(in_ms(at(290)))
    some(day.row()["recent"], offered=1, answered=1)
    day.fold.advance(in_ms(at(320)))
    some(day.row()["recent"], offered=0, answered=0, asa=None)
    assert day.row()["recent"]["wait"]["max"] is None
    day.fold.advance(in_ms(at(16 * 60)))
    some(day.row()["interval"], answered=0)
    some(day.row()["before"], answered=1, asa=8.0)
    some(day.agent("li", 16 * 60)["before"], staffed_seconds=900.0, talking_seconds=12.0)
    some(day.agent("li", 16 * 60)["interval"], staffed_seconds=60.0)
    day.fold.advance(in_ms(at(15 * 3600 + 10)))

    some(day.row()["today"], offered=0, answered=0)
    some(day.agent("li", 15 * 3600 + 10)["today"], handled=0, staffed_seconds=10.0)


def test_a_queue_that_is_removed_is_forgotten_after_a_day_on_which_nothing_happened() -> None:
    day, night = Day(), 15 * 3600.0
    for queue in ("sales", "law", "open"):
        day.queued(0, queue, queue)
    day.ends(60, "sales", "abandoned")
    day.connected(60, "law", "li", "law")
    day.fold.advance(in_ms(at(night)))
    day.released(night + 60, "law", "li")
    day.fold.advance(in_ms(at(night + 86400)))
    known = [set(day.fold.state.queues)]
    day.fold.advance(in_ms(at(night + 2 * 86400)))
    known.append(set(day.fold.state.queues))

    assert known == [{"law", "open"}, {"open"}]


def test_a_log_that_pauses_for_days_goes_on_in_the_day_that_it_is() -> None:
    day = Day()
    day.state(0, "li", "ready")
    day.queued(0, "c1")
    three_days = 3 * 86400 + 3600.0
    some(day.agent("li", three_days)["today"], staffed_seconds=10 * 3600.0)
    day.ends(three_days, "c1", "abandoned")

    some(day.row()["today"], offered=0, abandoned=1)


def test_blocked_calls_and_busy_lines() -> None:
    day = Day()
    day.arrives(0, "c1")
    day.arrives(0, "c2", trunk="li")  # one of our own phones
    day.tell(0, events.TrunkLineTaken(trunk="carrier"))
    day.tell(10, events.CallsRefused(trunk="carrier", cause="overload", calls=3))
    turned = events.ContactTurnedAway(contact_id="c2", queue="sales", reason="full")
    day.tell(15, turned)
    day.ends(20, "c2", "turned_away", "queue-full")
    day.tell(30, events.TrunkLineFreed(trunk="carrier"))
    day.ends(90, "c1", "failed", "media-unavailable")
    day.fold.advance(in_ms(at(100)))

    state = day.fold.state
    calls = calls_row(None, state.calls, state.centre, state.periods, state.at)["interval"]
    some(calls, arrived=2, refused=3, unavailable=1, turned_away=1, peak=3, blocked_rate=1.0)
    some(calls, erlangs=1.4, occupancy=None)  # 90 + 20 + 30 s of lines in 100 s
    trunk = trunk_row("carrier", 4, state.trunks["carrier"], state.periods, state.at)
    some(trunk, busy=0)
    some(trunk["interval"], arrived=1, placed=1, refused=3, peak=2, erlangs=1.2, occupancy=0.3)


def test_how_many_of_our_calls_were_answered() -> None:
    day = Day()
    for answered in (True, False, True):
        day.tell(0, events.TrunkLineTaken(trunk="carrier"))
        day.tell(20, events.TrunkLineFreed(trunk="carrier", answered=answered))
    day.tell(30, events.TrunkLineTaken(trunk="carrier"))  # it still rings
    day.fold.advance(in_ms(at(40)))

    state = day.fold.state
    trunk = trunk_row("carrier", 4, state.trunks["carrier"], state.periods, state.at)
    some(trunk["today"], placed=4, answered=2, answer_seizure_ratio=0.6667)


def test_lines_that_a_dead_server_held_are_free_when_the_next_one_starts() -> None:
    day = Day()
    day.arrives(0, "c1")
    day.tell(0, events.TrunkLineTaken(trunk="carrier"), events.ServerStarted(version="1"))
    day.ends(1, "c1", "failed", "server-died")

    assert (day.fold.state.calls.busy, day.fold.state.trunks["carrier"].busy) == (0, 0)


def test_how_evenly_contacts_and_time_are_spread() -> None:
    day = Day()
    for agent in ("li", "wang", "sun"):
        day.state(0, agent, "ready")
    for n, agent in enumerate(["li", "li", "wang"]):
        day.queued(100 * n, f"c{n}")
        day.connected(100 * n, f"c{n}", agent)
        day.released(100 * n + 50, f"c{n}", agent)

    fairness = day.row()["fairness"]
    assert fairness == {"agents": 3, "contacts": 0.6, "busy": pytest.approx(0.6, abs=1e-4)}


def test_who_logs_in_has_a_share_at_once_and_who_only_was_there_keeps_theirs() -> None:
    day = Day()
    people = {name: AgentProfile(name, name, "") for name in ("li", "wang")}
    staff = Staff(lambda: people, {"sales": QueueSettings(name="sales")})
    shots = Shots(day.fold, staff, EstimatedWaits(Estimates(router())), {})
    day.state(0, "li", "ready")
    day.queued(0, "c1")
    day.connected(0, "c1", "li")
    day.released(50, "c1", "li")
    shown = [shots.take().queues["sales"]["fairness"]]
    day.state(60, "wang", "ready")
    shown.append(shots.take().queues["sales"]["fairness"])
    day.state(100, "li", "logged_out")
    shown.append(shots.take().queues["sales"]["fairness"])

    assert [(each["agents"], each["contacts"]) for each in shown] == [(1, 1.0), (2, 0.5), (2, 0.5)]


STEPS = st.lists(
    st.tuples(
        st.integers(0, 400),  # seconds until then
        st.sampled_from(
            [
                "queued",
                "connected",
                "released",
                "ends",
                "refused",
                "held",
                "transfers",
                "away",
                "law",
                "exit",
            ]
        ),
        st.sampled_from(["c1", "c2", "c3"]),
        st.sampled_from(["li", "wang"]),
    ),
    max_size=40,
)


def write(steps: list[tuple[int, str, str, str]]) -> Day:
    """Any log at all, however little sense it makes."""
    day, now = Day(), 0.0
    for wait, step, contact, agent in steps:
        now += wait
        match step:
            case "queued":
                day.queued(now, contact, "sales" if agent == "li" else "law")
            case "connected":
                day.connected(now, contact, agent)
            case "released":
                day.released(now, contact, agent, wrap_up=wait % 3)
                now += wait % 3
            case "ends":
                day.ends(now, contact, "abandoned")
            case "refused":
                day.refused(now, contact, agent, "declined")
            case "held":
                day.tell(now, events.InteractionHeld(**names(contact, agent), held_by="agent"))
            case "transfers":
                more = {"to": "queue", "target": "law", "how": "blind"}
                day.tell(now, events.ContactTransferred(**names(contact, agent), **more))
            case "law" | "exit":
                to = "queue" if step == "law" else "hang_up"
                told = events.ContactDiverted(
                    contact_id=contact,
                    queue="sales",
                    queued_at=at(0),
                    reason="key",
                    to=to,
                    target=None,
                    place=1,
                    expected=None,
                )
                day.tell(now, told)
            case "away":
                day.state(now, agent, "logged_out" if wait % 2 else "not_ready")
    return day


@given(STEPS, st.integers(0, 200))
def test_a_fold_that_was_stored_and_hears_events_again_is_as_if_nothing_had_been(
    steps: list[tuple[int, str, str, str]], cut: int
) -> None:
    day = write(steps)
    stored = new_fold()
    for logged in day.log[:cut]:
        stored.take(logged)
    again = new_fold()
    again.state = msgspec.msgpack.decode(msgspec.msgpack.encode(stored.state), type=State)
    for logged in day.log[max(0, cut - 7) :]:
        again.take(logged)

    assert again.state == day.fold.state


@given(STEPS)
def test_nothing_is_ever_less_than_nothing_and_times_add_up(
    steps: list[tuple[int, str, str, str]],
) -> None:
    day = write(steps)
    state = day.fold.state
    for queue in (state.centre, *state.queues.values()):
        assert min(queue.ringing, queue.talking, queue.on_hold, 0) == 0
        assert queue.ringing <= len(queue.waiting) or queue is state.centre
        for counts in (*queue.windows.open(), queue.recent.counts):
            values = [value for value in msgspec.structs.astuple(counts) if isinstance(value, int)]
            assert min(values) >= 0
            assert counts.met <= counts.counted <= counts.answered + counts.abandoned
            assert sum(counts.spread.values()) == counts.answered + counts.abandoned
    for agent in state.agents.values():
        today = agent.windows.today
        assert today.staffed_ms <= state.at - state.periods.day
        assert min(msgspec.structs.astuple(today)) >= 0
