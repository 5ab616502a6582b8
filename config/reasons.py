"""What people choose from when they say why: names, and what is read in their stead."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from .section import Section

Label = Annotated[str, Field(min_length=1, max_length=100)]


class ReasonSettings(Section):
    """What people read, in both languages."""

    zh: Label
    en: Label


Reasons = Mapping[str, ReasonSettings]


NOT_READY: Reasons = {
    "break": ReasonSettings(zh="小休", en="Break"),
    "lunch": ReasonSettings(zh="午餐", en="Lunch"),
    "training": ReasonSettings(zh="培训", en="Training"),
    "meeting": ReasonSettings(zh="会议", en="Meeting"),
    "paperwork": ReasonSettings(zh="文书工作", en="Paperwork"),
}
MASK: Reasons = {
    "card_number": ReasonSettings(zh="银行卡信息", en="Card details"),
    "password": ReasonSettings(zh="密码或验证码", en="Password or code"),
    "identity": ReasonSettings(zh="证件号码", en="Identity document"),
    "health": ReasonSettings(zh="健康信息", en="Health"),
    "private": ReasonSettings(zh="其他隐私", en="Other private matters"),
}


def labelled(given: object) -> object:
    """Names alone, in a list, are those that are shipped, or stand for themselves."""
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        return given
    return {name: NOT_READY.get(name) or {"zh": name, "en": name} for name in given}
