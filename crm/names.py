"""
Names of people and companies: how they sound, and the form in which they are compared.

Pure. Han characters are read as Mandarin without tones (Hanyu Pinyin, "v" for ü), surnames as
surnames are read; Latin letters lose case and marks.
"""

import functools
import re
import unicodedata

from pypinyin import Style, lazy_pinyin

_HAN_CHARACTER = r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_HAN = re.compile(_HAN_CHARACTER)
_HAN_OR_WORD = re.compile(rf"{_HAN_CHARACTER}+|(?:(?!{_HAN_CHARACTER})[^\W_])+")


def _table(text: str) -> dict[str, str]:
    return {han: read for pair in text.split(",") for han, read in (pair.split(),)}


_SURNAMES = _table(
    "单 shan, 曾 zeng, 解 xie, 仇 qiu, 查 zha, 盖 ge, 朴 piao, 翟 zhai, 任 ren, "
    "区 ou, 乐 yue, 缪 miao, 繁 po, 折 she, 黑 he, 秘 bi, 员 yun, 祭 zhai, "
    "葛 ge, 覃 qin, 冼 xian, 尉 wei, 种 chong, 洗 xian, 單 shan, 區 ou, 樂 yue, "
    "繆 miao, 員 yun, 種 chong"
)
_COMPOUND_SURNAMES = _table(
    "欧阳 ouyang, 歐陽 ouyang, 司马 sima, 司馬 sima, 上官 shangguan, 诸葛 zhuge, "
    "諸葛 zhuge, 东方 dongfang, 皇甫 huangfu, 尉迟 yuchi, 公孙 gongsun, "
    "慕容 murong, 令狐 linghu, 宇文 yuwen, 长孙 zhangsun, 司徒 situ, 夏侯 xiahou, "
    "端木 duanmu, 南宫 nangong, 独孤 dugu, 万俟 moqi, 轩辕 xuanyuan, 澹台 tantai, "
    "单于 chanyu, 淳于 chunyu, 呼延 huyan, 赫连 helian, 钟离 zhongli, 司空 sikong"
)
_TITLES = {
    *("mr", "mrs", "ms", "miss", "dr", "prof"),
    *("先生", "女士", "小姐", "太太", "老师", "经理"),
}
_CHINESE_TITLE = re.compile("(先生|女士|小姐|太太|老师|经理)$")
_CHINESE_FORM = re.compile("(股份有限公司|有限责任公司|有限公司|集团公司|公司|集团)$")
_FORMS = {
    *("co", "ltd", "inc", "llc", "corp", "gmbh", "limited", "company", "plc", "corporation"),
    *("incorporated", "group", "holdings", "sa", "ag"),
}


@functools.lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """
    The words of a name without its case, marks, titles and legal forms; empty if none is left.

    Han characters stay what they are.
    """
    lowered = _without_marks(unicodedata.normalize("NFKC", name)).casefold()
    stripped = _CHINESE_TITLE.sub("", _CHINESE_FORM.sub("", lowered.strip()))
    found = _HAN_OR_WORD.findall(stripped or lowered)
    kept = [word for word in found if word not in _TITLES and word not in _FORMS]
    return tuple(kept or found)


@functools.lru_cache(maxsize=16_384)
def sound(name: str) -> str:
    """
    How a name sounds, whichever script it is in and whichever part comes first.

    王伟, 王玮, Wang Wei and "Wei WANG" are one; so are 欧阳修 and "Xiu Ouyang".
    """
    parts = [part for word in words(name) for part in _spoken(word)]
    return " ".join(sorted(parts))


@functools.lru_cache(maxsize=4096)
def syllables(name: str) -> tuple[str, ...]:
    """Pinyin syllable by syllable, and Latin words as they are: what a search looks through."""
    found: list[str] = []
    for word in words(name):
        if not _HAN.match(word):
            found.append(word)
            continue
        surname, rest = _surname(word)
        found += [surname] if surname else []
        found += _read(rest) if rest else ()
    return tuple(found)


def _spoken(word: str) -> list[str]:
    """One word: a Latin one, or a run of Han characters as surname and given name."""
    if not _HAN.match(word):
        return [re.sub(r"^(l|n)yu(e?)$", r"\1v\2", word)]  # LYU in a passport is Lü
    surname, rest = _surname(word)
    given = "".join(_read(rest)) if rest else ""
    return [part for part in (surname, given) if part]


def _surname(word: str) -> tuple[str, str]:
    """The surname's sound and the characters that follow; a longer run is no person's name."""
    if len(word) > 4:
        return "", word
    if len(word) > 2 and word[:2] in _COMPOUND_SURNAMES:
        return _COMPOUND_SURNAMES[word[:2]], word[2:]
    first = word[0]
    return _SURNAMES.get(first) or _read(first)[0], word[1:]


@functools.lru_cache(maxsize=65_536)
def _read(han: str) -> tuple[str, ...]:
    """Their sounds; given names come again and again, and a look into the dictionary is dear."""
    return tuple(lazy_pinyin(han, style=Style.NORMAL))


def _without_marks(text: str) -> str:
    """``Müller`` → ``Muller``; ü after l and n is a sound of its own in Pinyin: ``Lü`` → ``Lv``."""
    if text.isascii():
        return text
    kept = re.sub("([lnLN])[üǖǘǚǜÜ]", r"\1v", unicodedata.normalize("NFC", text))
    apart = unicodedata.normalize("NFD", kept)
    if apart == text:
        return text
    return "".join(c for c in apart if not unicodedata.combining(c))
