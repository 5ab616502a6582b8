"""No table is forgotten by an erasure: every text column says whether it is a customer's."""

from sqlalchemy import JSON, Column, String, Table

from cti_server.privacy.declared import DECLARED, Fate
from cti_server.store.personal_records import LEFT_OUT, tables_of_people
from cti_server.store.tables import Base

TABLES = list(Base.metadata.sorted_tables)


def could_tell(column: Column[object]) -> bool:
    """Whether a column holds texts that are no ids of ours."""
    return (
        isinstance(column.type, String | JSON)
        and not column.foreign_keys
        and column.name != "id"
        and not column.name.endswith(("_id", "_by"))
    )


def undeclared(table: Table) -> set[str]:
    treatment = DECLARED.get(table.name)
    if treatment is None:
        return {"(the table)"}
    told = {column.name for column in table.columns if could_tell(column)}
    return told - treatment.ours - treatment.personal.keys()


def test_every_text_column_is_declared_ours_or_a_customers() -> None:
    missing = {table.name: undeclared(table) for table in TABLES if undeclared(table)}

    assert missing == {}


def test_nothing_is_declared_that_is_not_there_or_is_both() -> None:
    wrong = {}
    for name, treatment in DECLARED.items():
        columns = {column.name for column in Base.metadata.tables[name].columns}
        both = treatment.ours & treatment.personal.keys()
        if strange := (treatment.ours | treatment.personal.keys()) - columns | both:
            wrong[name] = strange

    assert wrong == {}


def test_what_is_emptied_by_declaration_is_found_by_whose_it_is() -> None:
    treated = {
        name
        for name, treatment in DECLARED.items()
        if treatment.fate in {Fate.EMPTIED, Fate.DELETED}
    }

    assert treated - set(tables_of_people()) - LEFT_OUT.keys() == set()


def test_what_has_personal_columns_is_not_kept_as_it_is() -> None:
    assert [
        name for name, each in DECLARED.items() if each.personal and each.fate is Fate.KEPT
    ] == []
    assert [
        name for name, each in DECLARED.items() if each.fate is Fate.ELSEWHERE and not each.by
    ] == []
