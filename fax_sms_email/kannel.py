"""
What Kannel's smsbox tells us and is asked (user guide 1.4.5: post-url, sendsms). Pure.

A text that came in is a body of bytes, with coding and character set beside it: joined, if it was
long.
"""

from collections.abc import Mapping
from typing import Final

from .errors import NotSent, TextRefused
from .texts import ReceivedText, coding_of

LONGEST: Final = 2000  # signs of a text
_LONGEST_ID: Final = 100
_LONGEST_NUMBER: Final = 30
_BINARY, _UCS2 = "1", "2"
_CHARSETS: Final = {
    "": "utf-8",
    "gsm": "utf-8",  # within Kannel, that is what such a text is
    "utf-8": "utf-8",
    "us-ascii": "utf-8",
    "utf-16be": "utf-16-be",
    "ucs-2": "utf-16-be",
    "windows-1252": "cp1252",
    "iso-8859-1": "latin-1",
    "gb18030": "gb18030",
}
_ABOUT_US: Final = frozenset({401, 403, 404, 405, 407, 408, 425, 429})
"""Statuses that say nothing of the text: the password, the address, the pace."""
_TAKEN: Final = frozenset({200, 202})
_REFUSED: Final = range(400, 500)


def received(given: Mapping[str, str], body: bytes) -> ReceivedText:
    """
    A text that came in: ``id`` (%I), ``from`` (%p), ``to`` (%P), ``coding`` (%c) and ``charset``
    (%C) of the address, and the body.

    Raises TextRefused, which names the field.
    """
    return ReceivedText(
        gateway_id=_line(given, "id", _LONGEST_ID),
        number=_line(given, "from", _LONGEST_NUMBER),
        our_number=_line(given, "to", _LONGEST_NUMBER),
        text=_text(given, body),
    )


def request(
    username: str, password: str, sender: str, recipient: str, text: str
) -> tuple[Mapping[str, str], bytes]:
    """The headers and the body of a POST to ``sendsms``: no secret is in an address."""
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "X-Kannel-Username": username,
        "X-Kannel-Password": password,
        "X-Kannel-From": sender,
        "X-Kannel-To": recipient,
        "X-Kannel-Coding": "0" if coding_of(text) == "gsm" else _UCS2,
    }
    return headers, text.encode()


def refusal(status: int, said: str) -> NotSent | None:
    """What the answer to that means: None, it has the text now."""
    if status in _TAKEN:
        return None
    permanent = status in _REFUSED and status not in _ABOUT_US
    return NotSent(f"{status} {' '.join(said.split())}".strip(), permanent=permanent)


def _line(given: Mapping[str, str], field: str, longest: int) -> str:
    text = given.get(field, "").strip()
    if not text:
        raise TextRefused(field, "is missing")
    if len(text) > longest:
        raise TextRefused(field, f"is longer than {longest} characters")
    if not text.isprintable():
        raise TextRefused(field, "has a sign that is none")
    return text


def _text(given: Mapping[str, str], body: bytes) -> str:
    coding = given.get("coding", "").strip() or "0"
    if coding == _BINARY:
        raise TextRefused("coding", "is of what is no text")
    if coding not in ("0", _UCS2):
        raise TextRefused("coding", "must be 0, 1 or 2")
    named = given.get("charset", "").strip().lower()
    if (charset := _CHARSETS.get(named)) is None:
        raise TextRefused("charset", "is none that we read")
    if coding == _UCS2 and named in ("", "gsm"):
        charset = "utf-16-be"
    try:
        text = body.decode(charset)
    except UnicodeDecodeError:
        raise TextRefused("body", f"is not in {charset}") from None
    if len(text) > LONGEST:
        raise TextRefused("body", f"is longer than {LONGEST} characters")
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text).strip()
