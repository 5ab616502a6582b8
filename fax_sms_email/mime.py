"""A letter as MIME (RFC 5322, 2045), names in any script (RFC 2047, 2231). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

from .letters import Letter


@dataclass(frozen=True, slots=True)
class Envelope:
    """
    Who sends what to whom. ``id`` and ``at`` are the same whenever the same is sent again, so that
    a receiver can tell.
    """

    id: str
    at: datetime
    sender: str
    sender_name: str
    recipient: str

    @property
    def is_ascii(self) -> bool:
        """Else it goes only to who understands SMTPUTF8 (RFC 6531)."""
        return self.sender.isascii() and self.recipient.isascii()


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment with its content; ``kind`` as in "audio/wav"."""

    name: str
    kind: str
    content: bytes


def mime(letter: Letter, envelope: Envelope, parts: Sequence[Part]) -> bytes:
    message = EmailMessage(policy=SMTP if envelope.is_ascii else SMTPUTF8)
    message["From"] = _address(envelope.sender, envelope.sender_name)
    message["To"] = _address(envelope.recipient)
    message["Subject"] = " ".join(letter.subject.split())  # a line's end would begin a header
    message["Date"] = envelope.at
    message["Message-ID"] = f"<{envelope.id}>"
    if letter.automatic:
        message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="base64")
    for part in parts:
        maintype, _, subtype = part.kind.partition("/")
        message.add_attachment(part.content, maintype=maintype, subtype=subtype, filename=part.name)
    return message.as_bytes()


def _address(text: str, name: str = "") -> Address:
    """In two halves: a whole one is taken in ASCII only."""
    local, _, domain = text.rpartition("@")
    return Address(name, local, domain)
