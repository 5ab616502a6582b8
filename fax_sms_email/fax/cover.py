"""The cover of a fax as text in Markdown, in Chinese and in English. Pure."""

from typing import Final, Literal

from ..letters import Cover
from .markdown import escaped

_WORDS: Final = {
    "zh": ("传真", "收件人", "传真号码", "发件人", "日期", "页数"),
    "en": ("Fax", "To", "Fax number", "From", "Date", "Pages"),
}


def cover_text(
    cover: Cover, language: Literal["zh", "en"], *, number: str, date: str, pages: int
) -> str:
    """``pages``: of the whole fax, this one included. What is not known is left out."""
    title, *names = _WORDS[language]
    values = (cover.to, number, cover.sender, date, str(pages))
    lines = [
        f"**{name}**: {escaped(value)}"
        for name, value in zip(names, values, strict=True)
        if value.strip()
    ]
    written = [escaped(line) for line in cover.text.strip().splitlines()]
    return "\n\n".join([f"# {title}", *lines, "---", "\n".join(written)])
