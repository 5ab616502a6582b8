"""A contact's phases in words, Chinese and English. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from . import reasons
from .reasons import Told
from .story import Phase

Facts = Mapping[str, Any]
_Words = Callable[[Facts, str], tuple[str, str]]

_DOING: Final[Mapping[str, tuple[str, str]]] = {
    "ready": ("空闲", "ready"),
    "unfit": ("设备异常", "unfit"),
    "ringing": ("振铃中", "being rung"),
    "talking": ("通话中", "talking"),
    "wrap_up": ("话后处理", "in wrap-up"),
    "not_ready": ("未就绪", "not ready"),
    "logged_out": ("未登录", "logged out"),
}
_OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "accepted": ("接听", "picked up"),
    "declined": ("拒接", "declined"),
    "timed_out": ("未接听", "did not answer"),
    "unreachable": ("无法接通", "could not be reached"),
    "withdrawn": ("来电者已离开", "was let go: the caller had left"),
}
_LISTED = ("、", ", ")


def told(phase: Phase, now: datetime) -> Told:
    """The phase in one sentence each."""
    words = _WORDS.get(phase.kind)
    zh, en = words(phase.facts, f"{phase.seconds(now):.0f}") if words else (phase.kind, phase.kind)
    return {"zh": zh, "en": en}


def staff(agents: Mapping[str, int]) -> tuple[str, str]:
    """How many qualify and what they do: "3 talking, 1 not ready"."""
    if not agents:
        return "没有坐席具备条件", "nobody qualified"
    known = [(count, *_doing(doing)) for doing, count in agents.items()]
    zh = _LISTED[0].join(f"{word} {count} 人" for count, word, _ in known)
    en = _LISTED[1].join(f"{count} {word}" for count, _, word in known)
    return f"具备条件的坐席：{zh}", f"of those who qualified: {en}"


def _doing(doing: str) -> tuple[str, str]:
    """A state, or why somebody who is free cannot take a contact of the channel."""
    if (known := _DOING.get(doing)) is not None:
        return known
    told = reasons.told(doing)
    return told["zh"], told["en"]


def _menu(facts: Facts, seconds: str) -> tuple[str, str]:
    path = " → ".join(facts["path"]) or "-"
    return f"在菜单中 {seconds} 秒（{path}）", f"{seconds} s in the menu ({path})"


def _waiting(facts: Facts, seconds: str) -> tuple[str, str]:
    zh = [f"在队列 {facts['queue']} 等待 {seconds} 秒"]
    en = [f"{seconds} s waiting in {facts['queue']}"]
    if facts["ahead"] is not None:
        zh.append(f"前面有 {facts['ahead']} 个联系")
        en.append(f"{facts['ahead']} ahead at first")
        for words, one in zip((zh, en), staff(facts["agents"]), strict=True):
            words.append(one)
    if facts["kept_for"] is not None:
        zh.append(f"先为 {facts['kept_for']} 保留")
        en.append(f"kept for {facts['kept_for']} at first")
    return "；".join(zh), "; ".join(en)


def _step(facts: Facts, seconds: str) -> tuple[str, str]:
    zh, en = staff(facts["agents"])
    asked = ", ".join(facts["requires"]) or "-"
    return f"队列放宽条件为 {asked}；{zh}", f"the queue asked for {asked} from then on; {en}"


def _offer(facts: Facts, seconds: str) -> tuple[str, str]:
    zh, en = _OUTCOMES.get(facts.get("outcome", ""), ("振铃中", "is being rung"))
    agent = facts["agent_id"]
    return f"坐席 {agent} 振铃 {seconds} 秒，{zh}", f"{agent} was rung for {seconds} s and {en}"


def _turned_away(facts: Facts, seconds: str) -> tuple[str, str]:
    queue, reason = facts["queue"], facts["reason"]
    return f"队列 {queue} 未接收（{reason}）", f"{queue} did not take the contact ({reason})"


def _diverted(facts: Facts, seconds: str) -> tuple[str, str]:
    queue, reason = facts["queue"], facts["reason"]
    to = " ".join(filter(None, (facts["to"], facts["target"])))
    return f"因 {reason} 离开队列 {queue}，转至 {to}", f"left {queue} for {to} ({reason})"


def _talking(facts: Facts, seconds: str) -> tuple[str, str]:
    return f"与 {facts['agent_id']} 通话 {seconds} 秒", f"{seconds} s with {facts['agent_id']}"


def _held(facts: Facts, seconds: str) -> tuple[str, str]:
    return f"保持 {seconds} 秒", f"on hold for {seconds} s"


def _incident(facts: Facts, seconds: str) -> tuple[str, str]:
    return f"系统自检发现异常 {facts['fault']}", f"the self-check came upon {facts['fault']}"


def _ended(facts: Facts, seconds: str) -> tuple[str, str]:
    outcome, reason = facts["outcome"], facts["reason"]
    return f"结束：{outcome}（{reason}）", f"over: {outcome} ({reason})"


_WORDS: Final[Mapping[str, _Words]] = {
    "menu": _menu,
    "waiting": _waiting,
    "step": _step,
    "offer": _offer,
    "turned_away": _turned_away,
    "diverted": _diverted,
    "talking": _talking,
    "held": _held,
    "incident": _incident,
    "ended": _ended,
}
