"""A caller who is not there: what they would press, say and leave, as the answers that it makes."""

from .actions import Ask, Digits, NoInput, NotUnderstood, Spoken
from .digits import DigitCollector
from .given import A_MESSAGE
from .messages import NotRecorded, Record, Recorded


class NotAsked(Exception):
    """Nobody asks for that here."""


def pressed(ask: Ask, keys: str) -> Digits | NoInput:
    """
    As a caller's keys come to be an answer who presses them one after another, in time.

    Raises NotAsked.
    """
    collector = DigitCollector(ask)
    now, answer = 0.0, collector.prompt_ended(0.0)
    for number, key in enumerate(keys, 1):
        answer = collector.digit(key, now)
        if answer is not None and number < len(keys):
            raise NotAsked(f"after '{keys[:number]}' no more keys are asked for")
    while answer is None and collector.deadline is not None:
        now = collector.deadline
        answer = collector.handle_timer(now)
    return answer or NoInput()


def said(ask: Ask, words: str, *, clear: bool = True) -> Spoken | NotUnderstood:
    """
    As if everything that is one of the phrases, letter for letter, were understood.

    Raises NotAsked.
    """
    if ask.vocabulary is None:
        raise NotAsked("nobody listens here: keys are asked for")
    meant = [label for label, one in ask.vocabulary.phrases if one.lower() == words.lower()]
    return Spoken(meant[0], clear) if meant else NotUnderstood()


def recorded(record: Record, seconds: float) -> Recorded | NotRecorded:
    """As what a caller says comes to be an answer, or nothing."""
    if seconds < record.min_seconds:
        return NotRecorded("silent")
    return Recorded(A_MESSAGE, min(seconds, record.max_seconds))
