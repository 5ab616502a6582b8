"""Mail that leaves: through which server, from whom, and who is told of callers' messages."""

import ipaddress
from datetime import timedelta
from typing import Annotated, Literal, Self
from unicodedata import category

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, FilePath, SecretStr, StringConstraints, model_validator

from .section import Section


def _an_address(text: str) -> str:
    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    return found.normalized


MailAddress = Annotated[str, Field(max_length=254), AfterValidator(_an_address)]
"""As in "desk@bank.example"."""


def _one_line(text: str) -> str:
    if any(category(each) in ("Cc", "Zl", "Zp") for each in text):
        raise ValueError("has a line break or another control character")
    return text


DisplayName = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=100), AfterValidator(_one_line)
]
"""As a mail's header has it: of one line."""


class MailSettings(Section):
    """The server that takes our mail and answers for it from then on."""

    host: str = Field(min_length=1, description="Where our mail is handed in.")
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["starttls", "implicit", "none"] = Field(
        default="starttls", description="`implicit` as on port 465; `none` to this machine only."
    )
    ca_file: FilePath | None = Field(
        default=None, description="Who vouches for the server; by default who the system trusts."
    )
    username: str | None = None
    password: SecretStr | None = Field(
        default=None, description="Better in the environment: HOTLINE_MAIL__PASSWORD."
    )
    password_file: FilePath | None = Field(
        default=None, description="A file that holds the password alone, in its stead."
    )
    sender: MailAddress = Field(description="Whom our mail is from, and bounces go to.")
    sender_name: DisplayName = ""
    timeout: timedelta = Field(
        default=timedelta(minutes=2),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=15),
        description="How long one mail may take.",
    )
    at_once: int = Field(default=4, ge=1, le=50, description="Mails on their way.")
    largest: int = Field(
        default=10_000_000,
        ge=100_000,
        description="Bytes of a mail; an attachment that makes it larger is left out, and said so.",
    )
    retry_after: timedelta = Field(
        default=timedelta(seconds=30),
        gt=timedelta(0),
        le=timedelta(hours=1),
        description="After the first failure; four times as long each time, up to an hour.",
    )
    give_up_after: timedelta = Field(
        default=timedelta(days=3), gt=timedelta(0), description="Then it is a dead letter."
    )

    @property
    def domain(self) -> str:
        """Of the sender; ids of our mails end in it."""
        return self.sender.rpartition("@")[2]

    def secret(self) -> str | None:
        """Blocks. Raises OSError for a file that cannot be read."""
        if self.password_file is not None:
            return self.password_file.read_text(encoding="utf-8").strip()
        return None if self.password is None else self.password.get_secret_value()

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.password is not None and self.password_file is not None:
            raise ValueError("password and password_file: one of them")
        has_password = self.password is not None or self.password_file is not None
        if has_password != (self.username is not None):
            raise ValueError("username and a password go together")
        if self.tls == "none" and not is_this_machine(self.host):
            raise ValueError(f"tls: none to {self.host} would show mail to others on the way")
        if self.tls == "none" and self.ca_file is not None:
            raise ValueError("ca_file: nobody is asked for a certificate without tls")
        return self


class MailboxSettings(Section):
    """Who is told by mail of what callers leave in a mailbox, beside the queue's agents."""

    mail: tuple[MailAddress, ...] = Field(
        default=(), max_length=20, description="Who gets a mail with the sound."
    )
    language: Literal["zh", "en"] | None = Field(
        default=None, description="Of the mail; by default the first of speech.languages."
    )
    link: str | None = Field(
        default=None,
        pattern=r"^https?://\S+$",
        description="To the task in your desktop: https://desk.example/#/contacts/{contact_id}",
    )


def is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
