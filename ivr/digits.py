"""One input by keys, as a machine: keys, the prompt's end and time go in, the answer comes out."""

from .actions import Ask, Digits, NoInput

KEYS = frozenset("0123456789*#ABCD")


class DigitCollector:
    """
    Sans-IO: whoever drives it calls :meth:`handle_timer` at :attr:`deadline`.

    Every method returns the answer once, as soon as there is one, and None before and after. Times
    are seconds of the driver's clock. Keys that were typed ahead of the prompt may be given to
    :meth:`digit` before it starts; if they are an answer, it need not be played.

    It does not judge: too few digits before the terminator or before the caller fell silent are an
    answer as they stand. A terminator with nothing before it is passed over: after an entry that
    was complete by its length, callers press it all the same, and the next question gets it.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._typed = ""
        self._prompting = True
        self._over = False
        self._deadline: float | None = None

    @property
    def deadline(self) -> float | None:
        """When to call :meth:`handle_timer`; None while the prompt plays and after the answer."""
        return self._deadline

    @property
    def prompting(self) -> bool:
        """Whether the prompt should still be heard: a key ends it where barge-in is allowed."""
        return self._prompting

    def prompt_ended(self, now: float) -> Digits | NoInput | None:
        """The prompt was played to its end, or there is none: the caller's time begins."""
        if self._prompting:
            self._begin(now)
        return self.handle_timer(now)

    def digit(self, key: str, now: float) -> Digits | None:
        """Take in a key. One that may not interrupt the prompt, or is none, is dropped."""
        if self._over or key not in KEYS or (self._prompting and not self._ask.barge_in):
            return None
        if self._prompting:
            self._begin(now)
        if key in self._ask.exit_keys:
            return self._answer(key)
        if key == self._ask.terminator:
            return self._answer(self._typed) if self._typed else None
        self._typed += key
        if len(self._typed) >= self._ask.max_digits:
            return self._answer(self._typed)
        self._deadline = now + self._ask.inter_digit_timeout
        return None

    def handle_timer(self, now: float) -> Digits | NoInput | None:
        """The caller pressed nothing (more) in time, if that is so."""
        if self._deadline is None or now < self._deadline:
            return None
        if self._typed:
            return self._answer(self._typed)
        self._over, self._deadline = True, None
        return NoInput()

    def _begin(self, now: float) -> None:
        self._prompting = False
        self._deadline = now + self._ask.timeout

    def _answer(self, keys: str) -> Digits:
        self._over, self._deadline = True, None
        self._typed = ""
        return Digits(keys)
