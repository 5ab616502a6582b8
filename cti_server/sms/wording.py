"""What is said to who writes to us: a session's lines, and the centre's own words. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from config.self_service import ServiceSettings
from config.sms import SmsNumberSettings
from cti_server.self_service.model import Question
from cti_server.self_service.sentences import in_language
from cti_server.self_service.transcript import Line
from fax_sms_email.texts import cut

PARTS: Final = 8
"""Of one answer, at most: what costs as much as so many texts."""
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "unknown": {"zh": "没有理解您的短信。", "en": "We did not understand your text."},
    "keywords": {
        "zh": "请发送关键字:{keywords}。“取消”结束服务,“帮助”列出关键字,“退订”不再接收短信。",
        "en": "Send a keyword: {keywords}. CANCEL ends a service, HELP lists the keywords, "
        "STOP ends all texts from us.",
    },
    "cancelled": {"zh": "本次服务已结束。", "en": "This service has ended."},
    "nothing_to_cancel": {"zh": "没有正在进行的服务。", "en": "There is no service to end."},
    "stopped": {
        "zh": "您已退订,我们不再向您发送短信。发送“恢复”可重新接收。",
        "en": "You will get no more texts from us. Send START to get them again.",
    },
    "started": {"zh": "您已恢复接收短信。", "en": "You will get texts from us again."},
    "busy": {
        "zh": "现在请求太多,请稍后再发送。",
        "en": "There are too many requests now. Please try again later.",
    },
}


def words(name: str, language: str) -> str:
    return in_language(_WORDS[name], language)


def keywords(
    number: SmsNumberSettings, services: Mapping[str, ServiceSettings], language: str
) -> str:
    """Those of that language, or all, each with what the service is called."""
    own = {word: to for word, to in number.keywords.items() if to.language == language}
    listed = []
    for word, to in (own or number.keywords).items():
        title = services[to.service].title
        listed.append(f"{word} ({title.get(to.language) or next(iter(title.values()))})")
    separator = "、" if language == "zh" else ", "
    return words("keywords", language).format(keywords=separator.join(listed))


def last_said(lines: Sequence[Line], question: Question | None) -> str:
    """What the service has written since the customer's last line, with what can be chosen."""
    said: list[str] = []
    for line in lines:
        said = [*said, line.text] if line.author == "service" else []
    return cut("\n".join([*said, *_options(question)]), PARTS)


def _options(question: Question | None) -> Iterator[str]:
    for option in question.options if question is not None else ():
        same = option.label == option.answer
        yield option.answer if same else f"{option.answer} {option.label}"
