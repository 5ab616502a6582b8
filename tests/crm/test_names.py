import pytest

from crm.names import sound, syllables, words


@pytest.mark.parametrize(
    "names",
    [
        ("王伟", "王玮", "Wang Wei", "WEI, Wang", "王伟先生", "Mr. Wang Wei"),
        ("欧阳修", "歐陽修", "Ouyang Xiu", "Xiu Ouyang"),
        ("吕布", "Lü Bu", "Bu LYU", "LV BU"),
        ("单雄信", "Shan Xiongxin"),
        ("曾国藩", "Zeng Guofan"),
        ("张小明", "張小明", "Zhang Xiaoming"),
        ("远景物流有限公司", "远景物流股份有限公司", "远景物流"),
        ("Müller & Co. KG", "MULLER KG"),
    ],
)
def test_names_that_sound_alike_are_one_whatever_the_script_and_the_order(
    names: tuple[str, ...],
) -> None:
    assert len({sound(name) for name in names}) == 1


def test_names_that_do_not_sound_alike_stay_apart() -> None:
    names = ["王伟", "王薇薇", "李伟", "王卫东", "远景物流", "远景物业"]

    assert len({sound(name) for name in names}) == len(names)


def test_a_surname_is_read_as_one_and_the_same_character_elsewhere_as_usual() -> None:
    assert syllables("任重") == ("ren", "zhong")
    assert syllables("乐嘉") == ("yue", "jia")
    assert syllables("快乐单车有限公司") == ("kuai", "le", "dan", "che")


@pytest.mark.parametrize("name", ["😀", "...", "", "公司", "Ltd.", "Mr"])
def test_a_name_of_nothing_but_signs_or_forms_breaks_nothing(name: str) -> None:
    assert sound(name) == " ".join(sorted(sound(name).split()))
    assert len(words(name)) <= 1


def test_han_and_latin_in_one_word_are_read_apart() -> None:
    assert syllables("阿里cloud") == ("a", "li", "cloud")
