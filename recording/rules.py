"""
Which conversations are recorded: rules in their order, of which the first that fits decides. Pure.

Chance is none: whether a conversation belongs to a rule's share follows from its id and the rule's
name, so that whoever asks again gets the same answer.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from config.recording import (
    NEVER_LIST,
    NO_ROOM,
    QUEUE_SAYS,
    WITHHELD,
    Mode,
    Part,
    RecordingRuleSettings,
    RecordingSettings,
)
from config.recording_words import Format, Layout, Sides

from .budget import Room

_PARTS = 1 << 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """
    What rules go by. Numbers are E.164, or as they came; the caller's is empty if withheld.

    Before anybody is there, interaction, queue and agent are empty.
    """

    contact_id: str
    interaction_id: str
    caller: str
    dialled: str
    direction: str
    queue: str
    agent_id: str
    tier: str = ""
    is_open: Callable[[str], bool]
    """Whether the working calendar of that id is open at this moment."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a conversation, by which rule; what is told before; what is made of it."""

    mode: Mode
    rule: str
    announce: Mapping[str, str] = field(default_factory=dict)
    sides: Sides = "both"
    layout: Layout = "stereo"
    file_format: Format = "wav"


def decide(
    settings: RecordingSettings,
    conversation: Conversation,
    *,
    queue_records: bool,
    room: Room = Room.ALL,
) -> Decision:
    """
    ``queue_records``: what the queue says, where no rule fits; ``room``: what the disk takes.

    A conversation that is to be recorded whole is told to be so on a full disk, too: that it
    cannot be is then a failure, which is told.
    """
    found = _by_rule(settings, conversation, "conversation", room)
    if found is not None:
        return found
    if queue_records:
        return Decision(
            *("always", QUEUE_SAYS, settings.announce),
            layout=settings.channels,
            file_format=settings.format,
        )
    return Decision("never", QUEUE_SAYS)


def decide_menu(
    settings: RecordingSettings, arrived: Conversation, *, room: Room = Room.ALL
) -> Decision:
    """What becomes of what customer and menu say: nothing, unless a rule speaks of menus."""
    return _by_rule(settings, arrived, "menu", room) or Decision("never", "")


def decide_foreign(settings: RecordingSettings, numbers: Collection[str | None]) -> Decision:
    """
    What becomes of a call that another PBX wants recorded: that decides, but for who is never.

    The rules speak of our own conversations. While it is not known who speaks (None), it may be
    somebody who is never recorded, if there is anybody.
    """
    if settings.never and any(each is None or _begins(settings.never, each) for each in numbers):
        return Decision("never", NEVER_LIST)
    return Decision("always", "", layout=settings.channels, file_format=settings.format)


def _by_rule(
    settings: RecordingSettings, conversation: Conversation, part: Part, room: Room
) -> Decision | None:
    """None where no rule of this part fits."""
    if _begins(settings.never, conversation.caller) or _begins(
        settings.never, conversation.dialled
    ):
        return Decision("never", NEVER_LIST)
    for rule in settings.rules:
        if rule.part in (part, "all") and _fits(rule, conversation) and _chosen(rule, conversation):
            if room is not Room.ALL and _can_be_spared(rule):
                return Decision("never", NO_ROOM)
            return _by(rule, settings)
    return None


def _can_be_spared(rule: RecordingRuleSettings) -> bool:
    return rule.record == "on_demand" or (rule.record == "always" and rule.share < 100)


def _by(rule: RecordingRuleSettings, settings: RecordingSettings) -> Decision:
    together = rule.channels or settings.channels
    return Decision(
        rule.record,
        rule.name,
        rule.announce,
        sides=rule.sides,
        layout=together if rule.sides == "both" else "mono",
        file_format=rule.format or settings.format,
    )


def _fits(rule: RecordingRuleSettings, conversation: Conversation) -> bool:
    return (
        _is_caller(rule, conversation.caller)
        and (not rule.dialled or _begins(rule.dialled, conversation.dialled))
        and _one_of(rule.queues, conversation.queue)
        and _one_of(rule.agents, conversation.agent_id)
        and _one_of(rule.tiers, conversation.tier)
        and rule.direction in (None, conversation.direction)
        and (rule.hours is None or conversation.is_open(rule.hours))
    )


def _is_caller(rule: RecordingRuleSettings, caller: str) -> bool:
    if not rule.callers:
        return True
    return _begins(rule.callers, caller) if caller else WITHHELD in rule.callers


def _begins(prefixes: Iterable[str], number: str) -> bool:
    return number.startswith(tuple(prefixes))


def _one_of(wanted: tuple[str, ...], found: str) -> bool:
    return not wanted or found in wanted


def _chosen(rule: RecordingRuleSettings, conversation: Conversation) -> bool:
    """
    By a hash: even over all conversations, and another choice for each rule.

    Where the rule speaks of menus, a contact's menu and its conversations are chosen together.
    """
    about_menus = rule.part != "conversation"
    chosen_by = conversation.contact_id if about_menus else conversation.interaction_id
    drawn = hashlib.sha256(f"{rule.name}\0{chosen_by}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") < rule.share / 100 * _PARTS
