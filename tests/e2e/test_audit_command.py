"""``hotline audit verify``, as an operator meets it."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from cti_server.cli import main
from cti_server.store.database import Database
from cti_server.store.records import Records
from cti_server.wire.events import RecordRead
from tests.store.stories import entries

READS = [
    RecordRead(record="customer", record_id=f"c{n}", what="numbers", read_by="zhao")
    for n in range(5)
]


@pytest.fixture
def config(tmp_path: Path) -> str:
    """A data folder whose trail has five entries."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'data' / 'hotline.db'}")

    async def fill() -> None:
        await database.upgrade()
        records = Records(database.engine.dialect)
        await database.in_transaction(lambda it: records.write(it, entries(READS)))
        await database.close()

    asyncio.run(fill())
    file = tmp_path / "hotline.yaml"
    file.write_text(yaml.safe_dump({"data": "data"}), encoding="utf-8")
    return str(file)


def verify(config: str, *words: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(main, ["audit", "verify", "--config", config, *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code, done.output.splitlines()


def tamper(config: str, statement: str) -> None:
    database = sqlite3.connect(Path(config).parent / "data" / "hotline.db")
    database.execute("DROP TRIGGER audit_entry_no_update")
    database.execute("DROP TRIGGER audit_entry_no_delete")
    database.execute(statement)
    database.commit()
    database.close()


def test_a_trail_that_nobody_has_touched_is_confirmed_with_its_last_entry(config: str) -> None:
    code, said = verify(config)

    assert code == 0
    assert said[-1].startswith("5 entries, the last is 5:")
    noted = said[-1].rpartition(" ")[2]
    assert verify(config, "--noted", noted) == (0, said)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_entry SET actor = 'li' WHERE sequence = 2", "entry 2: altered"),
        ("DELETE FROM audit_entry WHERE sequence = 3", "entry 3: removed"),
        ("DELETE FROM audit_entry WHERE sequence = 5", "event 5: has no entry"),
    ],
)
def test_what_was_done_to_a_trail_is_named_and_the_exit_code_says_so(
    config: str, statement: str, fault: str
) -> None:
    tamper(config, statement)

    code, said = verify(config)

    assert code == 1
    assert fault in said


def test_what_is_no_entry_is_refused(config: str) -> None:
    code, said = verify(config, "--noted", "5:abc")

    assert code == 1
    assert said[-1].startswith("Error: noted:")
