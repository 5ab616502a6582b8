"""
What an operator decides: one YAML file, overridden by ``HOTLINE_…`` in the environment.

``HOTLINE_SIP__REALM=bank.example`` sets ``sip.realm``. Unknown keys are refused with their path.
Agents, customers and recordings are data in the database; numbers, queues and flows are named
here and described in their own files.
"""

import ipaddress
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

SHIPPED = Path(__file__).parent
"""Where the shipped files are; ``shipped:`` paths in a configuration start here."""

_SHIPPED = "shipped:"

OF_THE_COMMAND_LINE = frozenset({"config_file", "password"})
"""``HOTLINE_…`` variables that the command line reads itself."""


AudioCodec = Literal["PCMU", "PCMA", "G722", "OPUS"]


class SettingsInvalid(Exception):
    """The configuration cannot be used; each problem names its key and the rule."""

    def __init__(self, source: str, problems: list[str]) -> None:
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))
        self.problems = problems


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class ListenSettings(_Section):
    transport: Literal["udp", "tcp"]
    host: str = "127.0.0.1"
    port: int = Field(default=5060, ge=0, le=65535)


class OutboundSettings(_Section):
    """Calls to telephone numbers that a trunk takes from us."""

    to: str = Field(description="Where to send them: a host, host:port or SIP URI without a user.")
    username: str | None = Field(default=None, description="Answers the trunk's 401 or 407.")
    password: SecretStr | None = None
    caller_id: str | None = Field(
        default=None, description="The number shown where the queue has none of its own."
    )
    shows_caller: bool = Field(
        default=False,
        description="Whether the trunk takes a customer's own number as caller of a transfer.",
    )
    domain: str | None = Field(default=None, description="The host of From; else the realm.")
    channels: int | None = Field(default=None, ge=1, description="Calls out at once at most.")

    @model_validator(mode="after")
    def _has_both(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together")
        return self


class TrunkSettings(_Section):
    """Somebody who may bring calls without being one of our phones, or takes calls from us."""

    name: str
    addresses: tuple[str, ...] = Field(
        default=(), description="IP addresses or networks (CIDR) that need no password."
    )
    username: str | None = Field(default=None, description="For trunks that authenticate.")
    password: SecretStr | None = None
    outbound: OutboundSettings | None = None
    inband_digits: bool = Field(
        default=False,
        description="Hear keys in the audio, too: it agrees on telephone-event and sends none.",
    )

    @field_validator("addresses")
    @classmethod
    def _are_networks(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            ipaddress.ip_network(address, strict=False)
        return addresses

    @model_validator(mode="after")
    def _can_be_identified(self) -> Self:
        if not self.addresses and self.username is None and self.outbound is None:
            raise ValueError("a trunk needs addresses, a username and password, or outbound")
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together")
        return self


class RouteSettings(_Section):
    """
    Which trunks take the numbers that begin with ``prefix``; the longest prefix that fits decides.

    Complete numbers are compared as E.164 ("+8675595588"), short and local ones as dialled.
    """

    prefix: Annotated[str, StringConstraints(pattern=r"^\+?[0-9]*$", max_length=16)]
    trunks: tuple[str, ...] = Field(
        default=(), description="The preferred one first; none bars the prefix."
    )
    dial_as: Annotated[str, StringConstraints(pattern=r"^\+?[0-9*#]*$", max_length=16)] | None = (
        Field(default=None, description="What the trunks want in the prefix's place.")
    )


class SipSettings(_Section):
    """Signalling."""

    listen: tuple[ListenSettings, ...] = (
        ListenSettings(transport="udp"),
        ListenSettings(transport="tcp"),
    )
    realm: str = Field(default="hotline", description="The digest realm of phones and trunks.")
    trunks: tuple[TrunkSettings, ...] = ()
    calls_per_second: float = Field(
        default=200.0, gt=0, description="New calls beyond this rate get 503 with Retry-After."
    )
    concurrent_calls: int = Field(
        default=2000, gt=0, description="New calls beyond this many get 503 with Retry-After."
    )
    tcp_connections_per_source: int = Field(
        default=200, gt=0, description="An office behind one address needs one a phone."
    )
    digest_algorithms: tuple[Literal["MD5", "SHA-256"], ...] = Field(
        default=("MD5",),
        min_length=1,
        description="Offered to phones and trunks. Some phones (baresip 1.0) fail when they see "
        "SHA-256 at all, so it is asked for only where every phone is known to speak it.",
    )
    ping_every: timedelta | None = Field(
        default=timedelta(seconds=60),
        description="How often a silent dialog is asked whether it still lives; never if empty.",
    )


class MediaSettings(_Section):
    """RTP."""

    workers: int = Field(
        default=0, ge=0, le=64, description="Worker processes; 0 is one a core less one."
    )
    host: str = Field(
        default="127.0.0.1", description="The IP address that RTP uses and the SDP names."
    )
    public_host: str | None = Field(
        default=None,
        description="The IP address that the SDP and the browsers' candidates name in place of "
        "`host`: where this machine is reached if that is not an address of its own (NAT, an "
        "elastic address). The UDP ports have to be passed on by the same numbers.",
    )
    ports: tuple[int, int] = Field(
        default=(20000, 29999), description="First and last UDP port, shared by the workers."
    )
    codecs: tuple[AudioCodec, ...] = Field(
        default=("PCMU", "PCMA"),
        min_length=1,
        description="Of these a phone's own favourite is taken; they are offered in this order. "
        "G.711 is passed from phone to phone as it comes, and others where both have the same one; "
        "else they are decoded.",
    )
    fallback_codecs: tuple[AudioCodec, ...] = Field(
        default=("G722", "OPUS"),
        description="Taken from phones that have none of `codecs`, and offered after them.",
    )
    rtp_timeout: timedelta | None = Field(
        default=timedelta(seconds=60),
        ge=timedelta(seconds=4),
        description="How long nothing may come from a party that should send, until the call ends.",
    )

    @field_validator("host", "public_host")
    @classmethod
    def _is_one_address(cls, host: str | None) -> str | None:
        if host is None:
            return None
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            raise ValueError(f"{host!r} must be an IP address, for it stands in the SDP") from None
        if address.is_unspecified:
            raise ValueError(f"{host} would tell phones to hold: name the address they can reach")
        if address.is_multicast:
            raise ValueError(f"{host} is the address of a group, and nobody could be reached there")
        return host

    @model_validator(mode="after")
    def _is_reached_by_its_own_protocol(self) -> Self:
        named = [self.host] if self.public_host is None else [self.host, self.public_host]
        if len({ipaddress.ip_address(host).version for host in named}) > 1:
            raise ValueError("host and public_host must both be IPv4 or both be IPv6")
        return self

    @model_validator(mode="after")
    def _names_each_codec_once(self) -> Self:
        named = [*self.codecs, *self.fallback_codecs]
        if len(set(named)) < len(named):
            raise ValueError("codecs and fallback_codecs must name each codec once at most")
        return self

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        first, last = self.ports
        if not 1024 <= first < last <= 65535:
            raise ValueError("ports must be two rising numbers between 1024 and 65535")
        return self

    @property
    def silence_limit(self) -> float | None:
        """``rtp_timeout`` in seconds."""
        return None if self.rtp_timeout is None else self.rtp_timeout.total_seconds()

    @property
    def worker_count(self) -> int:
        return self.workers or max(1, (os.cpu_count() or 2) - 1)


class TlsSettings(_Section):
    certificate: FilePath
    key: FilePath


class ApiSettings(_Section):
    """REST and the desktops' stream."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    tls: TlsSettings | None = None
    session_lifetime: timedelta = timedelta(hours=10)

    @model_validator(mode="after")
    def _public_needs_tls(self) -> Self:
        if not _is_loopback(self.host) and self.tls is None:
            raise ValueError(f"host {self.host} is reachable from outside: set tls, or a loopback")
        return self


class QueueSettings(_Section):
    """Where contacts wait, and what happens there."""

    name: str
    skills: Mapping[str, Annotated[int, Field(ge=1, le=10)]] = {}
    ring_for: timedelta = timedelta(seconds=20)
    wrap_up: timedelta = timedelta(seconds=15)
    announce_agent: bool = Field(
        default=True, description="Tell the caller the agent's number before the bridge (AC-07)."
    )
    whisper: Mapping[str, str] = Field(
        default={}, description="What the agent hears before the caller, by the call's language."
    )
    announce_position_every: timedelta | None = timedelta(seconds=45)
    record: bool = True
    max_waiting: int = Field(default=1000, ge=1)
    customer_ring_for: timedelta = Field(
        default=timedelta(seconds=45), description="How long a customer is rung who is called."
    )
    mask_numbers: bool = Field(
        default=False, description="Agents who call customers do not see their numbers (AG-14)."
    )
    caller_id: str | None = Field(
        default=None, description="The number shown to whom this queue's agents call."
    )


class NumberSettings(_Section):
    """What a dialled number leads to: a flow or, without a menu, a queue."""

    flow: str | None = None
    queue: str | None = None
    language: str | None = Field(
        default=None, description="Of a queue without a menu; a flow begins in its own first one."
    )

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if (self.flow is None) == (self.queue is None):
            raise ValueError("a number needs a flow or a queue, and not both")
        if self.flow is not None and self.language is not None:
            raise ValueError("a flow begins in its own first language; leave language out")
        return self


class SeatSettings(_Section):
    """
    Agents who need no log-in: seats staffed by machines, ready from the start.

    ``id`` and ``phone`` take the running number as a format, e.g. ``agent{:04d}``.
    """

    first: int = 1
    last: int
    id: str = "agent{:04d}"
    phone: str = "sip:agent{:04d}@127.0.0.1:5080"
    skills: Mapping[str, Annotated[int, Field(ge=1, le=10)]] = {}

    @model_validator(mode="after")
    def _counts_up(self) -> Self:
        if self.last < self.first:
            raise ValueError("last must not be below first")
        for template in (self.id, self.phone):
            try:
                distinct = template.format(1) != template.format(2)
            except (IndexError, KeyError, ValueError):
                distinct = False
            if not distinct:
                raise ValueError(f"{template!r} does not take the seat's number, as {{:04d}}")
        return self


class AcdSettings(_Section):
    """Routing and the agents' day."""

    not_ready_reasons: tuple[str, ...] = ("break", "lunch", "training", "meeting", "paperwork")


class SupervisionSettings(_Section):
    """Listening to running calls."""

    tells_agents: bool = Field(
        default=False,
        description="Whether agents are told that somebody listens to them, and who is in a call.",
    )
    ring_for: timedelta = Field(
        default=timedelta(seconds=30), description="How long a supervisor's own phone rings."
    )


class CrmSettings(_Section):
    default_region: str = Field(default="CN", min_length=2, max_length=2)
    pop_budget: timedelta = Field(
        default=timedelta(milliseconds=250),
        description="How long an offer waits for the customer's record at most.",
    )


class SpeechSettings(_Section):
    languages: tuple[str, ...] = ("zh", "en")
    cache: Path | None = Field(
        default=None, description="Rendered prompts; by default in the data folder."
    )
    prompt_jobs: int = Field(default=1, ge=1, description="Processes that render speech.")


class LogSettings(_Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool = True


class Settings(BaseSettings):
    """The whole tree. The environment wins over the file."""

    model_config = SettingsConfigDict(
        env_prefix="HOTLINE_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    data: Path = Field(default=Path("var"), description="Everything the server writes.")
    database_url: SecretStr | None = Field(
        default=None, description="Default: SQLite in the data folder."
    )
    sip: SipSettings = SipSettings()
    media: MediaSettings = MediaSettings()
    api: ApiSettings = ApiSettings()
    acd: AcdSettings = AcdSettings()
    supervision: SupervisionSettings = SupervisionSettings()
    crm: CrmSettings = CrmSettings()
    speech: SpeechSettings = SpeechSettings()
    log: LogSettings = LogSettings()
    queues: tuple[QueueSettings, ...] = ()
    numbers: Mapping[str, NumberSettings] = {}
    routes: tuple[RouteSettings, ...] = Field(
        default=(), description="Which telephone numbers can be called, and over which trunks."
    )
    seats: tuple[SeatSettings, ...] = ()
    drain_for: timedelta = Field(
        default=timedelta(seconds=60), description="How long SIGTERM lets calls finish."
    )

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [queue.name for queue in self.queues]
        for name in sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"queues: {name!r} is there twice")
        for number, leads_to in self.numbers.items():
            if leads_to.queue is not None and leads_to.queue not in names:
                raise ValueError(f"numbers.{number}.queue: there is no queue {leads_to.queue!r}")
        return self

    @property
    def database(self) -> str:
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite+aiosqlite:///{self.data.resolve() / 'hotline.db'}"

    def flow_file(self, name: str) -> Path:
        """The file of a flow: a path, or ``shipped:main.yaml`` for one that comes with Hotline."""
        if name.startswith(_SHIPPED):
            return SHIPPED / "flows" / name.removeprefix(_SHIPPED)
        return Path(name)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings


def load(path: Path | None) -> Settings:
    """
    Read the file, if any, and the environment.

    Raises SettingsInvalid, which names every key at fault and its rule.
    """
    source = str(path) if path else "environment"
    values: dict[str, Any] = {}
    if path is not None:
        try:
            parsed = yaml.safe_load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsInvalid(source, [error.strerror or str(error)]) from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise SettingsInvalid(source, [f"not YAML: {error}"]) from error
        if not isinstance(parsed, dict | None):
            raise SettingsInvalid(source, ["must be a mapping of sections"])
        values = _from_folder(parsed or {}, path.parent)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise SettingsInvalid(source, [_describe(problem) for problem in error.errors()]) from None
    except (SettingsError, TypeError) as error:
        raise SettingsInvalid(source, [str(error)]) from error
    unknown = _unknown_variables()
    if unknown:
        raise SettingsInvalid("environment", [f"{name}: unknown key" for name in unknown])
    return settings


def _from_folder(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The file's relative paths, taken from its own folder, wherever it is read from."""

    def anchored(value: Any) -> Any:
        return str(folder / value) if isinstance(value, str) and value else value

    def with_anchored(section: Any, *keys: str) -> Any:
        if not isinstance(section, dict):
            return section
        return {key: anchored(value) if key in keys else value for key, value in section.items()}

    anchored_values: dict[str, Any] = with_anchored(values, "data")
    if isinstance(values.get("speech"), dict):
        anchored_values["speech"] = with_anchored(values["speech"], "cache")
    if isinstance(values.get("api"), dict):
        tls = with_anchored(values["api"].get("tls"), "certificate", "key")
        anchored_values["api"] = {**values["api"], "tls": tls}
    if isinstance(values.get("numbers"), dict):
        anchored_values["numbers"] = {
            number: leads_to
            if not isinstance(leads_to, dict) or str(leads_to.get("flow")).startswith(_SHIPPED)
            else with_anchored(leads_to, "flow")
            for number, leads_to in values["numbers"].items()
        }
    return anchored_values


def _describe(problem: Any) -> str:
    path = ".".join(str(part) for part in problem["loc"])
    rule = "unknown key" if problem["type"] == "extra_forbidden" else problem["msg"]
    return f"{path}: {rule}" if path else rule


def _unknown_variables() -> list[str]:
    """Variables that look like ours and set nothing: a misspelt name must not pass unseen."""
    known = {*Settings.model_fields, *OF_THE_COMMAND_LINE}
    return sorted(
        name
        for name in os.environ
        if name.startswith("HOTLINE_")
        and name.removeprefix("HOTLINE_").lower().split("__")[0] not in known
    )
