"""The README's words are true as far as a test can tell."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_page_that_a_page_points_to_is_there() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} → {target}"


def test_every_name_on_the_calls_path_can_be_searched_for() -> None:
    """`module.Class.method` in docs/architecture.md: the last word stands in the code."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    path = text.split("## One call's path")[1].split("## Where things are")[0]
    places = [(ROOT / package, "*.py") for package in ("acd", "cti_server", "ivr", "recording")]
    places.append((ROOT / "agent_desktop" / "client" / "src", "*.ts*"))
    code = {
        word
        for folder, kind in places
        for file in folder.rglob(kind)
        for word in re.findall(r"\w+", file.read_text(encoding="utf-8"))
    }
    names = {
        name.rsplit(".", 1)[-1]
        for name in re.findall(r"`([A-Za-z_][\w.]*)(?:\([^`]*\))?(?:\.line\(\))?`", path)
    }

    assert len(names) > 40
    assert names - code == set()
