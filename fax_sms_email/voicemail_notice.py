"""The mail that tells of a message that a caller left. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .letters import Attachment, Letter

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftMessage:
    """``at`` is local; ``number`` as it may be shown, empty if the caller withheld it."""

    recording_id: str
    recording: str
    mailbox: str
    number: str
    at: datetime
    seconds: float
    link: str | None


def notice(message: LeftMessage, language: Language) -> Letter:
    subject, text, file = (_chinese if language == "zh" else _english)(message)
    if message.link is not None:
        text = f"{text}{message.link}\n"
    return Letter(
        subject=subject,
        text=text,
        attachments=(Attachment(f"{file} {message.at:%Y-%m-%d %H.%M}.wav", message.recording),),
        automatic=True,
    )


def _chinese(message: LeftMessage) -> tuple[str, str, str]:
    who = message.number or "未显示号码"
    minutes, seconds = divmod(round(message.seconds), 60)
    text = (
        f"客户在语音信箱“{message.mailbox}”留言。\n\n"
        f"主叫号码：{who}\n"
        f"时间：{message.at:%Y-%m-%d %H:%M}\n"
        f"时长：{minutes}分{seconds:02d}秒\n\n"
        "录音见附件。留言也在坐席的待办中等待处理。\n"
    )
    return f"语音留言：{who}（{message.mailbox}）", text, "语音留言"


def _english(message: LeftMessage) -> tuple[str, str, str]:
    who = message.number or "a withheld number"
    minutes, seconds = divmod(round(message.seconds), 60)
    text = (
        f'A caller left a message in the mailbox "{message.mailbox}".\n\n'
        f"From: {who}\n"
        f"At: {message.at:%Y-%m-%d %H:%M}\n"
        f"Length: {minutes}:{seconds:02d}\n\n"
        "What was said is attached. It also waits for an agent of the queue.\n"
    )
    return f"Message from {who} ({message.mailbox})", text, "Message"
