"""The command line, as an operator meets it: what is said, and with which exit code."""

import asyncio
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from cti_server.cli import main
from tests import preloaded
from tests.running_server import PASSWORD, configuration

from .centre import lay_out
from .possessions import at_work_in


def hotline(*words: str, **environment: str) -> tuple[int, str]:
    """Run ``hotline WORDS…`` in this process; its exit code and everything that it said."""
    done = CliRunner(env=environment).invoke(main, words)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code, done.output


async def started(*words: str) -> tuple[int, str]:
    """The same in a process of its own, from start to end."""
    environment = {**os.environ, "PYTHONASYNCIODEBUG": ""}
    async with asyncio.timeout(120):
        process = await preloaded.run(*words, environment=environment, output="both")
        output = await process.output.read()
        return await process.wait(), output.decode()


@pytest.fixture
def config(tmp_path: Path) -> dict[str, Any]:
    """A configuration with a flow of our own; :func:`written` writes it."""
    flows = lay_out(tmp_path)
    changed, _, _ = configuration(
        tmp_path,
        numbers={"1000": {"flow": str(flows / "hotline.yaml")}, "2000": {"queue": "service"}},
        queues=[{"name": "service", "skills": {"sales": 1}}],
    )
    return changed


def written(config: Mapping[str, Any], folder: Path) -> str:
    file = folder / "hotline.yaml"
    file.write_text(yaml.safe_dump(dict(config)), encoding="utf-8")
    return str(file)


