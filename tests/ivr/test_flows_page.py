"""What docs/flows.md tells flow authors is true."""

from pathlib import Path

from ivr.texts import SayAs

PAGE = (Path(__file__).parent.parent.parent / "docs" / "flows.md").read_text(encoding="utf-8")


def test_every_kind_of_value_is_told() -> None:
    assert [kind for kind in SayAs if f"| `{kind}`" not in PAGE] == []
