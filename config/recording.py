"""Which conversations are recorded, and for how long a mask may stay over one."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .access import Role
from .numbers import WITHHELD, Prefix
from .reasons import MASK, ReasonSettings
from .recording_words import Format, Layout, Sides
from .section import Section
from .waiting import Said

QUEUE_SAYS = "queue"
"""The name of the rule that every other one comes before: the queue's own ``record``."""
NEVER_LIST = "never"
"""The name of the rule that comes before every other one: the numbers that are never recorded."""

NO_ROOM = "disk"
"""The name of what keeps recordings that are not needed from being begun on a disk that is full."""

Mode = Literal["always", "on_demand", "never"]
"""Of a conversation: "on_demand" is recorded from when somebody in it, or a supervisor, says so."""

Part = Literal["conversation", "menu", "all"]
"""Of a call: with an agent, or before anybody is there, with the menu and in the queue."""

MaskReasons = Annotated[
    Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")], ReasonSettings],
    Field(min_length=1, max_length=50),
]

Some = Annotated[tuple[str, ...], Field(max_length=500)]


class RecordingRuleSettings(Section):
    """
    What becomes of the conversations of which all is so that is said here (RC-02, RC-03).

    Of the rules the first one that fits decides; where none does, the queue's ``record``.
    """

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_-]{0,63}$", description="As each conversation's record has it."
    )
    record: Mode
    part: Part = Field(
        default="conversation",
        description="Of which part of a call the rule speaks: an agent's conversation, or what "
        "customer and menu say before anybody is there. Queues, agents, tiers and on_demand are "
        "of conversations alone.",
    )
    callers: tuple[Prefix | Literal["withheld"], ...] = Field(
        default=(),
        max_length=500,
        description="What the customer's number begins with, +86755 for instance.",
    )
    dialled: tuple[Prefix, ...] = Field(
        default=(), max_length=500, description="What the number begins with that was dialled."
    )
    queues: Some = ()
    agents: Some = ()
    tiers: Some = Field(default=(), description="Of the customer, if it is known by then.")
    direction: Literal["inbound", "outbound"] | None = Field(
        default=None, description="Who called: the customer or we."
    )
    hours: str | None = Field(
        default=None, description="The working calendar in whose hours the rule counts."
    )
    share: float = Field(
        default=100.0,
        gt=0,
        le=100,
        description="Per cent of the conversations that fit, by chance; for the others the rule is "
        "not there.",
    )
    announce: Said = Field(
        default={}, description="What the customer is told before a recording begins, by language."
    )
    sides: Sides = Field(
        default="both",
        description="Whose voice is recorded. The other one's is never written anywhere.",
    )
    channels: Layout | None = Field(
        default=None, description="In place of recording.channels. One side alone is mono anyway."
    )
    format: Format | None = Field(default=None, description="In place of recording.format.")

    @model_validator(mode="after")
    def _has_a_name_of_its_own(self) -> Self:
        if self.name in (QUEUE_SAYS, NEVER_LIST, NO_ROOM):
            raise ValueError(f"{self.name!r} is the name of what the server decides by itself")
        if self.announce and self.record == "never":
            raise ValueError("what is never recorded has nothing to announce")
        return self

    @model_validator(mode="after")
    def _fits_its_part(self) -> Self:
        """What is not known in a menu, a rule about menus cannot go by."""
        if self.part == "conversation":
            return self
        for name in ("queues", "agents", "tiers"):
            if getattr(self, name):
                raise ValueError(f"{name}: not known before the conversation (part {self.part!r})")
        if self.record == "on_demand":
            raise ValueError(f"record: nobody is there to demand it (part {self.part!r})")
        if self.sides == "agent":
            raise ValueError(f"sides: there is no agent (part {self.part!r})")
        return self


TakenByTwo = Literal["export", "lift_hold", "play_original"]


class ProtectionSettings(Section):
    """What is asked of whoever plays recordings or takes them away, beside their permissions."""

    confirm_play: bool = Field(
        default=False,
        description="The password is asked again before recordings are played, as before exports.",
    )
    confirm_play_roles: tuple[Role, ...] = Field(
        default=(), description="The same for who has one of these roles alone."
    )
    confirm_play_queues: tuple[str, ...] = Field(
        default=(), max_length=200, description="The same for recordings of these queues alone."
    )
    confirmation_holds: timedelta = Field(
        default=timedelta(minutes=5),
        ge=timedelta(seconds=10),
        le=timedelta(hours=1),
        description="How long a password that was asked again is good for.",
    )
    four_eyes: tuple[TakenByTwo, ...] = Field(
        default=(),
        description="What a second person has to approve: exports of recordings, the lifting of a "
        "legal hold, the playing of the original of what was edited.",
    )
    approval_holds: timedelta = Field(
        default=timedelta(hours=1),
        ge=timedelta(minutes=1),
        le=timedelta(days=7),
        description="How long what was approved can be done.",
    )
    export_recordings: int = Field(
        default=10_000,
        ge=1,
        le=1_000_000,
        description="More recordings than these are in no export.",
    )
    export_bytes: int = Field(
        default=20 * 1024**3,
        ge=1,
        description="Bytes of sound that are in an export of sounds at most.",
    )


class RecordingSettings(Section):
    never: tuple[Prefix, ...] = Field(
        default=(),
        max_length=10_000,
        description="Whoever has a number that begins so is not recorded, whatever else is said.",
    )
    rules: tuple[RecordingRuleSettings, ...] = Field(default=(), max_length=200)
    announce: Mapping[str, str] = Field(
        default={},
        description="What the customer is told before a recording begins that is made because the "
        "queue says so, by language.",
    )
    channels: Layout = Field(
        default="stereo",
        description="Whether the two sides are in a channel each, the customer left, or in one.",
    )
    format: Format = Field(
        default="wav",
        description="wav: G.711 as it came, 1 MB a minute; opus: a quarter of that, and lossy.",
    )
    key: str = Field(
        default="*1",
        pattern=r"^([0-9*#]{2,4})?$",
        description="Two to four keys by which agents begin and end the recording of their "
        "conversation, at any phone or in the desktop, where a rule leaves it to them; empty for "
        "none.",
    )
    protection: ProtectionSettings = ProtectionSettings()
    mask_limit: timedelta = Field(
        default=timedelta(minutes=5),
        gt=timedelta(0),
        le=timedelta(hours=1),
        description="A recording that is masked goes on by itself after this.",
    )
    mask_reasons: MaskReasons = Field(
        default=MASK,
        description="Why agents mask a recording: what the desktop offers, each with what people "
        "read. Over the API other words can be said, too.",
    )

    @model_validator(mode="after")
    def _names_are_different(self) -> Self:
        names = [rule.name for rule in self.rules]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"rules: {twice[0]!r} is there twice")
        return self


__all__ = [
    "NEVER_LIST",
    "NO_ROOM",
    "QUEUE_SAYS",
    "WITHHELD",
    "Mode",
    "Part",
    "ProtectionSettings",
    "RecordingRuleSettings",
    "RecordingSettings",
    "TakenByTwo",
]
