"""
Numbers that are complete as they are written, told for a tenth of what parsing them takes.

Pure. The patterns are those of :mod:`phonenumbers`. Most numbers of a centre are ordinary ones of
its own country, with its code or with nothing in front; whatever else is to be found in digits
(prefixes of carriers and of other countries, countries that share a code) is left to the library.
"""

import functools
import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Those of a kind; no ``lengths``: the pattern tells them."""

    pattern: re.Pattern[str]
    lengths: frozenset[int]

    def has(self, digits: str) -> bool:
        in_length = not self.lengths or len(digits) in self.lengths
        return in_length and self.pattern.fullmatch(digits) is not None


@dataclass(frozen=True, slots=True)
class _Plan:
    """Of a region that has its country's code to itself."""

    code: str
    dialled: re.Pattern[str]
    """How digits begin that may have a prefix for other countries."""
    prefix: re.Pattern[str]
    """How digits begin that may have a prefix within the country."""
    any: _Numbers
    ordinary: tuple[_Numbers, ...]

    def complete(self, number: str) -> str | None:
        if number.startswith("+"):
            if not number.startswith(self.code, 1):
                return None
            national = number[1 + len(self.code) :]
        elif number.startswith(self.code) or self.dialled.match(number):
            return None
        else:
            national = number
        if national.startswith("0") or self.prefix.match(national):
            return None
        if self.any.has(national) and any(kind.has(national) for kind in self.ordinary):
            return f"+{self.code}{national}"
        return None


def complete_at_once(number: str, region: str) -> str | None:
    """
    ``number``: digits, perhaps with a plus in front. Its international form (E.164).

    None says nothing: it may be complete and valid all the same.
    """
    plan = _plan(region)
    return plan.complete(number) if plan else None


_NEVER = "(?!)"


@functools.cache
def _plan(region: str) -> _Plan | None:
    data = PhoneMetadata.metadata_for_region(region.upper(), None)
    if data is None or data.country_code is None:
        return None
    if len(phonenumbers.region_codes_for_country_code(data.country_code)) != 1:
        return None
    whole = _numbers(data.general_desc)
    if whole is None:
        return None
    ordinary = (_numbers(kind) for kind in (data.mobile, data.fixed_line))
    return _Plan(
        code=str(data.country_code),
        dialled=re.compile(data.international_prefix or _NEVER),
        prefix=re.compile(data.national_prefix_for_parsing or _NEVER),
        any=whole,
        ordinary=tuple(kind for kind in ordinary if kind),
    )


def _numbers(kind: PhoneNumberDesc | None) -> _Numbers | None:
    if kind is None or not kind.national_number_pattern:
        return None
    return _Numbers(re.compile(kind.national_number_pattern), frozenset(kind.possible_length))
