import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.customer_row import CustomerRow
from crm.importing import read_customers

HEADER = "name,phone\n"


def read(text: str | bytes, **limits: int) -> tuple[list[CustomerRow], list[str]]:
    data = text.encode() if isinstance(text, str) else text
    found = read_customers(data, "CN", **limits)
    return found.customers, [str(problem) for problem in found.problems]


def test_a_full_row_becomes_a_customer() -> None:
    [customer], problems = read(
        "id,name,kind,tier,language,company,phone,phone 2,tags,notes\n"
        'C1, 王伟 ,个人,gold,中文,蓝海,010-65529988,"13800138000；13900139000",a;b、a,很好\n'
    )

    assert problems == []
    assert customer.model_dump(exclude={"numbers", "addresses", "attributes"}) == {
        "external_id": "C1",
        "name": "王伟",
        "kind": "person",
        "tier": "gold",
        "language": "zh",
        "company": "蓝海",
        "tags": ("a", "b"),
        "notes": "很好",
    }
    assert [number.text for number in customer.numbers] == [
        "+861065529988",
        "+8613800138000",
        "+8613900139000",
    ]


@pytest.mark.parametrize(
    "header",
    [
        "姓名,手机号",
        "客户名称,联系电话",
        "Name,Phone Number",
        "CUSTOMER,Mobile",
        "ｎａｍｅ, ＴＥＬ",
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_headers_separators_and_line_ends_are_as_spreadsheets_have_them(
    header: str, separator: str, newline: str
) -> None:
    lines = [header, "李雷,13800138000", "", "韩梅梅,13900139000"]

    customers, problems = read(newline.join(lines).replace(",", separator))

    assert [customer.name for customer in customers] == ["李雷", "韩梅梅"]
    assert problems == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_the_encodings_of_chinese_spreadsheets_are_understood(encoding: str) -> None:
    text = "姓名,手机,备注\n王伟,13800138000,第一次来电：咨询套餐\n"

    [customer], problems = read(text.encode(encoding))

    assert (customer.name, customer.notes, problems) == ("王伟", "第一次来电：咨询套餐", [])


def test_columns_that_are_not_ours_are_left_alone() -> None:
    [customer], problems = read("name,phone,favourite colour\n王伟,13800138000,=red\n")

    assert (customer.name, problems) == ("王伟", [])


def test_what_the_file_says_nothing_about_is_not_set() -> None:
    [customer], _ = read("name,phone,tier,tags\n王伟,13800138000,,\n")

    assert customer.model_fields_set == {"name", "numbers"}
    assert customer.tier == "standard"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",13800138000", "row 2: name is required"),
        ("王伟,", "row 2: numbers is required"),
        ("王伟", "row 2: numbers is required"),
        ("王伟,alice", "row 2: numbers is no telephone number"),
        ("王伟,anonymous", "row 2: numbers is no telephone number"),
        ("王伟,1.38E+10", "row 2: numbers is no telephone number"),
        ("王伟,11111111111", "row 2: numbers is no valid number of any country's plan"),
        ("王伟,+8613800", "row 2: numbers is no valid number of any country's plan"),
        ("王伟,13800138000,extra", "row 2: row has more cells than the header has columns"),
        ("王" * 201 + ",13800138000", "row 2: name is too long"),
        ("王\x07伟,13800138000", "row 2: name has characters that cannot be printed"),
        ("=HYPERLINK(1),13800138000", "row 2: name begins like a formula"),
        ("@SUM(1),13800138000", "row 2: name begins like a formula"),
        ("+cmd|' /C calc'!A0,13800138000", "row 2: name begins like a formula"),
        ("-2+3,13800138000", "row 2: name begins like a formula"),
        ('"\t=1",13800138000', "row 2: name begins like a formula"),
        (
            "王伟," + ";".join(f"138001380{n}" for n in range(10, 31)),
            "row 2: numbers are more than 20",
        ),
    ],
)
def test_a_bad_row_is_named_with_field_and_rule_and_the_others_are_kept(
    row: str, problem: str
) -> None:
    customers, problems = read(HEADER + row + "\n李雷,13900139000\n")

    assert problems == [problem]
    assert [customer.name for customer in customers] == ["李雷"]


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        ("kind", "robot", "kind is neither person nor company"),
        ("language", "Klingon!", "language is no language"),
        ("tier", "=1", "tier begins like a formula"),
        ("company", "@x", "company begins like a formula"),
        ("tags", "ok;=1", "tags begins like a formula"),
        ("tags", ";".join(map(str, range(51))), "tags are more than 50"),
        ("id", "-1", "external_id begins like a formula"),
        ("id", "x" * 201, "external_id is too long"),
    ],
)
def test_each_column_has_its_rule(column: str, cell: str, problem: str) -> None:
    customers, problems = read(f"name,phone,{column}\n王伟,13800138000,{cell}\n")

    assert (customers, problems) == ([], [f"row 2: {problem}"])


