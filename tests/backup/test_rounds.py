"""Rounds: a store that came later is owed what was there; copies that rot are mended."""

from config.archive import FolderSettings
from cti_server.backup.rounds import Outcome
from cti_server.store.archive_entries import ArchiveEntries, content_of, row_of

from .kept_twice import KeptTwice

KNOWN = ["near", "far"]


async def test_a_store_that_comes_later_is_owed_what_was_there_once(it: KeptTwice) -> None:
    await it.add("r1")
    await it.add("r2", "near")
    await it.add("r3")
    await it.erase("r3")
    stores = it.stores | {"third": FolderSettings(kind="folder", folder=it.folder / "third")}

    first = await it.rounds(stores).run(0, known=KNOWN, reached="")
    again = await it.rounds(stores).run(0, known=[], reached="")
    known = await it.rounds(stores).run(0, known=[*KNOWN, "third"], reached="")

    assert (first.owed, again.owed, known.owed) == (2, 0, 0)
    rows = [await it.row(each) for each in ("r1", "r2", "r3")]
    assert [row.owed for row in rows] == ["third", "far third", None]
    async with it.database.readers() as session:
        latest = await ArchiveEntries(session).latest_of(["r1", "r2"])
    assert [(each.action, each.content) for each in latest.values()] == [
        ("owed", content_of(row_of(row))) for row in rows[:2]
    ]


async def test_every_copy_is_read_by_turns(it: KeptTwice) -> None:
    for number in range(1, 6):
        await it.add(f"r{number}")

    found = list[Outcome]()
    for _ in range(3):
        reached = found[-1].reached if found else ""
        found.append(await it.rounds().run(2, known=KNOWN, reached=reached))

    assert [each.reached for each in found] == ["r2", "r4", "r1"]
    assert [each.sampled for each in found] == [2, 2, 2]
    all_of_them = await it.rounds().run(99, known=KNOWN, reached="r3")
    assert (all_of_them.sampled, all_of_them.reached) == (5, "r3")


async def test_what_rots_is_brought_again_from_a_copy_that_is_whole(it: KeptTwice) -> None:
    for number in range(1, 5):
        await it.add(f"r{number}")
    whole = {
        (store, name): it.path(store, name).read_bytes()
        for store in ("near", "far")
        for name in ("r1", "r2", "r3", "r4")
    }
    it.rot("far", "r1")
    it.path("near", "r2").unlink()
    it.rot("far", "r3")
    it.rot("near", "r3", place=5)
    broken = it.path("far", "r3").read_bytes()

    outcome = await it.rounds().run(9, known=KNOWN, reached="")

    told = [(each.recording_id, each.store, each.fault, each.mended) for each in outcome.findings]
    assert told == [
        ("r1", "far", "was altered: chunk 1 of 3 does not open", True),
        ("r2", "near", "is not there", True),
        ("r3", "near", "was altered: it does not begin as a sealed file does", False),
        ("r3", "far", "was altered: chunk 1 of 3 does not open", False),
    ]
    assert it.path("far", "r3").read_bytes() == broken  # what is left of it is not thrown away
    for place in (("far", "r1"), ("near", "r2"), ("far", "r4")):
        assert it.path(*place).read_bytes() == whole[place]


async def test_a_store_that_is_silent_is_no_broken_copy(it: KeptTwice) -> None:
    await it.add("r1")
    await it.add("r2")
    far = it.folder / "far"
    far.rename(it.folder / "elsewhere")
    far.write_bytes(b"")  # nothing can be found below a file

    outcome = await it.rounds().run(9, known=KNOWN, reached="")

    assert [(each.recording_id, each.broken) for each in outcome.findings] == [
        ("r1", False),
        ("r2", False),
    ]
    assert "cannot be looked at" in outcome.findings[0].fault


async def test_a_key_that_does_not_open_is_a_finding_of_its_recording_alone(
    it: KeptTwice,
) -> None:
    await it.add("r1")
    await it.add("r2")
    stores = it.rounds()
    (it.folder / "archive.key").write_text(
        (it.folder / "archive.key").read_text().replace("2026-11-21", "other")
    )
    it.kept.keys.reload()

    outcome = await stores.run(9, known=KNOWN, reached="")

    assert [each.fault.split(":")[0] for each in outcome.findings] == [
        "its key does not open",
        "its key does not open",
    ]
    assert not any(each.mended for each in outcome.findings)
