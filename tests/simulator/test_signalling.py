"""What the processes of a load tell the run: all of it, however long the load was."""

import multiprocessing
import os
import threading

from simulator.load.records import CallerRecord, Results, Work
from simulator.load.signalling import tell

WORK = Work("callers", cpu=1.0, wall=2.0, late=0, done=20_000, retransmissions=0)


def test_what_an_hour_leaves_is_told_whole_over_a_pipe_that_was_listened_to() -> None:
    near, far = multiprocessing.Pipe()
    os.set_blocking(far.fileno(), False)  # as libuv leaves it
    records = [CallerRecord(f"7{number:07d}", due_at=number / 20) for number in range(20_000)]

    def told_to_the_end() -> None:
        tell(far, Results(WORK, callers=records))
        far.close()

    telling = threading.Thread(target=told_to_the_end)
    telling.start()

    told = near.recv()

    telling.join(10)
    assert isinstance(told, Results)
    assert told.callers == records


def test_a_run_that_is_gone_is_told_nothing() -> None:
    near, far = multiprocessing.Pipe()
    near.close()

    tell(far, Results(WORK))
