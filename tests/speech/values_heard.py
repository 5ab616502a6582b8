"""Values joined from the shipped clips, and how much of them Whisper understood."""

import itertools
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from cti_server.speech import saying
from cti_server.speech.cache import SHIPPED, Cache
from cti_server.speech.chinese_numbers import DIGITS, quantity
from cti_server.speech.library import SHIPPED_VOICES
from cti_server.speech.rendering import clip_key, text_key
from cti_server.speech.saying.english import below_hundred, ordinal_below_hundred
from cti_server.speech.saying.values import LARGEST
from cti_server.speech.tts import voice_for
from ivr.texts import SayAs

from .recognisers import error_rate, syllables

HINTS = {
    "zh": "金额是五千六百七十八元九角一分。日期是二零一九年三月七日，八点二十分。"
    "第四，一小时十分钟。",
    "en": "It is five thousand six hundred seventy-eight yuan, nine dollars ten cents. "
    "March seventh twenty nineteen, eight twenty A.M. The fourth, the nineteenth. "
    "One hour ten minutes.",
}
FIGURES = {"zh": "号码是幺三九，二五零七，八六四幺。", "en": "The number is one three nine two."}
"""What shows the listener that numbers are written in words."""


def file_of(clip: saying.Clip, language: str) -> Path:
    name = clip_key if clip.snug else text_key
    file = Cache(SHIPPED).find(name(clip.text, language, voice_for(SHIPPED_VOICES, language)))
    assert file or clip == saying.PAUSE, f"not rendered: {clip}"
    return file or silence()


def silence() -> Path:
    file = Path(tempfile.gettempdir()) / "quarter_second.ulaw"
    file.write_bytes(b"\xff" * 2000)
    return file


def in_words(clips: Sequence[saying.Clip]) -> str:
    return " ".join(re.sub(r"[,，。]$", "", clip.text) for clip in clips if clip.text)


def units(text: str, language: str) -> Iterator[list[str]]:
    """What was written, in each way that its figures can be read."""
    parts = re.split(r"(\d[\d,]*(?:st|nd|rd|th)?)", text.lower())
    ways = [readings(part, language) if index % 2 else [part] for index, part in enumerate(parts)]
    for way in itertools.islice(itertools.product(*ways), 200):
        yield (_syllables if language == "zh" else _words)(" ".join(way))


def readings(figures: str, language: str) -> list[str]:
    plain = re.sub(r"\D", "", figures)
    number = int(plain)
    if language == "zh":
        one_by_one = "".join(DIGITS[int(digit)] for digit in plain)
        return [one_by_one, *([quantity(number)] if number < 10**12 else [])]
    if figures[-1].isalpha():
        return [ordinal_below_hundred(number)] if number < 100 else []
    ways = [" ".join(below_hundred(int(digit)) for digit in plain)]
    if number < LARGEST:
        ways.append(in_words(saying.clips(number, SayAs.NUMBER, "en")))
    if len(plain) == 4:
        ways.append(in_words(saying.clips(f"{plain}-01-01", SayAs.DATE, "en")[2:]))
    return ways


_SAME = {"liang": "er", "kuai": "yuan", "mao": "jiao", "hao": "ri", "yao": "yi"}


def _syllables(text: str) -> list[str]:
    return [_SAME.get(one, one) for one in syllables(text.replace(" ", ""))]


def _words(text: str) -> list[str]:
    text = re.sub(r"\b([ap])\.?\s?m\b", r"\1m", text.replace("%", " percent"))
    return [word for word in re.findall(r"[a-z']+", text) if word != "and"]


def wrong(said: str, heard: str, language: str) -> float:
    """The error rate of the reading that fits best."""
    wanted = next(units(said, language))
    return min((error_rate(wanted, one) for one in units(heard, language)), default=1.0)
