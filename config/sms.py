"""Texts (SMS): the gateways that carry them, our numbers, and what can be asked for there."""

import ipaddress
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    Discriminator,
    Field,
    FilePath,
    SecretStr,
    StringConstraints,
    Tag,
    model_validator,
)

from .mail import is_this_machine
from .section import Section
from .self_service import ServiceName

GatewayName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
OurNumber = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{3,20}$")]
Keyword = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]
SHORTEST_SECRET: Final = 12
LONGEST_SMPP_PASSWORD: Final = 8
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LOOPBACK: tuple[Network, ...] = (
    ipaddress.IPv4Network("127.0.0.0/8"),
    ipaddress.IPv6Network("::1/128"),
)


class KannelSettings(Section):
    """An smsbox of Kannel's: we ask it to send, and it tells us what came in."""

    kind: Literal["kannel"] = "kannel"
    send_url: str = Field(
        pattern=r"^https?://[^\s/?#@]+/[^\s?#]*$",
        description="Its sendsms: http://127.0.0.1:13013/cgi-bin/sendsms",
    )
    username: str = Field(min_length=1, max_length=100, description="Of a group sendsms-user.")
    password: SecretStr | None = Field(
        default=None,
        min_length=1,
        description="Better in the environment: HOTLINE_SMS__GATEWAYS__<NAME>__PASSWORD.",
    )
    password_file: FilePath | None = Field(
        default=None, description="A file that holds the password alone, in its stead."
    )
    secret: SecretStr | None = Field(
        default=None,
        min_length=SHORTEST_SECRET,
        description="What the gateway proves itself with: the password in its get-url. "
        "Better in the environment: HOTLINE_SMS__GATEWAYS__<NAME>__SECRET.",
    )
    secret_file: FilePath | None = None
    addresses: tuple[Network, ...] = Field(
        default=_LOOPBACK, min_length=1, description="From which it may hand texts over."
    )

    def send_password(self) -> str:
        """Blocks. Raises OSError for a file that cannot be read, ValueError for an empty one."""
        return _secret(self.password, self.password_file, 1)

    def inbound_secret(self) -> str:
        """Likewise; ValueError for one that could be guessed, too."""
        return _secret(self.secret, self.secret_file, SHORTEST_SECRET)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        for name, text, file in (
            ("password", self.password, self.password_file),
            ("secret", self.secret, self.secret_file),
        ):
            if (text is None) == (file is None):
                raise ValueError(f"{name} and {name}_file: one of them")
        url = urlsplit(self.send_url)
        if url.scheme == "http" and not is_this_machine(url.hostname or ""):
            raise ValueError("send_url: http to another machine would show texts on the way")
        return self


class SmppSettings(Section):
    """An SMS centre to which we bind as one who sends and receives (SMPP 3.4, a transceiver)."""

    kind: Literal["smpp"]
    host: str = Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9._:-]+$")
    port: int = Field(default=2775, ge=1, le=65535)
    system_id: str = Field(pattern=r"^[\x21-\x7e]{1,15}$")
    password: SecretStr | None = Field(
        default=None,
        description="Eight characters at most, as SMPP has it. Better in the environment: "
        "HOTLINE_SMS__GATEWAYS__<NAME>__PASSWORD.",
    )
    password_file: FilePath | None = Field(
        default=None, description="A file that holds the password alone, in its stead."
    )
    system_type: str = Field(default="", pattern=r"^[\x21-\x7e]{0,12}$")
    tls: bool = Field(default=False, description="SMPP within TLS; the centre's name is checked.")
    ca_file: FilePath | None = Field(
        default=None, description="Of a certificate authority that this machine does not know."
    )
    private_line: bool = Field(
        default=False,
        description="Without TLS to another machine: the way there is a line or a VPN of one's "
        "own.",
    )
    alphabet: Literal["gsm", "latin-1"] = Field(
        default="gsm", description="What the centre takes data_coding 0 for."
    )
    window: int = Field(
        default=10, ge=1, le=1000, description="Parts submitted that the centre has not answered."
    )
    parts_a_second: int = Field(
        default=50, ge=1, le=5000, description="What the contract with the operator allows."
    )
    receipts: bool = Field(default=True, description="Ask what became of each text.")

    def send_password(self) -> str:
        """Blocks. Raises OSError for a file that cannot be read, ValueError for a wrong one."""
        password = _secret(self.password, self.password_file, 1)
        if len(password) > LONGEST_SMPP_PASSWORD or not password.isascii():
            raise ValueError(f"must be ASCII, {LONGEST_SMPP_PASSWORD} characters at most")
        return password

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if (self.password is None) == (self.password_file is None):
            raise ValueError("password and password_file: one of them")
        if self.ca_file is not None and not self.tls:
            raise ValueError("ca_file: without tls nothing is checked by it")
        if not (self.tls or self.private_line or is_this_machine(self.host)):
            raise ValueError("host: on another machine it needs tls, or private_line")
        return self


