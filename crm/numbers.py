"""
Telephone numbers as they come from trunks, phones and spreadsheets, brought to one form.

Pure. A number that is complete becomes E.164 (``+8613800138000``); what cannot be completed is
kept as what it is: a service number or extension, a local number without its area code, a SIP
user's name, or nothing because the caller withheld it.
"""

import enum
import functools
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

import phonenumbers
from phonenumbers import shortnumberinfo

from .number_plans import complete_at_once

LONGEST = 64  # characters kept of a number or name
LONGEST_RAW = 1024  # characters looked at
LONGEST_LOCAL = 8  # digits, without the area code
TAIL = 7  # digits; a shorter number has no tail: too many others end like it


class NumberKind(enum.StrEnum):
    INTERNATIONAL = "international"  # E.164, and valid in its country's plan
    LOCAL = "local"  # digits that lack a prefix, or fit no plan
    SHORT = "short"  # a service number or an extension
    NAME = "name"  # a SIP user that is no number
    WITHHELD = "withheld"  # the caller did not say


@dataclass(frozen=True, slots=True)
class Number:
    """A number in the one form in which it is stored and compared."""

    kind: NumberKind
    text: str

    def __reduce__(self) -> tuple[type["Number"], tuple[NumberKind, str]]:
        """Millions of them go from one process to another; a dataclass's own way is slow."""
        return Number, (self.kind, self.text)

    @property
    def digits(self) -> str:
        dialled = self.kind in {NumberKind.INTERNATIONAL, NumberKind.LOCAL}
        return self.text.removeprefix("+") if dialled else ""

    @property
    def national(self) -> str:
        """The digits behind the country's; empty if it has none."""
        if self.kind is not NumberKind.INTERNATIONAL:
            return ""
        digits = self.digits
        for length in (1, 2, 3):  # no country's code is the beginning of another's (E.164)
            if int(digits[:length] or 0) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
                return digits[length:]
        return ""

    @property
    def tail(self) -> str | None:
        """The last digits, by which incomplete numbers are found; None if there are too few."""
        return self.digits[-TAIL:] if len(self.digits) >= TAIL else None


WITHHELD = Number(NumberKind.WITHHELD, "")

_NO_ONE = {
    *("", "anonymous", "unknown", "unavailable", "private", "restricted", "withheld"),
    *("匿名", "未知", "未显示"),
}
_SEPARATORS = re.compile(r"[\s().\-/\u2010-\u2015]")
_DIGITS = re.compile(r"\+?[0-9]+", re.ASCII)
_BRACKETED = re.compile(r"<([^<>]*)>")
_SCHEME = re.compile(r"(sips?|tel):", re.IGNORECASE)


def normalise(raw: str, region: str) -> Number:
    """The one form of a number. ``region`` (ISO 3166, "CN") is where national numbers are from."""
    return _normalise(raw[:LONGEST_RAW], region)


def spellings(number: Number, region: str) -> tuple[str, ...]:
    """The ways in which carriers may send it, the one form first; each normalises to it."""
    digits, national = number.digits, number.national
    ways = (digits, f"00{digits}", national, f"0{national}") if national else ()
    return (number.text, *(way for way in ways if normalise(way, region) == number))


def complete_number(raw: str, region: str) -> Number:
    """
    A number that somebody wrote down to be kept, in the one form.

    Raises ValueError for what is none, and for one that no country's plan has.
    """
    number = normalise(raw, region)
    if number.kind in {NumberKind.NAME, NumberKind.WITHHELD}:
        raise ValueError("is no telephone number")
    whole = raw.startswith("+") or len(number.text) > LONGEST_LOCAL
    if number.kind is NumberKind.LOCAL and whole:
        raise ValueError("is no valid number of any country's plan")
    return number


@functools.lru_cache(maxsize=4096)
def _normalise(raw: str, region: str) -> Number:
    # What cannot be printed (a NUL, half a surrogate pair) cannot be stored either.
    if raw.isascii() and raw.isprintable():
        shown = raw
    else:
        shown = "".join(c for c in unicodedata.normalize("NFKC", raw) if c.isprintable())
    user = _user_part(shown.strip())
    if user.casefold() in _NO_ONE:
        return WITHHELD
    dialled = _SEPARATORS.sub("", user.replace("(0)", ""))  # +44 (0)20: not dialled from abroad
    if not _DIGITS.fullmatch(dialled):
        return Number(NumberKind.NAME, user[:LONGEST])
    return _complete(dialled[:LONGEST], region)


def mask(number: str) -> str:
    """For logs: enough to recognise a number that one knows, not enough to call it."""
    dialled = _SEPARATORS.sub("", number)
    if _DIGITS.fullmatch(dialled):
        return dialled if len(dialled) < TAIL else "*" * (len(dialled) - 4) + dialled[-4:]
    return number[:1] + "***" if number else ""


def _user_part(text: str) -> str:
    """``"Li" <sip:+86138;npdi@trunk.example;user=phone>`` → ``+86138``."""
    if bracketed := _BRACKETED.findall(text):
        text = bracketed[-1].strip()
    if scheme := _SCHEME.match(text):
        text = text[scheme.end() :]
    user = text.split("@", 1)[0].split(";", 1)[0]
    if scheme:
        user = unquote(user)
    return user.split(":", 1)[0].strip() if "@" in text else user.strip()


def _complete(dialled: str, region: str) -> Number:
    """The international form of what was dialled or shown, if there is one."""
    if complete := _valid(dialled, region):
        return complete
    if short := _short(dialled, region):
        return short
    if not dialled.startswith(("+", "0")):
        # Many trunks show E.164 without its plus.
        abroad = _valid(f"+{dialled}", region)
        if abroad:
            return abroad
    return Number(NumberKind.LOCAL, dialled.removeprefix("+"))


def _valid(dialled: str, region: str) -> Number | None:
    if whole := complete_at_once(dialled, region):
        return Number(NumberKind.INTERNATIONAL, whole)
    try:
        parsed = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    national = phonenumbers.national_significant_number(parsed)
    return Number(NumberKind.INTERNATIONAL, f"+{parsed.country_code}{national}")


def _short(dialled: str, region: str) -> Number | None:
    """95588, also when a trunk shows it as +8695588; an extension such as 2001."""
    if not dialled.startswith("+"):
        return Number(NumberKind.SHORT, dialled) if len(dialled) < TAIL else None
    try:
        parsed = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return None
    if not shortnumberinfo.is_valid_short_number_for_region(parsed, region):
        return None
    return Number(NumberKind.SHORT, str(parsed.national_number))
