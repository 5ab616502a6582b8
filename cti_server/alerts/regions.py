"""Where callers' numbers are from. The tables are large: for a process of its own."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Numbers:
    numbers: Sequence[str]
    region: str  # of national ones


def regions_of(asked: Numbers) -> dict[str, tuple[str, str]]:
    """In Chinese and in English, of those that can be told."""
    import phonenumbers
    from phonenumbers import geocoder

    found: dict[str, tuple[str, str]] = {}
    for number in asked.numbers:
        try:
            parsed = phonenumbers.parse(number, asked.region)
        except phonenumbers.NumberParseException:
            continue
        zh, en = (geocoder.description_for_number(parsed, each) for each in ("zh", "en"))
        if zh and en:
            found[number] = (zh, en)
    return found
