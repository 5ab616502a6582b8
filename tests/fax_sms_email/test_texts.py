"""What a text is over the air, and what it asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fax_sms_email.keywords import Asked, Wanted, Wish, faults, language_of, read
from fax_sms_email.texts import coding_of, cut, parts


@pytest.mark.parametrize(
    ("text", "coding", "lengths"),
    [
        ("", "gsm", [0]),
        ("a" * 160, "gsm", [160]),
        ("a" * 161, "gsm", [153, 8]),
        ("€" * 80, "gsm", [80]),
        ("€" * 100, "gsm", [76, 24]),  # an escape is never parted from its sign
        ("~" + "a" * 159, "gsm", [152, 8]),
        ("中" * 70, "ucs2", [70]),
        ("中" * 71, "ucs2", [67, 4]),
        ("a" * 70 + "中", "ucs2", [67, 4]),  # one sign makes it long
        ("😀" * 35, "ucs2", [35]),
        ("😀" * 36, "ucs2", [33, 3]),  # two units each, which stay together
        ("`", "ucs2", [1]),
    ],
)
def test_a_text_is_sent_in_parts_of_the_standards_lengths(
    text: str, coding: str, lengths: list[int]
) -> None:
    assert coding_of(text) == coding
    assert [len(part) for part in parts(text)] == lengths
    assert "".join(parts(text)) == text


@given(st.text(alphabet="a€中😀[", max_size=900), st.integers(1, 4))
def test_what_is_cut_has_so_many_parts_at_most_and_says_so(text: str, most: int) -> None:
    found = cut(text, most)

    assert len(parts(found)) <= most
    if found != text:
        assert len(parts(text)) > most
        kept, dots = (found[:-3], found[-3:]) if found.endswith("...") else (found[:-1], found[-1])
        assert dots in ("...", "…")
        assert text.startswith(kept)


KEYWORDS = ("报修", "Fault", "YE 余额")


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("报修", Wanted("报修")),
        (" “报修”。", Wanted("报修")),
        ("ｆａｕｌｔ", Wanted("Fault")),
        ("ye  余额", Wanted("YE 余额")),
        ("TD", Asked(Wish.STOP, "zh")),
        ("退订!", Asked(Wish.STOP, "zh")),
        ("退訂", Asked(Wish.STOP, "zh")),
        ("Stop.", Asked(Wish.STOP, "en")),
        ("恢复", Asked(Wish.START, "zh")),
        ("START", Asked(Wish.START, "en")),
        ("取消", Asked(Wish.CANCEL, "zh")),
        ("cancel", Asked(Wish.CANCEL, "en")),
        ("帮助", Asked(Wish.HELP, "zh")),
        ("?", Asked(Wish.HELP, "en")),
        ("请帮助我报修", None),
        ("stop it", None),
        ("1", None),
        ("", None),
    ],
)
def test_a_text_is_read_as_a_keyword_a_word_of_every_number_or_neither(
    text: str, wish: Asked | Wanted | None
) -> None:
    assert read(text, KEYWORDS) == wish


def test_keywords_that_cannot_be_are_named_with_the_rule() -> None:
    assert dict(faults(["报修", "td", "报修。", "!", "OK"])) == {
        "td": "means stop on every number",
        "报修。": "is there twice, but for capitals and the like",
        "!": "has no letter or digit",
    }


def test_who_writes_in_chinese_reads_it() -> None:
    assert language_of("我要报修", "en") == "zh"
    assert language_of("hello", "zh") == "zh"
    assert language_of("hello", "en") == "en"
