"""
A caller's values aloud, in clips that can all be rendered before the first call.

Pure. How a value is read is in :mod:`.values`, how it is said in a module for each language.
"""

from typing import Final

from ivr.texts import SayAs, Value

from . import chinese, english
from .values import PAUSE, Clip, Unsayable, read, signs

LANGUAGES: Final = {"en": english, "zh": chinese}
"""By primary subtag; what each offers is what the other offers."""


def clips(value: Value, say_as: SayAs, language: str, region: str = "CN") -> tuple[Clip, ...]:
    """
    The clips, in their order, among them :data:`~.values.PAUSE`.

    ``region`` is where telephone numbers are written for. Raises Unsayable for what is none of its
    kind: whoever speaks falls back on :func:`sign_by_sign`.
    """
    return tuple(LANGUAGES[language].said(read(value, say_as, region)))


def sign_by_sign(value: Value, language: str) -> tuple[Clip, ...]:
    """Digits and letters; nothing where there are none."""
    return tuple(LANGUAGES[language].spelled(signs(value)))


def every_clip(language: str) -> list[Clip]:
    """All that the functions above can ever ask for, without the pause."""
    return list(dict.fromkeys(LANGUAGES[language].every_clip()))


__all__ = ["LANGUAGES", "PAUSE", "Clip", "Unsayable", "clips", "every_clip", "sign_by_sign"]
