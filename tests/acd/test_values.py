"""Values that cannot be are refused when they are made; orders and alarms keep their promises."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.alarms import Alarm, Alarms, Due
from acd.errors import InvalidValue
from acd.model import (
    ContactId,
    Rules,
    WaitingContact,
)
from acd.order import Order
from acd.queue import Queue
from acd.requirements import Requirement, combined, required

from .build import MORNING, at, contact, span


@pytest.mark.parametrize(
    "make",
    [
        lambda: Requirement("english", 0),
        lambda: Requirement("english", 11),
        lambda: Queue("sales", ring_for=timedelta(0)),
        lambda: Queue("sales", wrap_up=timedelta(seconds=-1)),
        lambda: Queue("sales", max_waiting=0),
        lambda: replace(contact("a"), priority=101),
        lambda: replace(contact("a"), priority=-101),
        lambda: WaitingContact(ContactId("a"), "sales", MORNING.replace(tzinfo=None)),
        lambda: Rules(decline_backoff=timedelta(0)),
        lambda: Rules(unreachable_limit=0),
        lambda: Rules(no_answer_limit=0),
        lambda: Rules(decline_limit=0),
        lambda: Rules(priority_credit=timedelta(days=2)),
        lambda: Rules(priority_credit=timedelta(seconds=-1)),
    ],
)
def test_a_value_that_cannot_be_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidValue):
        make()


def test_requirements_add_up_to_the_highest_level_of_each_skill() -> None:
    assert combined([Requirement("b", 2), Requirement("a"), Requirement("b", 5)]) == required(
        {"a": 1, "b": 5}
    )


ranks = st.lists(
    st.tuples(st.integers(0, 9).map(at), st.sampled_from("abcdef")), unique=True, max_size=30
)


@given(ranks, st.data())
def test_an_order_is_always_sorted_and_counts_who_is_before(
    entries: list[tuple[datetime, str]], data: st.DataObject
) -> None:
    order = Order()
    for rank in entries:
        order.add(rank)
    gone = data.draw(st.lists(st.sampled_from(entries), unique=True)) if entries else []
    for rank in gone:
        order.remove(rank)

    left = sorted(set(entries) - set(gone))
    assert list(order) == left
    assert [order.before(rank) for rank in left] == list(range(len(left)))
    for rank in gone:
        with pytest.raises(KeyError):
            order.remove(rank)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["set", "cancel", "pop"]), st.sampled_from("abc"), st.integers(0, 9)
        )
    )
)
def test_alarms_go_off_once_at_their_last_setting_and_earliest_first(
    orders: list[tuple[str, str, int]],
) -> None:
    alarms, known = Alarms(), dict[str, int]()
    for what, name, second in orders:
        match what:
            case "set":
                alarms.set(Alarm(Due.WRAP_UP_ENDS, name), at(second))
                known[name] = second
            case "cancel":
                alarms.cancel(Alarm(Due.WRAP_UP_ENDS, name))
                known.pop(name, None)
            case _:
                gone = alarms.pop_due(at(second))
                due = min(known.values(), default=None)
                if due is None or due > second:
                    assert gone is None
                else:
                    assert gone is not None
                    assert known.pop(gone.id) == due
        assert alarms.deadline == (at(min(known.values())) if known else None)
        assert len(alarms) == len(known)


def test_cancelled_alarms_do_not_pile_up() -> None:
    alarms = Alarms()
    for number in range(10_000):
        alarms.set(Alarm(Due.OFFER_EXPIRES, f"offer{number}"), at(20) + span(number))
        alarms.cancel(Alarm(Due.OFFER_EXPIRES, f"offer{number}"))

    assert alarms.heap_size < 100
