from hypothesis import given
from hypothesis import strategies as st

from cti_server.sip.invite_client import (
    InviteClientTransaction,
    State,
    acknowledgement,
    cancellation,
)
from cti_server.sip.message import Response
from cti_server.sip.transaction import Deliver, Send, TimedOut, TransportFailed

from .machines import answer, request, run_timers

INVITE = request("INVITE", Route="<sip:proxy.example.com;lr>")
TRYING, RINGING, OK, BUSY = (answer(status, to=INVITE) for status in (100, 180, 200, 486))


def started(*, reliable: bool = False) -> InviteClientTransaction:
    transaction = InviteClientTransaction(INVITE, reliable=reliable)
    assert transaction.start(0.0) == [Send(bytes(INVITE))]
    return transaction


def test_an_unanswered_invite_is_resent_with_doubling_gaps_and_given_up_after_32_seconds() -> None:
    *resent, last = run_timers(started())

    assert [at for at, _ in resent] == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert all(effect == Send(bytes(INVITE)) for _, effect in resent)
    assert last == (32.0, TimedOut())


def test_over_tcp_the_invite_is_sent_once() -> None:
    assert run_timers(started(reliable=True)) == [(32.0, TimedOut())]


def test_a_provisional_response_ends_the_retransmissions_and_the_patience_limit() -> None:
    transaction = started()

    assert transaction.receive(TRYING, 0.1) == [Deliver(TRYING)]
    assert transaction.receive(RINGING, 0.2) == [Deliver(RINGING)]
    assert transaction.deadline is None


def test_a_rejection_is_acknowledged_and_so_is_every_copy_of_it() -> None:
    transaction = started()
    ack = Send(bytes(acknowledgement(INVITE, BUSY)))

    assert transaction.receive(BUSY, 0.1) == [ack, Deliver(BUSY)]
    assert transaction.receive(BUSY, 0.6) == [ack]
    assert transaction.deadline == 32.1
    assert run_timers(transaction) == []
    assert transaction.terminated


def test_every_2xx_goes_up_for_64_t1() -> None:
    transaction = started()

    assert transaction.receive(OK, 0.1) == [Deliver(OK)]
    assert transaction.receive(OK, 0.6) == [Deliver(OK)]
    assert transaction.receive(BUSY, 0.7) == []
    assert transaction.deadline == 32.1


def test_after_a_cancel_a_missing_final_response_is_given_up() -> None:
    transaction = started()
    transaction.receive(RINGING, 0.2)
    transaction.give_up_after(5.0)

    assert run_timers(transaction) == [(37.0, TimedOut())]


def test_a_transport_failure_ends_it_unless_it_was_answered() -> None:
    assert started().fail() == [TransportFailed()]
    answered = started()
    answered.receive(BUSY, 0.1)
    assert answered.fail() == []


def test_the_ack_of_a_rejection_goes_the_way_of_the_invite() -> None:
    ack = acknowledgement(INVITE, BUSY)

    assert (ack.method, ack.uri, str(ack.cseq)) == ("ACK", INVITE.uri, "1 ACK")
    assert ack.via == INVITE.via
    assert ack.headers.get_all("Route") == ["<sip:proxy.example.com;lr>"]
    assert ack.to.tag == "to1"


def test_a_cancel_has_the_branch_of_its_invite_and_no_to_tag() -> None:
    cancel = cancellation(INVITE)

    assert (cancel.via.branch, str(cancel.cseq)) == ("z9hG4bKinvite1", "1 CANCEL")
    assert cancel.to.tag is None


@given(
    arrivals=st.lists(
        st.tuples(st.floats(0, 60), st.sampled_from([TRYING, RINGING, OK, BUSY])), max_size=8
    ),
    reliable=st.booleans(),
)
def test_whatever_arrives_it_ends_unless_only_provisional_responses_came(
    arrivals: list[tuple[float, Response]], reliable: bool
) -> None:
    transaction = started(reliable=reliable)
    for at, response in sorted(arrivals, key=lambda arrival: arrival[0]):
        run_timers(transaction, until=at)
        transaction.receive(response, at)
    run_timers(transaction)

    assert transaction.state in (State.TERMINATED, State.PROCEEDING)
    if transaction.state is State.PROCEEDING:
        transaction.give_up_after(60.0)
        assert run_timers(transaction) == [(92.0, TimedOut())]
