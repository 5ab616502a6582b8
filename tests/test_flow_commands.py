"""``hotline flow``: what is said to whoever writes menu trees, and with which exit code."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from config.settings import SHIPPED
from cti_server.cli import main

MAIN = SHIPPED / "flows" / "main.yaml"
SPOKEN = Path(__file__).parent / "e2e" / "flows" / "speaking.yaml"


def hotline(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, words)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code, done.output


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The main hotline with its part and its journeys, to be spoilt."""
    for name in ("main.yaml", "closed.yaml", "journeys/main.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((MAIN.parent / name).read_text())
    return tmp_path / "main.yaml"


def test_sound_flows_and_their_journeys_are_nothing_to_complain_about() -> None:
    code, said = hotline("flow", "test", str(MAIN), str(MAIN.with_name("bench.yaml")))

    assert hotline("flow", "check", str(MAIN)) == (0, "1 flow: nothing to complain about\n")
    assert (code, said) == (0, "35 journeys: all went as told\n")


def test_a_flow_edited_to_nonsense_is_told_line_by_line(copied: Path) -> None:
    text = copied.read_text()
    copied.write_text(
        text.replace("then: sales\n", "then: sails\n").replace('"0": operator', '"0": oper')
    )

    code, said = hotline("flow", "check", str(copied))

    assert code == 1
    lines = said.splitlines()
    assert [line.partition(": ")[2] for line in lines] == [
        "node 'welcome': unknown target 'oper_announced'",
        "node 'main_menu': unknown target 'oper_announced'",
        "node 'sales_announced': unknown target 'sails'",
    ]
    assert hotline("flow", "test", str(copied)) == (1, said)


def test_a_journey_that_goes_otherwise_is_told_with_its_line_and_so_is_a_node_nobody_came_to(
    copied: Path,
) -> None:
    journeys = copied.parent / "journeys" / "main.yaml"
    one = """journeys:
  - name: sales at once
    given: {calendars: {hotline: true}}
    walk:
      - hears: [welcome, for_english]
        presses: "1"
      - queue: sales
"""
    journeys.write_text(one)

    code, said = hotline("flow", "test", str(copied))

    assert code == 1
    assert "no journey comes to node 'after_hours'" in said
    assert (
        f"{journeys}:7: node 'sales_announced': 'sales at once': the flow says to_sales (zh), "
        "recorded (zh)" in said
    )


def test_a_flow_without_journeys_is_said_so(copied: Path) -> None:
    (copied.parent / "journeys" / "main.yaml").unlink()

    code, said = hotline("flow", "test", str(copied))

    assert (code, "journeys/main.yaml:1: cannot be read" in said) == (1, True)


def test_a_part_of_other_flows_is_walked_by_their_journeys(copied: Path) -> None:
    part = str(copied.parent / "closed.yaml")

    assert hotline("flow", "test", part)[0] == 1
    code, said = hotline("flow", "test", part, str(copied))

    *unseen, last = said.splitlines()
    assert (code, last.endswith("journeys: all went as told")) == (0, True)
    assert all("closed.yaml" in line for line in unseen)


def test_a_flow_is_drawn_as_text_and_into_a_file(tmp_path: Path) -> None:
    file, picture = tmp_path / "desk.yaml", tmp_path / "desk.svg"
    file.write_text(
        "languages: [en]\nstart: desk\nnodes:\n  desk: {type: queue, queue: '维修 <1>'}\n"
    )

    code, text = hotline("flow", "draw", str(file))

    assert (code, text.splitlines()[:2]) == (0, ["flowchart TD", "start((call))"])
    assert "维修 #60;1#62;" in text
    assert hotline("flow", "draw", str(file), "--svg", str(picture)) == (0, "")
    assert "维修 &lt;1&gt;" in picture.read_text()
    file.write_text(file.read_text().replace("start: desk", "start: table"))
    assert hotline("flow", "draw", str(file))[0] == 1


def test_words_that_nobody_would_understand_are_told_where_they_stand(tmp_path: Path) -> None:
    spoken = SPOKEN.read_text(encoding="utf-8").replace("my bill", "my zorbling")
    (tmp_path / "tones").mkdir()
    for hz in (500, 600, 700, 800, 900):
        (tmp_path / "tones" / f"{hz}.wav").touch()
    (tmp_path / "speaking.yaml").write_text(spoken, encoding="utf-8")

    code, said = hotline("flow", "check", str(tmp_path / "speaking.yaml"))

    line = spoken.splitlines().index("          en: [billing, my zorbling]") + 1
    fault = "'my zorbling': 'zorbling' is not in the English dictionary"
    assert (code, said) == (1, f"{tmp_path}/speaking.yaml:{line}: node 'wish': {fault}\n")
