"""
Which values no database of ours, and no JSON of ours, can keep. Pure.

Clients may send them all the same: PostgreSQL has no NUL in a text (manual, 8.3), UTF-8 no lone
surrogate (RFC 3629 §3), neither database an integer of more than 64 bits, and JSON no NaN and no
infinity (RFC 8259 §6), although Python's reader takes both.
"""

import math
from datetime import UTC, datetime

_LIMIT = 2**63


def fault_of(value: object, where: str) -> str | None:
    """
    What is wrong with the value, or with anything in it, and where; None if it can be kept.

    ``where`` is the value's own name: ``body``, or empty for what has names of its own.
    """
    left: list[tuple[str, object]] = [(where, value)]
    while left:
        here, found = left.pop()
        match found:
            case str() as text:
                fault = _fault_of_text(text)
            case int() as number:
                fault = None if -_LIMIT <= number < _LIMIT else "a number of more than 64 bits"
            case float() as number:
                fault = None if math.isfinite(number) else "a number that is none"
            case datetime() as at:
                fault = _fault_of_moment(at)
            case list() | tuple() as items:
                left += [(here, item) for item in items]
                continue
            case dict() as members:
                left += [(here, name) for name in members]
                left += [(_below(here, name), member) for name, member in members.items()]
                continue
            case _:
                continue
        if fault is not None:
            return f"{here}: has {fault}"
    return None


def _below(where: str, name: object) -> str:
    """Names that are at fault themselves are not repeated."""
    text = str(name)
    return where if not text.isprintable() else f"{where}.{text}" if where else text


def _fault_of_text(text: str) -> str | None:
    if "\0" in text:
        return "a NUL character"
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return "half of a surrogate pair"
    return None


def _fault_of_moment(at: datetime) -> str | None:
    if at.tzinfo is None:
        return "a moment without its offset"
    try:
        at.astimezone(UTC)
    except OverflowError:
        return "a moment beyond the calendar"
    return None
