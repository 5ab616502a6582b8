"""
What became of a text that a centre had taken: its delivery receipt. Pure.

By its parameters (SMPP 3.4, 5.3.2.12 and 5.3.2.35) or, where those are missing, by the text that
most centres write (appendix B).
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

import smpp34

from . import pdu

State = Literal["delivered", "undelivered"]

_BY_NUMBER: Final[dict[int, State]] = {
    2: "delivered",
    3: "undelivered",  # expired
    4: "undelivered",  # deleted
    5: "undelivered",
    8: "undelivered",  # rejected
}
"""The others say that it is on its way still, or that nobody knows."""
_BY_WORD: Final[dict[str, State]] = {
    "DELIVRD": "delivered",
    "EXPIRED": "undelivered",
    "DELETED": "undelivered",
    "UNDELIV": "undelivered",
    "REJECTD": "undelivered",
}
_ID: Final = re.compile(r"\bid:\s*(\S{1,65})", re.IGNORECASE)
_STATE: Final = re.compile(r"\bstat:\s*([A-Za-z]{1,10})", re.IGNORECASE)
_ERROR: Final = re.compile(r"\berr:\s*([0-9A-Za-z]{1,10})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """``message_id``: the centre's. ``reason``: its own code, where it was not delivered."""

    message_id: str
    state: State
    reason: str = ""


def read(deliver: smpp34.DeliverSm) -> Receipt | None:
    """None for what says nothing that stays: still on its way, or of no text that it names."""
    by_tag = {tlv.tag: tlv for tlv in deliver.tlvs}
    text = deliver.short_message.decode("latin-1")
    message_id = _text(by_tag.get(pdu.RECEIPTED_MESSAGE_ID)) or _found(_ID, text)
    word = _found(_STATE, text).upper()
    state = _BY_WORD.get(word)
    if (told := by_tag.get(pdu.MESSAGE_STATE)) is not None and told.value:
        state = _BY_NUMBER.get(told.value[-1])
    if not message_id or state is None:
        return None
    error = _found(_ERROR, text)
    reason = " ".join(filter(None, (word, error))) if state == "undelivered" else ""
    return Receipt(message_id=message_id, state=state, reason=reason)


def other_spellings(message_id: str) -> list[str]:
    """
    Some centres write in hexadecimal what they tell in decimal, or the other way round.

    To be believed only of a text to the number that the receipt is from.
    """
    found = list[str]()
    if re.fullmatch(r"[0-9]{1,20}", message_id):
        found += [f"{int(message_id):x}", f"{int(message_id):X}", f"{int(message_id):08X}"]
    if re.fullmatch(r"[0-9A-Fa-f]{1,16}", message_id):
        found += [str(int(message_id, 16)), f"{int(message_id, 16):010d}"]
    return [each for each in dict.fromkeys(found) if each != message_id]


def _text(tlv: smpp34.Tlv | None) -> str:
    return "" if tlv is None else tlv.value.rstrip(b"\0").decode("latin-1")


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return "" if match is None else match.group(1)
