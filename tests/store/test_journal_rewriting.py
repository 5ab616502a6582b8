"""What is in the journal's files is changed whole or not at all, under the numbers that it had."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from cti_server.store import journal as journal_module
from cti_server.store import journal_files
from cti_server.store.errors import JournalNotWritten
from cti_server.wire.events import ContactNoted, Logged

from .logs import node
from .stories import entries
from .test_journal import FullDisk, opened, wait_for, write_all

NOTES = [ContactNoted(contact_id=f"c{n % 3}", agent_id="li", text=f"secret {n}") for n in range(60)]


def silenced(contact_id: str) -> Callable[[Logged], Logged | None]:
    def changed(logged: Logged) -> Logged | None:
        event = logged.event
        if not isinstance(event, ContactNoted) or event.contact_id != contact_id:
            return None
        return Logged(logged.sequence, logged.at, msgspec.structs.replace(event, text=""))

    return changed


def test_events_are_changed_in_every_file_the_one_that_is_written_included(tmp_path: Path) -> None:
    journal = opened(tmp_path, segment=1500)
    batch = entries(NOTES)
    for start in range(0, 60, 10):
        write_all(journal, batch[start : start + 10])

    changed = journal.rewrite(60, silenced("c1"))
    again = journal.rewrite(60, silenced("c1"))
    write_all(journal, entries([node(1)], first=61))
    read = journal.read(0, 100)
    journal.close()

    texts = [e.logged.event.text for e in read[:60] if isinstance(e.logged.event, ContactNoted)]
    assert [entry.sequence for entry in read] == list(range(1, 62))
    assert texts == ["" if n % 3 == 1 else f"secret {n}" for n in range(60)]
    assert changed == len(journal_files.segments(tmp_path)) - 1 > 3
    assert again == 0
    assert journal_files.last_sequence(tmp_path) == 61
    assert b"secret 1," not in b"".join(f.read_bytes() for f in tmp_path.glob("*.jsonl"))


def test_what_waits_to_be_written_is_changed_too(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    for entry in entries(NOTES):
        journal.append(entry)

    journal.rewrite(60, silenced("c0"))
    journal.close()

    whole = b"".join(file.read_bytes() for file in tmp_path.glob("*.jsonl"))
    assert b'"secret 3"' not in whole
    assert b'"secret 4"' in whole


def test_a_torn_line_and_one_that_nobody_can_read_go(tmp_path: Path) -> None:
    [first, second] = entries(NOTES[:2])
    path = journal_files.path_of(tmp_path, 1)
    path.write_bytes(
        first.line + b'\n{"sequence":2,"at":"x","secret":1}\n' + second.line[:-9] + b"\n"
    )
    with path.open("ab") as file:
        file.write(b'{"sequence":4,"torn secr')
    journal = opened(tmp_path)

    journal.rewrite(4, lambda logged: None)
    journal.close()

    assert path.read_bytes() == first.line + b"\n"


def test_a_crash_before_the_new_file_has_its_name_leaves_the_old_one(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    write_all(journal, entries(NOTES))
    journal.close()
    part = journal_files.path_of(tmp_path, 1).with_suffix(journal_files.PART)
    part.write_bytes(b"half")

    again = opened(tmp_path)
    read = again.read(0, 100)
    again.close()

    assert len(read) == 60
    assert not part.exists()


def test_while_the_disk_refuses_what_is_to_be_changed_nothing_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch)
    monkeypatch.setattr(journal_module, "LEAVE_WITHIN", 0.1)
    journal = opened(tmp_path)
    disk.full.set()
    for entry in entries(NOTES):
        journal.append(entry)
    assert disk.refused.wait(10)

    with pytest.raises(JournalNotWritten, match="No space left"):
        journal.rewrite(60, silenced("c0"))
    disk.full.clear()
    wait_for(lambda: journal.written == 60)
    changed = journal.rewrite(60, silenced("c0"))
    journal.close()

    assert changed == 1
