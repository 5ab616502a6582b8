"""
Which values no database of ours, and no JSON of ours, can keep. Pure.

Clients may send them all the same: PostgreSQL has no NUL in a text (manual, 8.3), UTF-8 no lone
surrogate (RFC 3629 §3), neither database an integer of more than 64 bits, and JSON no NaN and no
infinity (RFC 8259 §6), although Python's reader takes both.
"""

import math
from datetime import UTC, datetime

_LIMIT = 2**63


def fault_of(value: object) -> str | None:
    """What is wrong with the value, or with anything in it; None if it can be kept."""
    left = [value]
    while left:
        match left.pop():
            case str() as text:
                fault = _fault_of_text(text)
            case int() as number:
                fault = None if -_LIMIT <= number < _LIMIT else "a number of more than 64 bits"
            case float() as number:
                fault = None if math.isfinite(number) else "a number that is none"
            case datetime() as at:
                fault = _fault_of_moment(at)
            case list() | tuple() as items:
                left.extend(items)
                continue
            case dict() as members:
                left.extend(members.keys())
                left.extend(members.values())
                continue
            case _:
                continue
        if fault is not None:
            return fault
    return None


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
