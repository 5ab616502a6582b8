"""Chinese and English cut into words, and the stretch of a text that was looked for."""

import pytest

from crm.words import Part, Term, snippet, terms, words


def test_chinese_is_cut_into_the_words_that_people_look_for() -> None:
    found = words("我的宽带无法上网,怎么办理国际漫游?4G套餐 Wi-Fi")

    assert {"宽带", "上网", "国际", "漫游", "国际漫游", "4g", "套餐", "wi", "fi"} <= set(found)
    assert not {",", "?", " ", "-"} & set(found)


def test_wide_and_capital_letters_are_the_same_words() -> None:
    assert words("ＡＢＣ１２３ Refund") == words("abc123 REFUND") == ["abc123", "refund"]


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("宽带怎么退款", ["宽带", "退款"]),
        ("How do I get a refund?", ["get", "refund"]),
        ("怎么 的", ["怎么", "的"]),  # nothing else is asked
        ("!?  ", []),
        ("退款 退款", ["退款"]),
    ],
)
def test_a_query_is_its_telling_words(query: str, asked: list[str]) -> None:
    assert [term.word for term in terms(query)] == asked


def test_a_long_word_is_also_found_by_its_parts_and_a_latin_one_by_its_beginning() -> None:
    assert terms("国际漫游 refund 5G") == (
        Term("国际漫游", ("国际", "漫游")),
        Term("refund", prefix=True),
        Term("5g"),
    )


def test_no_query_is_endless() -> None:
    assert len(terms(" ".join(f"word{number}x" for number in range(500)))) == 20


def test_a_snippet_is_where_most_words_stand_together_with_these_marked() -> None:
    text = "退款。" + "无关的内容。" * 40 + "宽带用户申请退款的办法如下。" + "其他。" * 50

    parts = snippet(text, terms("宽带退款"), width=40)

    assert [part.text for part in parts if part.hit] == ["宽带", "退款"]
    assert (parts[0], parts[-1]) == (Part("…", hit=False), Part("…", hit=False))
    assert len("".join(part.text for part in parts)) == 42


def test_a_snippet_marks_whole_words_and_keeps_every_character_of_a_short_text() -> None:
    text = "Refunds take 5 days; prerefund is no word."

    parts = snippet(text, terms("refund"))

    assert "".join(part.text for part in parts) == text
    assert [part.text for part in parts if part.hit] == ["Refunds"]


def test_without_a_hit_a_snippet_is_the_beginning() -> None:
    assert snippet("甲" * 300, terms("退款"), width=10) == [
        Part("甲" * 10, hit=False),
        Part("…", hit=False),
    ]
