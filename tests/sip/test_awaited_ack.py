from cti_server.sip.awaited_ack import AwaitedAck
from cti_server.sip.transaction import AckTimedOut, Send

from .machines import run_timers


class Watched(AwaitedAck):
    """With the two properties that a transaction has besides."""

    terminated = lingering = False


def test_a_2xx_is_resent_until_the_ack_is_given_up() -> None:
    *resent, last = run_timers(Watched(b"200", 0.0))

    assert [at for at, _ in resent] == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert {effect for _, effect in resent} == {Send(b"200")}
    assert last == (32.0, AckTimedOut())


def test_the_ack_ends_it() -> None:
    awaited = Watched(b"200", 0.0)
    run_timers(awaited, until=1.0)
    awaited.acknowledge()
    assert run_timers(awaited) == []


def test_nothing_happens_before_it_is_due() -> None:
    assert Watched(b"200", 0.0).handle_timer(0.49) == []
