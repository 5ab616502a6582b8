"""A prompt's known pieces, so that they sound as parts of one sentence with what stands between."""

from collections.abc import Sequence
from typing import Final

from ivr.texts import Slot

_COMMAS: Final = {"zh": "，", "en": ","}


def joined(pieces: Sequence[str | Slot], language: str) -> tuple[str | Slot, ...]:
    """
    A piece before a place ends in a comma: the voice stays up, for something follows.

    One behind a place begins with a word. ``language`` is a primary subtag.
    """
    said: list[str | Slot] = []
    for at, piece in enumerate(pieces):
        if isinstance(piece, str):
            words = piece[_first_sign(piece) :] if at else piece
            open_ended = at + 1 < len(pieces) and words[-1].isalnum()
            piece = words + (_COMMAS.get(language, ",") if open_ended else "")
        said.append(piece)
    return tuple(said)


def _first_sign(piece: str) -> int:
    """A piece has at least one letter or digit: see :func:`ivr.texts.pieces`."""
    return next(at for at, sign in enumerate(piece) if sign.isalnum())