def test_a_note_that_begins_like_a_formula_is_kept_as_text() -> None:
    [customer], problems = read("name,phone,notes\n王伟,13800138000,=1+1\n")

    assert (customer.notes, problems) == ("'=1+1", [])


def test_a_number_that_a_spreadsheet_marked_as_text_is_a_number() -> None:
    [customer], problems = read("name,phone\n王伟,'13800138000\n")

    assert (customer.numbers[0].text, problems) == ("+8613800138000", [])


def test_a_problem_never_quotes_the_cell() -> None:
    _, problems = read(HEADER + "王伟,secret-4111111111111111\n")

    assert "4111" not in "".join(problems)


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    _, problems = read('name,phone,notes\n王伟,13800138000,"two\nlines"\n\n,13900139000,\n')

    assert problems == ["row 4: name is required"]


def test_the_same_customer_twice_is_one_problem_and_a_shared_number_is_none() -> None:
    customers, problems = read(
        HEADER + '张敏,0755-83765566\n李强,0755-83765566\n张敏,"13926501188;+86 755 83765566"\n'
    )

    assert [customer.name for customer in customers] == ["张敏", "李强"]
    assert problems == ["row 4: row repeats row 2"]


def test_the_same_id_twice_is_a_problem() -> None:
    _, problems = read("id,name,phone\nC1,王伟,13800138000\nC1,李雷,13900139000\n")

    assert problems == ["row 3: row repeats row 2"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "has no header with a column that is known"),
        (b"\n\n\n", "has no header with a column that is known"),
        (b"a,b\n1,2\n", "has no header with a column that is known"),
        (b"phone\n13800138000\n", "has no column for the name"),
        (b"name,phone,name\n", "has several columns for name"),
        (b"name,phone\n\0\0,1\n", "is not text in UTF-8, UTF-16 or GB 18030"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not text in UTF-8, UTF-16 or GB 18030"),
        (codecs.BOM_UTF16_LE + b"\x00", "is not text in UTF-8, UTF-16 or GB 18030"),
        (
            "姓名,电话\n王伟,13800138000\n".encode() + b"\xff,1\n",
            "is UTF-8, but for a broken character in line 3",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, problem: str) -> None:
    assert read(data) == ([], [f"row 0: file {problem}"])


def test_a_quote_that_never_closes_ends_the_reading_there() -> None:
    customers, problems = read(HEADER + '王伟,13800138000\n"李雷,13900139000\n')

    assert [customer.name for customer in customers] == ["王伟"]
    assert problems == ["row 0: file cannot be read after row 2: unexpected end of data"]


@pytest.mark.parametrize("filler", ["x", '"', '"\n', "x,"])
def test_an_endless_record_ends_the_reading_there(filler: str) -> None:
    customers, problems = read(HEADER + '王伟,13800138000\n"' + filler * 50_000)

    assert [customer.name for customer in customers] == ["王伟"]
    assert len(problems) == 1
    assert problems[0].startswith("row 0: file ")


def test_a_record_may_be_just_as_long_as_allowed() -> None:
    row = "王伟,13800138000"
    header = "name,phone"

    assert read(f"{header}\n{row}\n", max_line=len(row) + 1)[1] == []
    assert read(f"{header}\n{row}\n", max_line=len(row))[1] == [
        f"row 0: file has a record of more than {len(row)} characters"
    ]


def test_there_is_a_limit_to_the_rows() -> None:
    text = HEADER + "".join(f"客户{n},138001380{n}\n" for n in range(10, 15))

    customers, problems = read(text, max_rows=3)

    assert len(customers) == 3
    assert problems == ["row 0: file has more than 3 rows; row 5 and later are left out"]


def test_a_file_of_nothing_but_problems_is_given_up() -> None:
    customers, problems = read(HEADER + ",\n" * 5000 + "x\n" * 5000)

    assert customers == []
    assert len(problems) == 1001
    assert problems[-1] == "row 0: file has too many problems; it was read up to row 6001"


@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))
    )
)
def test_any_bytes_have_an_answer(data: bytes) -> None:
    found = read_customers(b"name,phone,notes\n" + data, "CN")

    assert len(found.customers) <= data.count(b"\n") + data.count(b"\r") + 1
