"""Where a secret stands in what was told or written, and not by accident in an id or a moment."""

import re
from collections.abc import Mapping

_MADE_UP = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?"  # a moment
    r"|(?<![0-9A-Za-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z])"  # a UUID
    r"|(?<![0-9A-Za-z])(?=[0-9]*[a-f])(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})(?![0-9A-Za-z])"
)
"""What nobody typed and nobody said: with a few thousand of these any six digits are in some."""

_SHORTEST = 6  # digits: fewer are a port's, or a process's


def leaks(secret: str, told: object) -> list[str]:
    """
    Each text, number or key in ``told`` that has the secret in it, at whatever depth.

    A text has it as a part, and a number only as the whole: a longer one is another number. Bytes
    are taken for text; what is no text, number or collection, for what it looks like.
    """
    if secret.isdigit() and len(secret) < _SHORTEST:
        raise ValueError(f"digits as few as {secret} are found everywhere")
    match told:
        case str():
            return [told] if secret in _MADE_UP.sub(" ", told) else []
        case bytes():
            return leaks(secret, told.decode("latin-1" if secret.isascii() else "utf-8", "replace"))
        case int() | float():
            return [str(told)] if str(told) == secret else []
        case Mapping():
            return leaks(secret, [*told.keys(), *told.values()])
        case list() | tuple() | set() | frozenset():
            return [found for each in told for found in leaks(secret, each)]
        case _:
            return leaks(secret, str(told))
