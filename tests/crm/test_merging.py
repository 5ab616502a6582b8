"""Merging two customers, and taking them apart again. Pure."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import InvalidField
from crm.merging import AddressEntry, Merger, NumberEntry, Record, UndoContradicted, merge, undone


def number(text: str, label: str | None = None) -> NumberEntry:
    return NumberEntry(kind="international", number=text, tail=text[-7:], use="phone", label=label)


def mail(text: str) -> AddressEntry:
    return AddressEntry(kind="mail", key=text, value=text, label=None)


def record(record_id: str, **values: Any) -> Record:
    nothing: dict[str, Any] = {
        "kind": "person",
        "name": "王伟",
        "tier": "standard",
        "language": "zh",
        **dict.fromkeys(["company", "notes", "owner_id", "team"]),
        **{name: [] for name in ("tags", "numbers", "addresses")},
        **{name: {} for name in ("attributes", "preferences")},
    }
    return Record(id=record_id, **{**nothing, **values})


A = record(
    "a",
    numbers=[number("+8613800138000")],
    tags=["5G"],
    notes="回电请在下午",
    attributes={"hobbies": "钓鱼"},
    preferences={"never": ["sms"]},
)
B = record(
    "b",
    name="王玮",
    tier="gold",
    company="远景",
    numbers=[number("+8613900139000"), number("+8613800138000", "old")],
    addresses=[mail("w@example.com")],
    tags=["宽带", "5G"],
    notes="VIP",
    attributes={"hobbies": "登山", "lifestyle": "夜猫子"},
    preferences={"never": ["fax"], "quiet_hours": [{"start": "22:00", "end": "08:00"}]},
)


def test_the_survivors_word_counts_and_the_others_fills_what_it_lacks() -> None:
    done = merge(A, B)

    after = done.after
    assert (after.id, after.name, after.tier, after.company) == ("a", "王伟", "gold", "远景")
    assert [entry.number for entry in after.numbers] == ["+8613800138000", "+8613900139000"]
    assert after.numbers[0].label is None
    assert after.tags == ["5G", "宽带"]
    assert after.notes == "回电请在下午\nVIP"
    assert after.attributes == {"hobbies": "钓鱼", "lifestyle": "夜猫子"}
    assert after.preferences["never"] == ["sms", "fax"]
    assert len(after.preferences["quiet_hours"]) == 1
    assert done.sources == {
        "name": "survivor",
        "tier": "merged",
        "company": "merged",
        "notes": "both",
        "tags": "both",
        "numbers": "both",
        "addresses": "merged",
        "preferences": "both",
        "attributes.hobbies": "survivor",
        "attributes.lifestyle": "merged",
    }


def test_whoever_merges_decides_on_single_values() -> None:
    done = merge(A, B, {"name": "merged", "attributes.hobbies": "merged", "company": "survivor"})

    assert (done.after.name, done.after.company) == ("王玮", None)
    assert done.after.attributes["hobbies"] == "登山"
    assert done.sources["name"] == "merged"


@pytest.mark.parametrize(
    ("survivor", "merged", "choices"),
    [
        (A, A, {}),
        (A, msgspec.structs.replace(B, kind="company"), {}),
        (A, B, {"language": "merged"}),  # they do not differ
        (A, B, {"numbers": "survivor"}),  # nobody loses a number by a merge
        (A, B, {"name": "both"}),
        (A, B, {"id": "merged"}),
    ],
)
def test_what_cannot_be_merged_or_chosen_is_refused(
    survivor: Record, merged: Record, choices: dict[str, Any]
) -> None:
    with pytest.raises(InvalidField):
        merge(survivor, merged, choices)


texts = st.sampled_from([None, "x", "y"])
words = st.lists(st.sampled_from(["u", "v", "w"]), unique=True)
records = st.builds(
    lambda values: record("?", **values),
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["王伟", "李娜"]),
            "tier": st.sampled_from(["standard", "gold"]),
            "company": texts,
            "notes": texts,
            "owner_id": texts,
            "team": texts,
            "tags": words,
            "numbers": words.map(lambda some: [number(each) for each in some]),
            "addresses": words.map(lambda some: [mail(each) for each in some]),
            "attributes": st.dictionaries(st.sampled_from(["p", "q"]), st.integers(0, 2)),
            "preferences": st.sampled_from([{}, {"never": ["sms"]}, {"preferred": ["mail"]}]),
        }
    ),
)


@given(records, records)
def test_a_merge_loses_no_way_to_reach_the_customer_and_is_undone_exactly(
    one: Record, other: Record
) -> None:
    survivor = msgspec.structs.replace(one, id="a")
    merged = msgspec.structs.replace(other, id="b")

    done = merge(survivor, merged)
    kept = msgspec.convert(msgspec.json.decode(msgspec.json.encode(done)), Merger)

    for name in ("numbers", "addresses", "tags"):
        both = [*getattr(survivor, name), *getattr(merged, name)]
        assert all(entry in getattr(done.after, name) for entry in both)
    assert undone(kept, done.after) == survivor


def test_what_was_edited_since_and_is_not_the_merges_stays_edited() -> None:
    done = merge(A, B)
    edited = msgspec.structs.replace(
        done.after,
        language="en",
        numbers=[number("+85298765432"), *done.after.numbers],
        attributes={**done.after.attributes, "gender": "male"},
    )

    apart = undone(done, edited)

    assert apart.language == "en"
    assert [entry.number for entry in apart.numbers] == ["+85298765432", "+8613800138000"]
    assert apart.attributes == {"hobbies": "钓鱼", "gender": "male"}


@pytest.mark.parametrize(
    ("since", "fields"),
    [
        ({"tier": "vip"}, ["tier"]),
        ({"numbers": [number("+8613800138000")]}, ["numbers"]),
        ({"notes": "neu", "attributes": {"hobbies": "钓鱼"}}, ["notes", "attributes.lifestyle"]),
    ],
)
def test_an_edit_of_what_the_merge_brought_stands_in_the_way_of_undoing_it(
    since: dict[str, Any], fields: list[str]
) -> None:
    done = merge(A, B)

    with pytest.raises(UndoContradicted) as refused:
        undone(done, msgspec.structs.replace(done.after, **since))

    assert list(refused.value.fields) == fields
