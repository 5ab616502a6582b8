"""Ctrl-C as a question that is asked when there is time for it, not an exception anywhere."""

import contextlib
import signal
from collections.abc import Iterator


class Interrupt:
    """``asked``: whether somebody pressed Ctrl-C."""

    def __init__(self) -> None:
        self.asked = False

    def press(self, *_: object) -> None:
        if self.asked:
            raise KeyboardInterrupt  # the second time, at once
        self.asked = True


@contextlib.contextmanager
def interruptible() -> Iterator[Interrupt]:
    """
    Until the end, the first Ctrl-C only asks.

    As an exception it could come while half a message of another process is read, and what follows
    would be read from the middle of it.
    """
    interrupt = Interrupt()
    before = signal.signal(signal.SIGINT, interrupt.press)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
