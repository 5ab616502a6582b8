"""Values in a text that is written in Markdown. Pure."""

import re
from typing import Final

_SIGNS: Final = re.compile(r"([!-/:-@\[-`{-~])")
"""Those that can be escaped (CommonMark 0.31, §2.4)."""


def escaped(value: str) -> str:
    """As it is, on one line: nothing in it is a heading, a table or a link."""
    return _SIGNS.sub(r"\\\1", " ".join(value.split()))
