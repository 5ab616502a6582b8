import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.sip.errors import IllegalStep
from cti_server.sip.non_invite_server import NonInviteServerTransaction, State
from cti_server.sip.transaction import Send

from .machines import answer, request, run_timers

BYE = request("BYE")
TRYING, OK = answer(100, to=BYE), answer(200, to=BYE)


def test_copies_of_the_request_get_the_same_answer_for_32_seconds() -> None:
    transaction = NonInviteServerTransaction(reliable=False)
    assert transaction.receive(BYE, 0.0) == []
    assert transaction.respond(OK, 0.1) == [Send(bytes(OK))]
    assert transaction.receive(BYE, 0.6) == [Send(bytes(OK))]
    assert transaction.deadline == 32.1

    run_timers(transaction)

    assert transaction.terminated
    assert transaction.receive(BYE, 33.0) == []


def test_a_provisional_answer_is_repeated_until_the_final_one() -> None:
    transaction = NonInviteServerTransaction(reliable=False)
    transaction.respond(TRYING, 0.1)
    assert transaction.receive(BYE, 0.5) == [Send(bytes(TRYING))]
    assert transaction.deadline is None


def test_over_tcp_it_is_over_with_the_answer() -> None:
    transaction = NonInviteServerTransaction(reliable=True)
    transaction.respond(OK, 0.1)
    assert transaction.terminated


def test_a_second_final_answer_is_our_own_mistake() -> None:
    transaction = NonInviteServerTransaction(reliable=False)
    transaction.respond(OK, 0.1)
    with pytest.raises(IllegalStep):
        transaction.respond(OK, 0.2)


@given(st.lists(st.floats(0, 40)))
def test_however_many_copies_come_it_is_over_32_seconds_after_its_answer(
    arrivals: list[float],
) -> None:
    transaction = NonInviteServerTransaction(reliable=False)
    transaction.respond(OK, 0.0)
    for at in sorted(arrivals):
        run_timers(transaction, until=at)
        transaction.receive(BYE, at)
    run_timers(transaction, until=32.0)

    assert transaction.state is State.TERMINATED
