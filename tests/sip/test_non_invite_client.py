from hypothesis import given
from hypothesis import strategies as st

from cti_server.sip.message import Response
from cti_server.sip.non_invite_client import NonInviteClientTransaction, State
from cti_server.sip.transaction import Deliver, Send, TimedOut, TransportFailed

from .machines import answer, request, run_timers

BYE = request("BYE")
TRYING, OK, GONE = (answer(status, to=BYE) for status in (100, 200, 481))


def started(*, reliable: bool = False) -> NonInviteClientTransaction:
    transaction = NonInviteClientTransaction(bytes(BYE), reliable=reliable)
    assert transaction.start(0.0) == [Send(bytes(BYE))]
    return transaction


def test_a_request_is_resent_every_t2_at_last_and_given_up_after_32_seconds() -> None:
    *resent, last = run_timers(started())

    assert [at for at, _ in resent] == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert last == (32.0, TimedOut())


def test_a_provisional_response_slows_it_down_to_t2_but_does_not_stop_it() -> None:
    transaction = started()
    transaction.receive(TRYING, 0.1)

    *resent, last = run_timers(transaction)

    assert [at for at, _ in resent] == [0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5]
    assert last == (32.0, TimedOut())


def test_a_final_response_goes_up_once() -> None:
    transaction = started()

    assert transaction.receive(OK, 0.2) == [Deliver(OK)]
    assert transaction.receive(OK, 0.3) == []
    assert transaction.deadline == 5.2
    assert run_timers(transaction) == []
    assert transaction.terminated


def test_over_tcp_it_is_over_with_the_final_response() -> None:
    transaction = started(reliable=True)
    transaction.receive(GONE, 0.2)
    assert transaction.terminated


def test_a_transport_failure_is_told_once() -> None:
    transaction = started()
    assert transaction.fail() == [TransportFailed()]
    assert transaction.fail() == []


@given(
    arrivals=st.lists(st.tuples(st.floats(0, 60), st.sampled_from([TRYING, OK, GONE])), max_size=8),
    reliable=st.booleans(),
)
def test_whatever_arrives_it_is_over_after_64_t1_plus_t4(
    arrivals: list[tuple[float, Response]], reliable: bool
) -> None:
    transaction = started(reliable=reliable)
    outcomes = 0
    for at, response in sorted(arrivals, key=lambda arrival: arrival[0]):
        outcomes += sum(effect == TimedOut() for _, effect in run_timers(transaction, until=at))
        outcomes += sum(
            isinstance(effect, Deliver) and response.status >= 200
            for effect in transaction.receive(response, at)
        )
    outcomes += sum(effect == TimedOut() for _, effect in run_timers(transaction))

    assert transaction.state is State.TERMINATED
    assert outcomes == 1
