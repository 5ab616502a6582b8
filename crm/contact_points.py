"""
Where customers are reached other than by number: mail addresses, chat names.

Pure. Each has one form by which it is compared; numbers have theirs in :mod:`crm.numbers`.
"""

import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from .errors import InvalidField

LONGEST = 254  # characters (RFC 5321 §4.5.3.1.3, less the angle brackets)


@dataclass(frozen=True, slots=True)
class Address:
    """``kind`` is "mail", "chat" or "other"; two with the same ``key`` are one."""

    kind: str
    key: str
    value: str

    def __reduce__(self) -> tuple[type["Address"], tuple[str, str, str]]:
        """Of imports, many go from one process to another; a dataclass's own way is slow."""
        return Address, (self.kind, self.key, self.value)


def address(kind: str, raw: str) -> Address:
    """Raises InvalidField."""
    text = unicodedata.normalize("NFC", raw).strip()
    if not 0 < len(text) <= LONGEST or not text.isprintable():
        raise InvalidField("addresses", f"1 to {LONGEST} characters that can be printed")
    if kind == "mail":
        return _mail(text)
    return Address(kind, unicodedata.normalize("NFKC", text).casefold(), text)


def _mail(text: str) -> Address:
    """
    RFC 5321 and 6531, without asking the DNS: a name in the centre's own network is as good.

    RFC 5321 §2.4 has the local part keep its case; no mailbox of our days tells A from a.
    """
    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise InvalidField("addresses", "is no mail address") from error
    key = f"{found.local_part}@{found.ascii_domain}".casefold()
    return Address("mail", key, found.normalized)
