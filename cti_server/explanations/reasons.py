"""The ACD's reasons, in words that agents and supervisors read. Pure."""

import re
from collections.abc import Mapping
from typing import Final

from acd.explanations import NAMED, OVERLOOKED
from acd.matching import QUEUE_AT_LIMIT

Told = dict[str, str]

_PLAIN: Final[Mapping[str, tuple[str, str]]] = {
    "not in queue": ("不在该队列中", "does not serve this queue"),
    "backing_off": ("刚刚拒接或未接该联系，暂不再分配", "declined or missed it a moment ago"),
    QUEUE_AT_LIMIT: (
        "该队列服务中的坐席已达上限",
        "the queue has as many agents at work as it may",
    ),
    NAMED: ("指定由另一位坐席处理", "another agent was asked for by name"),
    OVERLOOKED: ("本应分配，属于异常", "should have been offered: this is a fault"),
    "less_urgent": ("紧急程度较低", "was less urgent"),
    "less_idle": ("空闲时间较短", "had been idle for a shorter time"),
    "later_turn": ("轮次在后", "was later in turn"),
    "more_contacts": ("已处理的联系较多", "had served more contacts"),
    "more_occupied": ("忙碌占比较高", "had been busier"),
    "more_open_work": ("手头工作较多", "had more work on the desk"),
    "less_skilled": ("技能级别较低", "is less skilled"),
    "higher_cost": ("综合评分较低", "had the higher cost"),
    "more_in_hand": ("手头同类联系较多", "had more of these in hand"),
    "fewer_in_hand": ("手头同类联系较少", "had fewer of these in hand"),
    "audio-not-taken": ("没有桌面接管音频", "had no desktop with the audio"),
    "microphone-unasked": ("浏览器尚未请求麦克风", "had not let the browser have the microphone"),
    "microphone-denied": ("浏览器禁用了麦克风", "had a browser that refuses the microphone"),
    "microphone-missing": ("没有麦克风", "had no microphone"),
    "microphone-ended": ("麦克风已断开", "had the microphone unplugged"),
    "microphone-muted": ("麦克风被系统静音", "had the microphone muted by the system"),
    "media-path-failed": ("音频连接失败", "had no audio connection"),
    "most_urgent_contact": ("空闲下来，该联系最紧急", "came free, and the contact was most urgent"),
    "wanted_agent": ("该联系为其保留", "was whom the contact was kept for"),
    "named_agent": ("被指定处理", "was asked for by name"),
    "taken_over": ("主动接管", "took it over"),
}
_PATTERNS: Final[Mapping[str, tuple[str, str]]] = {
    r"lacks (.+)": ("缺少所需技能 {}", "lacks the skill {}"),
    r"level (\d+) not asked yet": ("在该队列为第 {} 级，尚未轮到", "is of level {}, not asked yet"),
    r"level (\d+) asked later": ("在该队列为第 {} 级，排在其后", "is of level {}, asked later"),
    r"kept_for (.+)": ("该联系为 {} 保留", "it was kept for {}"),
    r"(\w+) in hand": (
        "手头的 {} 不可被打断",
        "has a contact in hand ({}) that nothing interrupts",
    ),
    r"(\w+) full": ("{} 已达容量上限", "has as many of {} as they can take"),
    r"(\w+)_agent": ("按策略 {} 排在最前", "came first by the policy {}"),
}


def told(reason: str) -> Told:
    """A reason or rule of the ACD's in words; one that is not known is told as it is."""
    zh, en = _PLAIN.get(reason) or _of_pattern(reason)
    return {"zh": zh, "en": en}


def _of_pattern(reason: str) -> tuple[str, str]:
    for pattern, (zh, en) in _PATTERNS.items():
        if (match := re.fullmatch(pattern, reason)) is not None:
            return zh.format(match.group(1)), en.format(match.group(1))
    return reason, reason
