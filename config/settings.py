"""
What an operator decides: one YAML file, overridden by ``HOTLINE_…`` in the environment.

``HOTLINE_SIP__REALM=bank.example`` sets ``sip.realm``. Unknown keys are refused with their path.
Agents, customers and recordings are data in the database; numbers, queues and flows are named
here and described in their own files.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, SecretStr, StringConstraints, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from . import yaml_text
from .access import AccessSettings
from .acd import AcdSettings
from .api import ApiSettings, is_loopback
from .archive import ArchiveSettings, FolderSettings, StoreSettings
from .connectors import ConnectorName, ConnectorSettings, DropFolderSettings
from .crm import CrmSettings
from .demonstration import DemoSettings
from .disk import DiskSettings
from .fax import FaxSettings
from .figures import FiguresSettings
from .floor import QueueSettings, SeatSettings, SupervisionSettings
from .life import LifeSettings
from .mail import MailboxSettings, MailSettings
from .media import MediaSettings
from .numbers import NumberSettings
from .privacy import PrivacySettings
from .queries import QuerySettings
from .recording import RecordingSettings
from .section import Section
from .self_service import SelfServiceSettings
from .sip import RouteSettings, SipSettings
from .siprec import SiprecSettings
from .sms import SmsSettings
from .warehouse import WarehouseSettings
from .web_calls import WebCallSettings
from .webhooks import WebhookSettings

SHIPPED = Path(__file__).parent
"""Where the shipped files are; ``shipped:`` paths in a configuration start here."""

_SHIPPED = "shipped:"

SpokenLanguage = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
"""A primary subtag of RFC 5646."""

SurveyName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]

OF_THE_COMMAND_LINE = frozenset({"config_file", "password"})
"""``HOTLINE_…`` variables that the command line reads itself."""


class SettingsInvalid(Exception):
    """The configuration cannot be used; each problem names its key and the rule."""

    def __init__(self, source: str, problems: list[str]) -> None:
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))
        self.problems = problems


class VoiceSettings(Section):
    """A program that speaks: text on its standard input, a WAV file on its standard output."""

    program: tuple[str, ...] = Field(
        min_length=1, description="With its arguments: `[espeak-ng, -v, de, --stdout]`."
    )
    version: str = Field(default="", description="Another one has all prompts rendered anew.")


class SpeechSettings(Section):
    languages: tuple[str, ...] = ("zh", "en")
    cache: Path | None = Field(
        default=None, description="Rendered prompts; by default in the data folder."
    )
    studio: Path | None = Field(
        default=None,
        description="The studio's recordings of prompts; by default in the data folder.",
    )
    prompt_jobs: int = Field(default=1, ge=1, description="Processes that render speech.")
    voices: dict[SpokenLanguage, VoiceSettings] = Field(
        default={},
        description="By language: what speaks in place of the shipped voices, or where there is "
        "none.",
    )


class RecognitionSettings(Section):
    """What callers say in menus; nothing of it runs where no flow asks for it."""

    processes: int = Field(
        default=1, ge=1, le=64, description="That listen, each to one caller at a time."
    )
    answer_within: timedelta = Field(
        default=timedelta(seconds=4),
        gt=timedelta(0),
        le=timedelta(seconds=30),
        description="What takes longer is not understood: the caller is asked again.",
    )
    engines: dict[Literal["zh", "en"], Literal["whisper", "sphinx"]] = Field(
        default={},
        description="By language. By default the best one that is installed: `whisper` for both "
        "with the extra `speech`; else `sphinx` for English, at a tenth of the cost, which often "
        "has to ask whether something was meant.",
    )


class LogSettings(Section):
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
    access: AccessSettings = AccessSettings()
    acd: AcdSettings = AcdSettings()
    supervision: SupervisionSettings = SupervisionSettings()
    crm: CrmSettings = CrmSettings()
    queries: QuerySettings = QuerySettings()
    webhooks: WebhookSettings = WebhookSettings()
    figures: FiguresSettings = FiguresSettings()
    warehouse: WarehouseSettings = WarehouseSettings()
    drop_folders: Mapping[ConnectorName, DropFolderSettings] = Field(
        default={}, description="Where other systems leave files of what they saw of customers."
    )
    connectors: Mapping[ConnectorName, ConnectorSettings] = Field(
        default={}, description="Other systems that are asked or told while a customer is served."
    )
    privacy: PrivacySettings = PrivacySettings()
    recording: RecordingSettings = RecordingSettings()
    siprec: SiprecSettings = SiprecSettings()
    archive: ArchiveSettings = ArchiveSettings()
    disk: DiskSettings = DiskSettings()
    speech: SpeechSettings = SpeechSettings()
    recognition: RecognitionSettings = RecognitionSettings()
    log: LogSettings = LogSettings()
    life: LifeSettings = LifeSettings()
    queues: tuple[QueueSettings, ...] = ()
    numbers: Mapping[str, NumberSettings] = {}
    surveys: Mapping[SurveyName, str] = Field(
        default={},
        description="Flows that ask customers how it was, by names of their own: a path, or "
        "shipped:survey.yaml.",
    )
    self_service: SelfServiceSettings = SelfServiceSettings()
    web_calls: WebCallSettings = WebCallSettings()
    routes: tuple[RouteSettings, ...] = Field(
        default=(), description="Which telephone numbers can be called, and over which trunks."
    )
    mail: MailSettings | None = Field(
        default=None, description="The way out for e-mail; without it none is sent."
    )
    mailboxes: Mapping[str, MailboxSettings] = Field(
        default={}, description="By queue: who is told by mail of the messages that wait in it."
    )
    fax: FaxSettings = FaxSettings()
    sms: SmsSettings = SmsSettings()
    seats: tuple[SeatSettings, ...] = ()
    demo: DemoSettings | None = Field(
        default=None, description="What the start page of a demonstration says; without it: none."
    )
    drain_for: timedelta = Field(
        default=timedelta(seconds=60), description="How long SIGTERM lets calls finish."
    )

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [queue.name for queue in self.queues]
        for name in sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"queues: {name!r} is there twice")
        if self.mail is None and any(box.mail for box in self.mailboxes.values()):
            raise ValueError("mailboxes: mail needs the section mail, which says by which server")
        if self.mail is None and self.archive.publish.mail:
            raise ValueError("archive.publish: mail needs the section mail, as mailboxes do")
        if self.demo is not None and not is_loopback(self.api.host):
            raise ValueError("demo: it tells everybody a password, so api.host must be a loopback")
        for number in self.web_calls.numbers:
            if number not in self.numbers:
                raise ValueError(f"web_calls.numbers.{number}: numbers has no {number!r}")
        for number, one in self.sms.numbers.items():
            for keyword, wanted in one.keywords.items():
                if wanted.service not in self.self_service.services:
                    raise ValueError(
                        f"sms.numbers.{number}.keywords.{keyword}.service: "
                        f"self_service has no {wanted.service!r}"
                    )
        return self

    @property
    def written_language(self) -> Literal["zh", "en"]:
        """Of mail to people of the centre."""
        return "en" if self.speech.languages[0] == "en" else "zh"

    @property
    def database(self) -> str:
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite+aiosqlite:///{self.data.resolve() / 'hotline.db'}"

    @property
    def warehouse_database(self) -> str:
        own = self.warehouse.database_url
        return self.database if own is None else own.get_secret_value()

    @property
    def archive_stores(self) -> Mapping[str, StoreSettings]:
        """The first is the one that a recording is stored in."""
        own = FolderSettings(kind="folder", folder=self.data / "archive")
        return self.archive.stores or {"local": own}

    @property
    def archive_keys(self) -> Path:
        return self.archive.keys or self.data / "archive.key"

    @property
    def drill_keys(self) -> Path:
        """What a restore would be done with."""
        return self.archive.drill.keys or self.archive_keys

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
            parsed = yaml_text.load(path.read_text(encoding="utf-8"))
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

    def with_flow(leads_to: Any) -> Any:
        if not isinstance(leads_to, dict):
            return leads_to
        if isinstance(rules := leads_to.get("when"), list):
            leads_to = {**leads_to, "when": [with_flow(rule) for rule in rules]}
        return {key: flow_file(to) if key == "flow" else to for key, to in leads_to.items()}

    def flow_file(name: Any) -> Any:
        return name if str(name).startswith(_SHIPPED) else anchored(name)

    anchored_values: dict[str, Any] = with_anchored(values, "data")
    if isinstance(values.get("speech"), dict):
        anchored_values["speech"] = with_anchored(values["speech"], "cache", "studio")
    if isinstance(values.get("mail"), dict):
        anchored_values["mail"] = with_anchored(values["mail"], "ca_file", "password_file")
    sms = values.get("sms")
    if isinstance(sms, dict) and isinstance(gateways := sms.get("gateways"), dict):
        files = {
            n: with_anchored(one, "password_file", "secret_file") for n, one in gateways.items()
        }
        anchored_values["sms"] = {**sms, "gateways": files}
    fax = values.get("fax")
    if isinstance(fax, dict) and isinstance(documents := fax.get("documents"), dict):
        named = {code: with_anchored(each, "file") for code, each in documents.items()}
        anchored_values["fax"] = {**fax, "documents": named}
    if isinstance(values.get("archive"), dict):
        anchored_values["archive"] = with_anchored(values["archive"], "keys")
        if isinstance(drill := values["archive"].get("drill"), dict):
            anchored_values["archive"]["drill"] = with_anchored(drill, "keys")
        if isinstance(stores := values["archive"].get("stores"), dict):
            anchored_values["archive"]["stores"] = {
                name: with_anchored(each, "folder") for name, each in stores.items()
            }
    if isinstance(values.get("queries"), dict):
        anchored_values["queries"] = with_anchored(values["queries"], "lookups")
    if isinstance(values.get("api"), dict):
        tls = with_anchored(values["api"].get("tls"), "certificate", "key")
        anchored_values["api"] = {**values["api"], "tls": tls}
    if isinstance(values.get("drop_folders"), dict):
        anchored_values["drop_folders"] = {
            name: with_anchored(each, "folder") for name, each in values["drop_folders"].items()
        }
    if isinstance(values.get("connectors"), dict):
        anchored_values["connectors"] = {
            name: {**each, "settings": settings}
            if isinstance(each, dict)
            and isinstance(settings := each.get("settings"), dict)
            and str(settings.get("definition")).startswith(_SHIPPED)
            else {**each, "settings": with_anchored(each.get("settings"), "definition")}
            if isinstance(each, dict)
            else each
            for name, each in values["connectors"].items()
        }
    if isinstance(values.get("numbers"), dict):
        anchored_values["numbers"] = {
            number: with_flow(leads_to) for number, leads_to in values["numbers"].items()
        }
    if isinstance(own := values.get("self_service"), dict) and isinstance(
        services := own.get("services"), dict
    ):
        led = {name: with_flow(service) for name, service in services.items()}
        anchored_values["self_service"] = {**own, "services": led}
    if isinstance(surveys := values.get("surveys"), dict):
        anchored_values["surveys"] = {name: flow_file(file) for name, file in surveys.items()}
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
