"""Files of customers in all their forms, and those that were made to do harm."""

import datetime as dt
import io
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from openpyxl import Workbook

from crm.import_columns import OwnField
from crm.import_text import Unreadable
from crm.importing import CustomerFile, ReadRow
from crm.schema import Field
from crm.seen_rows import SeenRows

OWN = (
    OwnField(Field(name="birth_date", type="date"), ("出生日期", "Date of birth")),
    OwnField(Field(name="limit", type="money"), ("信用额度",)),
    OwnField(Field(name="employees", type="number", minimum=0), ("员工人数",)),
    OwnField(
        Field(name="gender", type="choice", choices=("female", "male")),
        ("性别",),
        {"female": "female", "女": "female", "male": "male", "男": "male"},
    ),
    OwnField(Field(name="churned", type="boolean"), ("已流失",)),
)


def sheet(*rows: Iterable[Any]) -> io.BytesIO:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    book.save(file)
    return file


def read(file: io.BytesIO, **options: Any) -> list[ReadRow]:
    return list(CustomerFile(file, "CN", **options))


def problems(rows: Iterable[ReadRow]) -> list[str]:
    return [str(problem) for row in rows for problem in row.problems]


def test_a_workbook_is_read_as_a_text_is() -> None:
    file = sheet(
        ["姓名", "手机", "出生日期", "员工人数"],
        ["王伟", 13800138000, dt.date(1980, 1, 2), 12],
        [],
        ["李雷", 13900139000.0, "1990年3月4日", "1,200"],
        [None, 13700137000, None, None],
    )

    rows = read(file, own=OWN)

    assert [row.customer.numbers[0].text for row in rows if row.customer] == [
        "+8613800138000",
        "+8613900139000",
    ]
    assert [row.customer.attributes for row in rows if row.customer] == [
        {"birth_date": "1980-01-02", "employees": 12},
        {"birth_date": "1990-03-04", "employees": 1200},
    ]
    assert problems(rows) == ["row 5: name is required"]


def test_a_formula_in_a_workbook_is_its_result_and_is_never_run() -> None:
    rows = read(sheet(["name", "phone"], ['=HYPERLINK("http://evil")', "13800138000"]))

    assert problems(rows) == ["row 2: name is required"]


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("birth_date", "1980-01-02", "1980-01-02"),
        ("DATE OF BIRTH", "1980/1/2", "1980-01-02"),
        ("信用额度", '"￥12,000.50"', {"amount": "12000.50", "currency": "CNY"}),
        ("limit", "99 USD", {"amount": "99", "currency": "USD"}),
        ("性别", "女", "female"),
        ("gender", "Male", "male"),
        ("已流失", "是", True),
        ("employees", "7", 7),
    ],
)
def test_the_centres_own_fields_are_known_by_name_and_label(
    column: str, cell: str, expected: Any
) -> None:
    text = f"name,phone,{column}\n王伟,13800138000,{cell}\n"

    [row] = read(io.BytesIO(text.encode()), own=OWN)

    assert row.customer is not None
    assert list(row.customer.attributes.values()) == [expected]


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        ("birth_date", "1980-02-31", "attributes.birth_date a date, YYYY-MM-DD"),
        ("employees", "-1", "attributes.employees at least 0"),
        ("gender", "unknown", "attributes.gender one of female, male"),
        ("churned", "perhaps", "attributes.churned true or false"),
    ],
)
def test_a_value_that_a_field_does_not_take_is_named_by_row_field_and_rule(
    column: str, cell: str, problem: str
) -> None:
    text = f"name,phone,{column}\n王伟,13800138000,{cell}\n"

    assert problems(read(io.BytesIO(text.encode()), own=OWN)) == [f"row 2: {problem}"]


def test_what_a_column_means_can_be_said() -> None:
    text = "who,reach,name\n王伟,13800138000,x\n".encode()

    [row] = read(io.BytesIO(text), chosen={"who": "name", "reach": "numbers", "name": None})

    assert row.customer is not None
    assert (row.customer.name, row.customer.numbers[0].text) == ("王伟", "+8613800138000")


def test_a_mail_address_is_enough_and_a_bad_one_is_none() -> None:
    text = "name,email\n王伟,Wang.Wei@example.com\n李雷,li@@example\n".encode()

    rows = read(io.BytesIO(text))

    assert [one.value for row in rows if row.customer for one in row.customer.addresses] == [
        "Wang.Wei@example.com"
    ]
    assert problems(rows)[0] == "row 3: addresses is no mail address"


def archive(*parts: tuple[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts:
            packed.writestr(name, content)
    return file


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        (io.BytesIO(b"PK\x03\x04 and nothing else"), "is a broken ZIP archive"),
        (archive(("a.txt", b"x")), "is a ZIP archive, but no workbook"),
        (archive(("[Content_Types].xml", b"<x/>")), "is no workbook that can be read"),
        (
            archive(("[Content_Types].xml", b"<x/>"), ("xl/worksheets/sheet1.xml", bytes(10**7))),
            "is a workbook that would be too large when unpacked",
        ),
        (io.BytesIO("name,phone\n王\0,1".encode()), "is not text in"),
        (io.BytesIO(b"name,phone,name\n"), "has several columns for name"),
        (io.BytesIO(b"name" + b",x" * 600), "has more than 500 columns"),
        (io.BytesIO(b""), "has no header with a column that is known"),
    ],
)
def test_a_file_that_is_none_of_customers_is_refused_at_once(file: io.BytesIO, rule: str) -> None:
    with pytest.raises(Unreadable) as refused:
        CustomerFile(file, "CN")

    assert rule in refused.value.rule


class EndlessLine(io.RawIOBase):
    """A gigabyte in one cell, of which nobody has to store a byte."""

    def __init__(self, size: int) -> None:
        self._size, self._at = size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset
        return offset

    def readinto(self, buffer: Any) -> int:
        start = b"name,phone\n" if self._at == 0 else b""
        count = min(len(buffer), self._size - self._at)
        buffer[:count] = (start + b"x" * count)[:count]
        self._at += count
        return count


def test_a_line_without_end_takes_no_memory() -> None:
    tracemalloc.start()
    rows = list(CustomerFile(io.BufferedReader(EndlessLine(64 * 1024 * 1024)), "CN"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert problems(rows) == ["row 0: file has a record of more than 131072 characters"]
    assert peak < 16 * 1024 * 1024


def test_rows_that_were_there_are_remembered_exactly() -> None:
    seen = SeenRows()

    def keys() -> Iterator[tuple[int, list[tuple[str, ...]]]]:
        return ((row, [("id", str(row % 5000))]) for row in range(2, 10_002))

    firsts = [seen.first(key, row) for row, key in keys()]

    assert firsts[:5000] == [None] * 5000
    assert firsts[5000:] == list(range(2, 5002))
