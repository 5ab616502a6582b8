import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.sip.errors import IllegalStep
from cti_server.sip.invite_server import InviteServerTransaction, State
from cti_server.sip.message import Request, Response
from cti_server.sip.transaction import AckTimedOut, Deliver, Send

from .machines import answer, request, run_timers

INVITE, ACK = request("INVITE"), request("ACK")
TRYING, OK, BUSY = answer(100), answer(200), answer(486)


def test_a_final_response_is_resent_ever_more_slowly_until_the_ack_is_given_up() -> None:
    transaction = InviteServerTransaction(reliable=False)
    transaction.respond(BUSY, now=0.0)

    *resent, last = run_timers(transaction)

    assert [at for at, _ in resent] == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert all(effect == Send(bytes(BUSY)) for _, effect in resent)
    assert last == (32.0, AckTimedOut())


def test_a_reliable_transport_needs_no_retransmission_but_the_ack_is_still_awaited() -> None:
    transaction = InviteServerTransaction(reliable=True)
    transaction.respond(BUSY, now=0.0)

    assert run_timers(transaction) == [(32.0, AckTimedOut())]


def test_a_copy_of_the_invite_gets_the_last_response_again() -> None:
    transaction = InviteServerTransaction(reliable=False)
    assert transaction.receive(INVITE, 0.0) == []
    transaction.respond(TRYING, 0.1)
    assert transaction.receive(INVITE, 0.2) == [Send(bytes(TRYING))]
    transaction.respond(BUSY, 0.3)
    assert transaction.receive(INVITE, 0.4) == [Send(bytes(BUSY))]


def test_an_ack_stops_the_retransmissions_and_its_copies_are_absorbed_for_t4() -> None:
    transaction = InviteServerTransaction(reliable=False)
    transaction.respond(BUSY, 0.0)

    assert transaction.receive(ACK, 0.2) == []
    assert transaction.state is State.CONFIRMED
    assert transaction.receive(ACK, 0.3) == []
    assert transaction.receive(INVITE, 0.4) == []
    assert run_timers(transaction) == []
    assert transaction.terminated


def test_after_a_2xx_copies_of_the_invite_are_absorbed_and_the_ack_is_handed_up() -> None:
    transaction = InviteServerTransaction(reliable=False)
    transaction.respond(OK, 0.0)

    assert transaction.receive(INVITE, 0.5) == []
    assert transaction.receive(ACK, 0.6) == [Deliver(ACK)]
    assert transaction.deadline == 32.0
    assert run_timers(transaction) == []
    assert transaction.terminated


@pytest.mark.parametrize("late", [answer(180), OK, BUSY])
def test_a_second_final_response_is_our_own_mistake(late: Response) -> None:
    transaction = InviteServerTransaction(reliable=False)
    transaction.respond(BUSY, 0.0)

    with pytest.raises(IllegalStep):
        transaction.respond(late, 0.1)


@given(
    final=st.sampled_from([OK, BUSY]),
    arrivals=st.lists(st.tuples(st.floats(0, 37), st.sampled_from([INVITE, ACK]))),
    reliable=st.booleans(),
)
def test_whatever_arrives_the_transaction_is_over_after_64_t1_plus_t4(
    final: Response, arrivals: list[tuple[float, Request]], reliable: bool
) -> None:
    transaction = InviteServerTransaction(reliable=reliable)
    transaction.respond(final, now=0.0)
    for at, arrived in sorted(arrivals, key=lambda arrival: arrival[0]):
        run_timers(transaction, until=at)
        transaction.receive(arrived, at)
    run_timers(transaction, until=37.0)

    assert transaction.state is State.TERMINATED
