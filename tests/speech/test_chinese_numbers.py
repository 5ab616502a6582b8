"""Numbers in Chinese text, the way an operator says them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.speech.chinese_numbers import DIGITS, SPELLED, quantity, spell, write_out


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "零"),
        (7, "七"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (99, "九十九"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (1234, "一千二百三十四"),
        (10010, "一万零一十"),
        (100_000, "十万"),
        (1_000_001, "一百万零一"),
        (20_030_000, "两千零三万"),
        (2222, "两千二百二十二"),
        (32_000, "三万二千"),
        (200_020_000, "两亿零两万"),
        (100_000_005, "一亿零五"),
        (1_000_010_000, "十亿零一万"),
        (1_000_000_010_000, "一万亿零一万"),
        (-5, "负五"),
    ],
)
def test_a_quantity_is_said_with_its_places(number: int, said: str) -> None:
    assert quantity(number) == said


def count(said: str) -> int:
    """The number that is said, read by the grammar rather than by arithmetic on digits."""
    total = section = digit = 0
    for char in said.replace("零", ""):
        if char in DIGITS:
            digit = DIGITS.index(char)
        elif char == "两":
            digit = 2
        elif char in "十百千":
            section += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[char]
            digit = 0
        else:
            power = {"万": 10**4, "亿": 10**8}[char]
            total = (total + section + digit) * power if char == "亿" else total
            total += (section + digit) * power if char == "万" else 0
            section = digit = 0
    return total + section + digit


@given(st.integers(0, 10**12 - 1))
def test_whoever_counts_what_is_said_gets_the_number_back(number: int) -> None:
    assert count(quantity(number)) == number
    assert "零零" not in quantity(number)


@given(st.text(alphabet="0123456789", max_size=30))
def test_spelled_digits_are_one_character_each_and_never_the_one_that_sounds_like_seven(
    digits: str,
) -> None:
    said = spell(digits)

    assert "".join(str(SPELLED.index(char)) for char in said) == digits
    assert "一" not in said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("您的余额是1234.56元。", "您的余额是一千二百三十四点五六元。"),
        ("余额¥1,234.50", "余额一千二百三十四点五零元"),
        ("工号8026为您服务", "工号八零二六为您服务"),
        ("请拨打400-800-8888", "请拨打四零零八零零八八八八"),
        ("电话13800138000", "电话幺三八零零幺三八零零零"),
        ("卡号：6222 0210", "卡号六二二二零二幺零"),
        ("共3页", "共三页"),
        ("按1转2号线", "按一转二号线"),
        ("前面还有2位", "前面还有两位"),
        ("第12位", "第十二位"),
        ("2小时22分钟", "两小时二十二分钟"),
        ("2024年11月2日", "二零二四年十一月二日"),
        ("上午9:30至18：05", "上午九点三十分至十八点零五分"),
        ("9:00开始", "九点开始"),
        ("2:00开始", "两点开始"),
        ("涨了12.5%", "涨了百分之十二点五"),
        ("气温-5度", "气温负五度"),
        ("编码0086", "编码零零八六"),
        ("１２３元", "一百二十三元"),
        ("没有数字。", "没有数字。"),
        ("99999999999999999999", "九" * 20),
    ],
)
def test_a_number_is_written_out_as_what_it_is(written: str, said: str) -> None:
    assert write_out(written) == said


@given(st.text(alphabet="0123456789.,:：-%¥年月日号位个元按 ", max_size=40))
def test_no_digit_is_ever_left_for_the_voice_to_stumble_on(text: str) -> None:
    assert not any(char.isdigit() and char.isascii() for char in write_out(text))
