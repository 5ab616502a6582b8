"""Texts with places in them that a caller's values fill: ``{name}``."""

import re
from collections.abc import Iterator, Mapping

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def placeholders(text: str) -> Iterator[str]:
    """The names that the text asks for."""
    yield from _PLACEHOLDER.findall(text)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its values in it; what nobody knows is empty."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)
