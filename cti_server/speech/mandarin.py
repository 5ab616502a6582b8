"""
Chinese text to the phonemes that Kokoro's Mandarin voices were trained on.

The mapping is that of misaki 0.9.4 (hexgrad, Apache-2.0; its table from pinyin-to-ipa, MIT), which
itself cannot be a dependency: it does not install on Python 3.13.
"""

import re
from collections.abc import Iterator
from typing import Final

import rjieba
from pypinyin import Style, lazy_pinyin, load_phrases_dict
from pypinyin.contrib.tone_convert import to_finals, to_initials

from . import english
from .chinese_numbers import write_out

_INITIALS: Final = {
    "b": "p", "c": "ʦʰ", "ch": "ꭧʰ", "d": "t", "f": "f", "g": "k", "h": "x", "j": "ʨ", "k": "kʰ",
    "l": "l", "m": "m", "n": "n", "p": "pʰ", "q": "ʨʰ", "r": "ɻ", "s": "s", "sh": "ʂ", "t": "tʰ",
    "x": "ɕ", "z": "ʦ", "zh": "ꭧ", "": "",
}  # fmt: skip
# "0" is where the tone goes.
_FINALS: Final = {
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0", "e": "ɤ0", "ei": "ei0",
    "en": "ə0n", "eng": "ə0ŋ", "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ",
    "iao": "jau0", "ie": "je0", "in": "i0n", "iou": "jou0", "ing": "i0ŋ", "iong": "jʊ0ŋ",
    "ong": "ʊ0ŋ", "ou": "ou0", "u": "u0", "uei": "wei0", "ua": "wa0", "uai": "wai0",
    "uan": "wa0n", "uen": "wə0n", "uang": "wa0ŋ", "ueng": "wə0ŋ", "uo": "wo0", "o": "wo0",
    "ü": "y0", "üe": "ɥe0", "üan": "ɥɛ0n", "ün": "y0n",
}  # fmt: skip
_ALONE: Final = {
    "er": "ɚ0", "o": "ɔ0", "ê": "ɛ0", "io": "jɔ0", "hm": "hm0", "hng": "hŋ0", "m": "m0", "n": "n0",
    "ng": "ŋ0",
}  # fmt: skip
_TONES: Final = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_APICAL: Final = frozenset(("zh", "ch", "sh", "r", "z", "c", "s"))  # zhi, ci: the vowel is ɨ

_PUNCTUATION: Final = {
    "，": ",", "、": ",", ",": ",", "。": ".", "．": ".", ".": ".", "！": "!", "!": "!", "？": "?",
    "?": "?", "：": ":", ":": ":", "；": ".", ";": ".", "…": "…", "—": "—", "\n": ".",
}  # fmt: skip
_RUNS: Final = re.compile(r"([㐀-䶿一-鿿〇]+)|([A-Za-z][A-Za-z' -]*)|(.)", re.DOTALL)

# Readings that the dictionaries of a general language get wrong on a hotline.
load_phrases_dict({"重听": [["chóng"], ["tīng"]], "为您": [["wèi"], ["nín"]]})


def sentences(text: str) -> Iterator[str]:
    """The phonemes of one sentence after another."""
    for sentence in re.split(r"(?<=[。！？!?；;\n])|(?<=\.)(?=\s)", write_out(text)):
        if spoken := _sentence(sentence):
            yield spoken


def _sentence(text: str) -> str:
    said = ""
    for chinese, latin, other in _RUNS.findall(text):
        if chinese:
            said += _chinese(chinese)
        elif latin:
            said += f" {english.phonemes(latin.strip())} "
        elif other in _PUNCTUATION:
            said = said.rstrip() + _PUNCTUATION[other] + " "
        else:
            said += " "
    said = re.sub(r" +", " ", said).strip()
    return said if re.search(r"\w", said) else ""


def _chinese(run: str) -> str:
    """Words apart: the pauses and the melody of the sentence hang on them."""
    readings = lazy_pinyin(run, style=Style.TONE3, neutral_tone_with_five=True, v_to_u=True)
    if len(readings) != len(run):
        readings = [
            lazy_pinyin(char, style=Style.TONE3, neutral_tone_with_five=True)[0] for char in run
        ]
    at, words = 0, []
    for word in rjieba.cut(run):
        words.append("".join(syllable(reading) for reading in readings[at : at + len(word)]))
        at += len(word)
    return " ".join(words)


def syllable(pinyin: str) -> str:
    """The phonemes of one syllable, such as "hao3"; empty if it is none."""
    plain, tone = pinyin[:-1], pinyin[-1:]
    if tone not in _TONES:
        return ""
    if plain in _ALONE:
        return _ALONE[plain].replace("0", _TONES[tone])
    initial, final = to_initials(plain, strict=True), to_finals(plain, strict=True, v_to_u=True)
    if initial not in _INITIALS or final not in _FINALS:
        return ""
    vowel = "ɨ0" if final == "i" and initial in _APICAL else _FINALS[final]
    return _INITIALS[initial] + vowel.replace("0", _TONES[tone])