def test_check_has_nothing_to_say_against_a_good_configuration(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    code, output = hotline("check", "--config", written(config, tmp_path))

    assert code == 0
    assert "2 numbers" in output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sip": {"lisen": []}}, "sip.lisen: unknown key"),
        ({"colour": "blue"}, "colour: unknown key"),
        ({"api": {"host": "0.0.0.0"}}, "set tls"),
        ({"numbers": {"2000": {}}}, "numbers.2000"),
        ({"media": {"ports": [3, 2]}}, "media"),
        ({"sip": {"trunks": [{"name": "x", "addresses": ["192.0.2.300"]}]}}, "sip.trunks.0"),
        ({"queues": [{"name": "a"}, {"name": "a"}]}, "'a' is there twice"),
        ({"sip": {"trunks": [{"name": "x"}]}}, "sip.trunks.0"),
        (
            {"sip": {"trunks": [{"name": "x", "outbound": {"to": "h", "username": "u"}}]}},
            "password",
        ),
        ({"routes": [{"prefix": "0755-1"}]}, "routes.0.prefix"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused_by_its_path(
    tmp_path: Path, config: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    file = written({**config, **change}, tmp_path)

    code, output = hotline("check", "--config", file)

    assert code == 1
    assert said in output
    assert file in output
    assert "Traceback" not in output


def test_a_document_that_can_be_faxed_to_nobody_is_refused_by_its_key(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    fax = {"documents": {"101": {"titles": {"en": "Prices"}, "file": __file__}}}

    code, output = hotline("check", "--config", written({**config, "fax": fax}, tmp_path))

    assert code == 1
    assert "fax.documents.101.file: " in output
    assert "neither a PDF nor a TIFF" in output
    assert "Traceback" not in output


def test_check_names_everything_that_is_wrong_with_the_number_plan(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    trunks = [{"name": "carrier", "outbound": {"to": "sips:gw.example"}}]
    routes = [{"prefix": "+86", "trunks": ["carier"]}, {"prefix": "+", "trunks": ["carrier"]}]
    file = written({**config, "sip": {"trunks": trunks}, "routes": routes}, tmp_path)

    code, output = hotline("check", "--config", file)

    assert code == 1
    assert "there is no trunk 'carier' with outbound" in output
    assert "only sip: over udp or tcp can be reached" in output


@pytest.mark.parametrize("command", ["check", "serve"])
def test_a_misspelt_variable_is_refused(
    tmp_path: Path, config: dict[str, Any], command: str
) -> None:
    code, output = hotline(
        command, "--config", written(config, tmp_path), HOTLINE_SPI__REALM="bank.example"
    )

    assert code == 1
    assert "HOTLINE_SPI__REALM: unknown key" in output


def test_a_key_that_is_misspelt_inside_a_variables_section_is_refused(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    file = written(config, tmp_path)

    code, output = hotline("check", "--config", file, HOTLINE_SIP__RELAM="x")

    assert code == 1
    assert "sip.relam" in output.lower() or "HOTLINE_SIP__RELAM" in output


def test_a_configuration_that_is_not_there_or_no_yaml(tmp_path: Path) -> None:
    code, output = hotline("check", "--config", str(tmp_path / "none.yaml"))
    assert code == 1
    assert "none.yaml" in output
    (tmp_path / "bad.yaml").write_text("a: [1", encoding="utf-8")
    code, output = hotline("check", "--config", str(tmp_path / "bad.yaml"))
    assert code == 1
    assert "bad.yaml" in output
    assert "Traceback" not in output


FLOW = """name: faulty
languages: [en]
start: a
prompts:
  hello: {en: {wav: tones/500.wav}}
nodes:
  a:
    type: play
    prompt: hello
    then: menu
  menu:
    type: menu
    prompt: hello
    choices: {"1": service}
    otherwise: service
  service:
    type: queue
    queue: service
"""


@pytest.mark.parametrize(
    ("right", "wrong", "line", "words"),
    [
        ("then: menu", "then: a", 7, ("'a'", "goes round")),
        ('"1": service', '"1": srevice', 14, ("'menu'", "'srevice'")),
        (
            "    prompt: hello\n    choices",
            "    prompt: helo\n    choices",
            13,
            ("'menu'", "'helo'"),
        ),
        ("queue: service", "queue: srevice", 18, ("'service'", "'srevice'")),
        ("start: a", "start: service", 7, ("'a'", "reach")),
        ("type: play", "type: pley", 7, ("'a'", "pley")),
        (
            "then: menu\n",
            "then: fax\n  fax: {type: fax, document: '101', then: menu, "
            "unknown: menu, bad_number: menu, failed: menu}\n",
            11,
            ("'fax'", "there is no document '101'"),
        ),
    ],
)
def test_a_faulty_flow_is_refused_with_file_line_and_node(
    tmp_path: Path,
    config: dict[str, Any],
    right: str,
    wrong: str,
    line: int,
    words: tuple[str, ...],
) -> None:
    """The first is the flow that loops: nobody ever gets out of it."""
    file = faulty(tmp_path, config, right, wrong)

    code, output = hotline("check", "--config", file)

    assert code == 1
    assert any(
        f"faulty.yaml:{line}:" in said and all(word in said for word in words)
        for said in output.splitlines()
    ), output
    assert "Traceback" not in output


def faulty(folder: Path, config: Mapping[str, Any], right: str, wrong: str) -> str:
    """A configuration whose one flow has this fault."""
    assert right in FLOW
    flow = folder / "flows" / "faulty.yaml"
    flow.write_text(FLOW.replace(right, wrong), encoding="utf-8")
    return written({**config, "numbers": {"1000": {"flow": str(flow)}}}, folder)


async def test_a_server_does_not_start_with_a_flow_that_loops(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    code, output = await started(
        "serve", "--config", faulty(tmp_path, config, "then: menu", "then: a")
    )

    assert code == 1
    assert "faulty.yaml:7: node 'a': goes round" in output
    assert "Traceback" not in output


async def test_a_prompt_that_is_no_sound_file_is_refused(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    (tmp_path / "flows" / "tones" / "500.wav").write_bytes(b"RIFF, or so")

    code, output = await started("serve", "--config", written(config, tmp_path))

    assert code == 1
    assert "500.wav" in output
    assert "Traceback" not in output


def test_db_upgrade_may_be_repeated(tmp_path: Path, config: dict[str, Any]) -> None:
    file = written(config, tmp_path)
    for _ in range(2):
        code, output = hotline("db", "upgrade", "--config", file)
        assert code == 0, output
    assert (tmp_path / "data" / "hotline.db").stat().st_size > 0


def test_db_upgrade_says_what_is_wrong_with_the_database(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    """A file that is no database; the file stays as it is."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hotline.db").write_bytes(b"not a database at all" * 100)

    code, output = hotline("db", "upgrade", "--config", written(config, tmp_path))

    assert code == 1
    assert "Traceback" not in output
    assert "not a database" in output


def test_agents_are_defined_changed_and_listed(tmp_path: Path, config: dict[str, Any]) -> None:
    file = written(config, tmp_path)

    def add(*words: str) -> tuple[int, str]:
        return hotline("agent", "add", *words, "--config", file, HOTLINE_PASSWORD=PASSWORD)

    assert (add("li", "--name", "Li", "--number", "8026"))[0] == 0
    skilled = ("li", "--name", "Li Na", "--number", "8026", "--skill", "sales:5", "--skill", "vip")
    assert (add(*skilled))[0] == 0
    code, output = add("wang", "--name", "Wang", "--number", "8026")
    assert code == 1
    assert "8026 is another agent's" in output
    code, listed = hotline("agent", "list", "--config", file)
    assert code == 0
    assert "Li Na" in listed
    assert "sales:5" in listed
    assert "wang" not in listed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("li na", "--number", "1"), "agent_id"),
        (("li", "--number", "eight"), "number"),
        (("li", "--number", "1", "--skill", "sales:11"), "skill"),
        (("li", "--number", "1", "--role", "king"), "role"),
        (("li", "--number", "1", "--phone", "1001"), "phone"),
    ],
)
def test_an_agent_who_cannot_be_is_refused_by_the_field(
    tmp_path: Path, config: dict[str, Any], words: tuple[str, ...], said: str
) -> None:
    file = written(config, tmp_path)

    code, output = hotline(
        "agent", "add", *words, "--name", "Li", "--config", file, HOTLINE_PASSWORD=PASSWORD
    )

    assert code == 1
    assert f"Error: {said}:" in output
    assert PASSWORD not in output


@pytest.mark.parametrize("taken", ["sip udp", "sip tcp", "api"])
async def test_a_port_in_use_is_named_and_the_server_does_not_start(
    tmp_path: Path, config: dict[str, Any], taken: str
) -> None:
    kind = socket.SOCK_DGRAM if taken == "sip udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            other.listen()
        port = other.getsockname()[1]
        if taken == "api":
            config["api"] = {"port": port}
        else:
            listening = {"transport": taken.split()[1], "host": "127.0.0.1", "port": port}
            config["sip"] = {**config["sip"], "listen": [listening]}
        code, output = await started("serve", "--config", written(config, tmp_path))

    assert code == 1
    last = output.strip().splitlines()[-1]
    assert str(port) in last
    assert "use" in last
    assert "Traceback" not in output
    assert at_work_in(tmp_path) == [], "what was started until then has ended with it"
