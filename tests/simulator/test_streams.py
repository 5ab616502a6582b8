"""How the generator counts what it hears: losses, late packets, copies, and whom it hears."""

import multiprocessing
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from simulator.load.records import COMMAND, START, StreamRecord
from simulator.load.streams import STEP, STEPS, Slot, StreamLoop

OURS, THEIRS, OTHERS = 1, 2, 3


@pytest.fixture
def slot() -> Iterator[Slot]:
    made = Slot(1, "127.0.0.1")
    made.start(OURS, ("127.0.0.1", 9), 101, speaks=True)
    yield made
    made.socket.close()


def hear(slot: Slot, peer: int, *counts: int) -> None:
    for count in counts:
        slot.place(peer, count, now=float(count))


def record_of(slot: Slot) -> StreamRecord:
    record = slot.stop()
    assert record is not None
    return record


def test_what_never_came_between_the_first_and_the_last_packet_is_lost(slot: Slot) -> None:
    hear(slot, THEIRS, 10, 11, 14)

    record = record_of(slot)
    assert (record.heard, record.lost, record.first_at) == (3, 2, 10.0)
    assert (record.peer, record.peers) == (THEIRS, 1)


def test_a_late_packet_is_out_of_order_and_not_lost(slot: Slot) -> None:
    hear(slot, THEIRS, 1, 3, 2)

    record = record_of(slot)
    assert (record.heard, record.lost, record.out_of_order, record.copies) == (3, 0, 1, 0)


def test_a_copy_counts_once(slot: Slot) -> None:
    hear(slot, THEIRS, 1, 2, 2, 1)

    record = record_of(slot)
    assert (record.heard, record.copies) == (2, 2)


def test_a_second_voice_is_noticed_and_the_first_ones_losses_are_kept(slot: Slot) -> None:
    hear(slot, THEIRS, 1, 3)
    hear(slot, OTHERS, 50, 51)

    record = record_of(slot)
    assert (record.peers, record.peer) == (2, OTHERS)
    assert (record.heard, record.lost) == (4, 1)


def test_a_stopped_slot_has_nothing_more_to_tell(slot: Slot) -> None:
    slot.stop()

    assert slot.stop() is None


@pytest.mark.parametrize("count", [10, 40, 200, 600])
def test_the_slots_are_spread_evenly_over_the_ring(count: int) -> None:
    slots = [Slot(number, "127.0.0.1") for number in range(count)]
    per_step = [0] * STEPS
    for each in slots:
        per_step[each.step] += 1
        each.socket.close()

    assert max(per_step) <= count / STEPS + 2


class TooSlow(StreamLoop):
    """Needs longer for every step of the ring than the step lasts."""

    sent = 0
    behind = threading.Event()

    def _send(self, ring: list[Slot]) -> None:
        time.sleep(4 * STEP)
        self.sent += 1
        if self.sent > 10 * STEPS:
            self.behind.set()


def test_a_loop_that_cannot_keep_up_still_obeys() -> None:
    slots = {number: Slot(number, "127.0.0.1") for number in range(STEPS)}
    commands, theirs = multiprocessing.Pipe()
    run, its = multiprocessing.Pipe()
    for number in slots:
        here = socket.inet_aton("127.0.0.1")
        commands.send_bytes(COMMAND.pack(START, number, number + 1, here, 9, 0, 1))
    loop = TooSlow(slots, [theirs], its)
    looping = threading.Thread(target=loop.run, daemon=True)
    looping.start()

    assert loop.behind.wait(20)
    run.send("finish")

    looping.join(20)
    assert not looping.is_alive()
    for slot in slots.values():
        slot.socket.close()
