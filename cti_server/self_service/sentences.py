"""What the centre itself says to who serves themselves in writing, where a flow has no words."""

from collections.abc import Mapping
from typing import Final

_SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "number": {
        "zh": "请留下您的电话号码,以便我们的工作人员与您联系。",
        "en": "Please leave your telephone number, so that one of us can reach you.",
    },
    "no_number": {
        "zh": "对不起,这不是一个完整的电话号码。",
        "en": "Sorry, that is not a whole telephone number.",
    },
    "handed_over": {
        "zh": "您的请求已经转给我们的工作人员,我们会尽快与您联系。",
        "en": "One of us has your request now, and will be in touch with you.",
    },
    "nobody": {
        "zh": "很抱歉,现在无法转接人工服务,请稍后再试,或者致电我们。",
        "en": "We are sorry, nobody can take your request now. Please try again later, or call us.",
    },
    "call": {
        "zh": "请拨打{number}。",
        "en": "Please call {number}.",
    },
    "no_secret": {
        "zh": "为了您的安全,我们不在这里询问密码。请致电我们,或者使用我们的网页。",
        "en": "For your safety we ask for no password here. Please call us, or use our page.",
    },
    "failed": {
        "zh": "很抱歉,出了故障,请稍后再试,或者致电我们。",
        "en": "We are sorry, something went wrong. Please try again later, or call us.",
    },
    "left": {
        "zh": "您已很久没有回答,本次服务结束了。",
        "en": "You have not answered for a while. This session has ended.",
    },
}


def sentence(name: str, language: str, **values: str) -> str:
    """In the language, or in English where we have no words of it."""
    return in_language(_SENTENCES[name], language).format(**values)


def in_language(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language.partition("-")[0], texts["en"])
