"""
What is said besides the flows' prompts, in clips that can all be rendered before the first call.

Pure. A list of texts is one announcement: its clips are played one after another. The rules for
numbers:

* Digits and letters of an agent number as :mod:`.saying` has them; other signs are left out.
* A wait is said in whole minutes, of which long ones are rounded: nobody knows 37 minutes ahead.
* A place in the queue counts those ahead in Chinese (您前面还有三位) and the place itself in
  English (You are number four). From one hundred on it is "more than ninety-nine".
"""

import string
from typing import Final

from .chinese_numbers import SPELLED, quantity
from .saying import sign_by_sign
from .saying.english import below_hundred

LANGUAGES: Final = ("en", "zh")
LAST_PLACE: Final = 99

_AGENT: Final = {"zh": ("工号，", "为您服务。"), "en": ("Agent,", "at your service.")}
_AHEAD: Final = {"zh": ("您前面还有，", "客户在等候。"), "en": ("You are number,", "in the queue.")}
_NEXT: Final = {"zh": "您是下一位，请稍候。", "en": "You are next in the queue."}
_FAR: Final = {
    "zh": "您前面还有超过九十九位客户在等候。",
    "en": "There are more than ninety-nine callers in the queue.",
}
_BUSY: Final = {
    "zh": "所有坐席正忙，请不要挂机，我们将尽快为您接通。",
    "en": "All our agents are busy. Please hold, and we will be with you as soon as possible.",
}

_CUT_OFF: Final = {
    "zh": "很抱歉，与坐席的通话中断了，请不要挂机，我们将尽快为您重新接通。",
    "en": "Sorry, we have lost the connection to our agent. Please hold the line.",
}

WAITS: Final = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60)
"""The waits that can be said, in minutes."""

_LESS: Final = {
    "zh": "预计等待时间不到一分钟。",
    "en": "Your estimated waiting time is less than one minute.",
}
_ABOUT: Final = {"zh": "预计等待时间约为，", "en": "Your estimated waiting time is about,"}
_MORE: Final = {"zh": "预计等待时间超过，", "en": "Your estimated waiting time is more than,"}

SENTENCES: Final = {
    "closed": {
        "zh": "您好，现在是非工作时间，请您在工作时间内再次来电，再见。",
        "en": "We are closed now. Please call again during our opening hours. Goodbye.",
    },
    "call_back": {
        "zh": "好的，您的排队位置已为您保留，我们将尽快给您回电，再见。",
        "en": "Thank you. We have kept your place in the queue and will call you back. Goodbye.",
    },
    "called_back": {
        "zh": "您好，我们给您回电，正在为您接通，请稍候。",
        "en": "Hello, we are calling you back. One moment please.",
    },
    "no_call_back": {
        "zh": "很抱歉，我们无法回拨您的号码，请继续等候。",
        "en": "Sorry, we have no number to call you back on. Please hold the line.",
    },
    "turned_away": {
        "zh": "很抱歉，我们暂时无法接听您的来电，请您稍后再拨，再见。",
        "en": "Sorry, we cannot take your call now. Please try again later. Goodbye.",
    },
    "goodbye": {
        "zh": "感谢您的来电，再见。",
        "en": "Thank you for calling. Goodbye.",
    },
}
"""What is said by itself, by what it is about."""


def spelled(number: str, language: str) -> list[str]:
    """Digits, and letters, one by one."""
    return [clip.text for clip in sign_by_sign(number, language)]


def agent(number: str, language: str) -> list[str]:
    """Who serves the caller (AC-07); nothing for a number without digits and letters."""
    before, after = _AGENT[language]
    signs = spelled(number, language)
    return [before, *signs, after] if signs else []


def agent_sentence(number: str, language: str) -> str:
    """The same in one breath, for numbers that are known beforehand: it sounds better."""
    if language == "zh":
        signs = "".join(SPELLED[int(sign)] if sign.isdigit() else sign for sign in number)
        return f"工号{signs}为您服务。"
    return f"Agent {' '.join(clip.rstrip(',.') for clip in spelled(number, 'en'))} at your service."


def place(number: int, language: str) -> list[str]:
    """Where the caller stands; 1 is the next to be served. Raises ValueError below 1."""
    if number < 1:
        raise ValueError(f"there is no place {number} in a queue")
    if number == 1:
        return [_NEXT[language]]
    if number > LAST_PLACE:
        return [_FAR[language]]
    before, after = _AHEAD[language]
    count = _chinese_people(number - 1) if language == "zh" else [f"{below_hundred(number)},"]
    return [before, *count, after]


def wait(minutes: int, language: str, *, more: bool = False) -> list[str]:
    """How long it will take at most, of :data:`WAITS`; ``more``: longer than so long."""
    if minutes not in WAITS:
        raise ValueError(f"a wait of {minutes} minutes is none of those that can be said")
    if minutes == 1 and not more:
        return [_LESS[language]]
    before = _MORE if more else _ABOUT
    return [before[language], _minutes(minutes, language)]


def _minutes(count: int, language: str) -> str:
    if language == "zh":
        return f"{'两' if count == 2 else quantity(count)}分钟。"
    return f"{below_hundred(count)} minute{'' if count == 1 else 's'}."


def sentence(about: str, language: str) -> list[str]:
    """One of :data:`SENTENCES`."""
    return [SENTENCES[about][language]]


def busy(language: str) -> list[str]:
    return [_BUSY[language]]


def cut_off(language: str) -> list[str]:
    return [_CUT_OFF[language]]


def every_clip(language: str) -> list[str]:
    """All that the functions above can ever ask for."""
    said = [clip for number in range(1, LAST_PLACE + 2) for clip in place(number, language)]
    signs = string.digits + string.ascii_uppercase
    said += [clip for sign in signs for clip in agent(sign, language)]
    said += [clip for pair in range(100) for clip in spelled(f"{pair:02}", language)]
    said += [clip for minutes in WAITS for clip in wait(minutes, language)]
    said += [clip for minutes in WAITS[1:] for clip in wait(minutes, language, more=True)]
    said += [clip for about in SENTENCES for clip in sentence(about, language)]
    return list(dict.fromkeys([*said, *busy(language), *cut_off(language)]))


def _chinese_people(count: int) -> list[str]:
    """How many people; above twenty in two clips, the tens and the rest."""
    if count == 2:
        return ["两位，"]
    if count < 20 or count % 10 == 0:
        return [f"{quantity(count)}位，"]
    return [f"{quantity(count // 10 * 10)}，", f"{quantity(count % 10)}位，"]