def _kind_of(gateway: object) -> str:
    """Kannel, where nothing else is said."""
    if isinstance(gateway, Mapping):
        return str(gateway.get("kind", "kannel"))
    return str(getattr(gateway, "kind", "kannel"))


GatewaySettings = Annotated[
    Annotated[KannelSettings, Tag("kannel")] | Annotated[SmppSettings, Tag("smpp")],
    Discriminator(_kind_of),
]


class KeywordSettings(Section):
    """Which service a keyword begins, and in which language."""

    service: ServiceName
    language: Literal["zh", "en"]


class SmsNumberSettings(Section):
    """One number of ours that customers write to."""

    gateway: GatewayName
    language: Literal["zh", "en"] = Field(
        default="zh", description="Of what is said to texts of which it cannot be told."
    )
    keywords: Mapping[Keyword, KeywordSettings] = Field(min_length=1, max_length=50)


class SmsSettings(Section):
    """Off, where there is no gateway; the numbers may wait for one."""

    gateways: Mapping[GatewayName, GatewaySettings] = Field(default={}, max_length=10)
    numbers: Mapping[OurNumber, SmsNumberSettings] = Field(default={}, max_length=500)
    idle: timedelta = Field(
        default=timedelta(minutes=30),
        ge=timedelta(seconds=1),
        le=timedelta(hours=24),
        description="Who answers nothing for so long has left the service.",
    )
    timeout: timedelta = Field(
        default=timedelta(seconds=20),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=5),
        description="How long a gateway may take to accept one text.",
    )
    sent_at_once: int = Field(
        default=32, ge=1, le=1000, description="Texts on their way to gateways."
    )
    retry_after: timedelta = Field(
        default=timedelta(seconds=10),
        gt=timedelta(0),
        le=timedelta(hours=1),
        description="After the first failure; four times as long each time, up to ten minutes.",
    )
    give_up_after: timedelta = Field(
        default=timedelta(hours=4), gt=timedelta(0), description="Then it is a dead letter."
    )
    at_once: int = Field(default=1000, ge=1, le=20_000, description="Services under way.")
    texts_an_hour: int = Field(
        default=60,
        ge=1,
        le=10_000,
        description="Of one sender; more are not answered, so that no two machines talk for ever.",
    )
    elsewhere: Mapping[Literal["zh", "en"], Annotated[str, Field(max_length=200)]] = Field(
        default={},
        description="Said where a text will not do: which number to call, which page to use.",
    )

    @property
    def kannels(self) -> Mapping[str, KannelSettings]:
        """Those that come to us with what came in."""
        return {name: one for name, one in self.gateways.items() if isinstance(one, KannelSettings)}

    @model_validator(mode="after")
    def _gateways_are_there(self) -> Self:
        for number, each in self.numbers.items():
            if self.gateways and each.gateway not in self.gateways:
                raise ValueError(f"numbers.{number}.gateway: there is no {each.gateway!r}")
        return self


def _secret(text: SecretStr | None, file: FilePath | None, shortest: int) -> str:
    if file is not None:
        found = file.read_text(encoding="utf-8").strip()
    else:
        found = "" if text is None else text.get_secret_value()
    if len(found) < shortest:
        raise ValueError("is empty" if not found else f"is shorter than {shortest} characters")
    return found
