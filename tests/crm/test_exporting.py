"""What is exported is imported again as what it was, and nothing else is."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.contact_points import address
from crm.customer_row import CustomerRow
from crm.errors import InvalidField
from crm.exporting import Exported, Sheet
from crm.formulas import BEGINNINGS
from crm.import_columns import OwnField
from crm.importing import CustomerFile
from crm.schema import Field

OWN = [
    OwnField(Field(name="income", type="money"), ("收入", "Income")),
    OwnField(Field(name="score", type="number"), ("评分", "Score")),
    OwnField(Field(name="birthday", type="date"), ("生日", "Birthday")),
    OwnField(Field(name="member", type="boolean"), ("会员", "Member")),
    OwnField(Field(name="remark", type="text"), ("电话", "phone")),  # names of the numbers' column
    OwnField(Field(name="card", type="text", sensitive=True), ("卡号", "Card")),
]
ATTRIBUTES: dict[str, Any] = {
    "income": {"amount": "-12.50", "currency": "CNY"},
    "score": -3,
    "birthday": "1990-02-03",
    "member": False,
    "remark": "-, =1",
    "card": "6222000011112222",
}
WANG = Exported(
    id="c1",
    external_id="-17",
    name="=1+1",
    tier="@gold",
    company='Wang; "Söhne"',
    tags=("-x", "a, b", '"quoted"', "=y;z", "'='"),
    notes="-1\n'+2",
    numbers=("+8613800138000", "+861065529988", "95588"),
    addresses=(address("mail", "+a|b@example.com"), address("chat", "wang")),
    attributes=ATTRIBUTES,
)


def sheet(**more: Any) -> Sheet:
    wanted: dict[str, Any] = {"language": "zh", "revealed": True, "typed": False}
    return Sheet.of(more.pop("columns", None), OWN, **(wanted | more))


def written(sheet: Sheet, *customers: Exported) -> bytes:
    file = io.StringIO(newline="")
    rows = csv.writer(file)
    rows.writerow(sheet.header)
    rows.writerows(sheet.row(one) for one in customers)
    return file.getvalue().encode("utf-8-sig")


def read(data: bytes) -> list[CustomerRow | str]:
    file = CustomerFile(io.BytesIO(data), "CN", own=OWN)
    return [row.customer or str(row.problems[0]) for row in file]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_field_comes_back_whatever_it_looks_like(language: str) -> None:
    [row] = read(written(sheet(language=language), WANG))

    assert isinstance(row, CustomerRow)
    for name in ("external_id", "name", "kind", "tier", "language", "company", "tags", "notes"):
        assert getattr(row, name) == getattr(WANG, name), name
    assert [number.text for number in row.numbers] == list(WANG.numbers)
    assert row.addresses == WANG.addresses[:1]
    assert row.attributes == ATTRIBUTES


def test_no_cell_can_run_and_a_typed_number_needs_no_mark() -> None:
    cells = sheet().row(WANG)

    assert not [cell for cell in cells if cell.startswith(BEGINNINGS)]
    assert cells[8] == "'+8613800138000;'+861065529988;95588"
    assert sheet(typed=True).row(WANG)[8] == "+8613800138000;+861065529988;95588"


def test_what_is_masked_is_not_read_back() -> None:
    masked = sheet(revealed=False, language="en")
    row = dict(zip(masked.header, masked.row(WANG), strict=True))
    [back] = read(written(masked, WANG))

    assert row["numbers (masked)"] == "**********8000;*********9988;95588"
    assert row["email (masked)"] == "'+***@example.com"
    assert "6222000011112222" not in row.values()
    assert back == "row 2: numbers is required"


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        (["colour"], "columns: a customer has no colour"),
        (["name", "name"], "columns: name is there twice"),
        (
            ["attributes.card"],
            "columns: attributes.card is withheld unless the export is revealed",
        ),
        ([], "columns: at least one"),
    ],
)
def test_columns_that_cannot_be_are_refused(columns: list[str], problem: str) -> None:
    with pytest.raises(InvalidField, match=f"^{problem}$"):
        sheet(columns=columns, revealed=False)


def test_columns_are_chosen_and_what_the_import_does_not_read_has_names_that_it_leaves_out() -> (
    None
):
    chosen = sheet(columns=["id", "name", "attributes.score", "owner_id", "created_at", "chats"])

    assert chosen.header == ["记录号", "姓名", "评分", "负责人", "建档时间", "其他联系方式"]
    file = CustomerFile(io.BytesIO(written(chosen)), "CN", own=OWN)
    assert file.columns.fields == (None, "name", "attributes.score", None, None, None)


def test_a_retired_field_is_not_taken_for_the_one_that_came_after_it() -> None:
    old = OwnField(Field(name="old_city", type="text", retired=True), ("城市", "City"))
    new = OwnField(Field(name="city", type="text"), ("城市", "City"))
    both = Sheet.of(
        ["name", "attributes.old_city", "attributes.city"],
        [old, new],
        language="zh",
        revealed=True,
        typed=False,
    )

    assert both.header == ["姓名", "old_city", "城市"]


line = (
    st.text(st.sampled_from("王a1=+-@'\";；,，|、 ＝"), min_size=1, max_size=8)
    .map(str.strip)
    .filter(bool)
)


@given(name=line, notes=line, tags=st.lists(line, max_size=4, unique=True), remark=line)
def test_any_text_comes_back(name: str, notes: str, tags: list[str], remark: str) -> None:
    one = Exported(
        id="c",
        name=name,
        notes=notes,
        tags=tags,
        numbers=("+8613800138000",),
        attributes={"remark": remark},
    )
    [row] = read(written(sheet(), one))

    assert isinstance(row, CustomerRow), row
    assert (row.name, row.notes, list(row.tags)) == (name, notes, tags)
    assert row.attributes == {"remark": remark}
