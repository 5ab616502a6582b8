"""
Where customers are reached other than by number: mail addresses, chat names.

Pure. Each has one form by which it is compared; numbers have theirs in :mod:`crm.numbers`.
"""

import functools
import re
import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from .errors import InvalidField

LONGEST = 254  # characters (RFC 5321 §4.5.3.1.3, less the angle brackets)
_PLAIN = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*")
"""Local parts that are well formed, whatever the domain (RFC 5322 §3.2.3), and stay as they are."""


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
    local, _, domain = text.rpartition("@")
    try:
        if domain.isascii() and _PLAIN.fullmatch(local):
            written, ascii_domain = _domain(domain)
            if len(text) + len(written) - len(domain) <= LONGEST:
                return Address("mail", f"{local}@{ascii_domain}".casefold(), f"{local}@{written}")
        found = _validated(text)
    except EmailNotValidError as error:
        raise InvalidField("addresses", "is no mail address") from error
    key = f"{found.local_part}@{found.ascii_domain}".casefold()
    return Address("mail", key, found.normalized)


def _validated(text: str) -> ValidatedEmail:
    return validate_email(text, check_deliverability=False, globally_deliverable=False)


@functools.lru_cache(maxsize=4096)
def _domain(domain: str) -> tuple[str, str]:
    """As it is written, and in ASCII: of a centre's customers most have one of a few."""
    found = _validated(f"a@{domain}")
    return found.domain, found.ascii_domain
