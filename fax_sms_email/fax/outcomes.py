"""What a T.30 call came to, and whether it is worth trying the same once more. Pure."""

from dataclasses import dataclass
from typing import Final

OK: Final = 0
_THE_DOCUMENT: Final = frozenset(range(41, 47))  # no TIFF, or none that can be faxed
_THEIR_MACHINE: Final = frozenset({9, 11, 12})  # can't receive; not at that resolution, or size
_NO_ANSWER: Final = frozenset({2, 3, 17, 19})  # nobody there who speaks fax


@dataclass(frozen=True, slots=True)
class Outcome:
    """``code`` is one of spandsp's (T30_ERR_…), 0 for a good end; ``reason`` its words for it."""

    code: int
    reason: str

    @property
    def permanent(self) -> bool:
        """The same document to the same machine would come to the same."""
        return self.code in _THE_DOCUMENT or self.code in _THEIR_MACHINE

    @property
    def nobody_there(self) -> bool:
        """A person answered, or a machine that is no fax."""
        return self.code in _NO_ANSWER
