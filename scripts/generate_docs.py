"""Write docs/events.md and docs/coverage.md from the code; ``--check`` only compares."""

import ast
import re
import sys
import typing
from collections import defaultdict
from pathlib import Path

import msgspec

from cti_server.wire import events

ROOT = Path(__file__).resolve().parent.parent

# CSTA (ECMA-269) names where the standard has the same event.
CSTA = {
    "call.arrived": "Delivered (to the switching function)",
    "leg.answered": "Established",
    "leg.ended": "ConnectionCleared",
    "contact.queued": "Queued",
    "contact.transferred": "Transferred",
    "interaction.held": "Held",
    "interaction.resumed": "Retrieved",
    "contact.offered": "Delivered (to the agent)",
    "agent.state_changed": "AgentReady, AgentNotReady, AgentBusy, AgentWorkingAfterCall",
}


def events_page() -> str:
    lines = [
        "# Events",
        "",
        "Generated from `cti_server/wire/events/` by `scripts/generate_docs.py`. Each event is",
        "logged with a `sequence` that only grows and a UTC time `at`; on the stream it comes as",
        "the `data` of a delta.",
        "The last column is the nearest event of CSTA (ECMA-269), where there is one.",
        "",
        "| event | fields | meaning | CSTA |",
        "|---|---|---|---|",
    ]
    for kind in typing.get_args(events.Event):
        tag = kind.__struct_config__.tag
        fields = ", ".join(
            f"`{each.name}`" + ("" if each.required else "?")
            for each in msgspec.structs.fields(kind)
        )
        doc = " ".join((kind.__doc__ or "").split()) if kind.__doc__ else ""
        if doc.startswith(f"{kind.__name__}("):
            doc = ""
        lines.append(f"| `{tag}` | {fields} | {doc} | {CSTA.get(tag, '')} |")
    return "\n".join(lines) + "\n"


def requirements_shown() -> dict[str, list[str]]:
    """Requirement id → the tests that are marked as showing it."""
    shown: defaultdict[str, list[str]] = defaultdict(list)
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for decorator in node.decorator_list:
                for found in re.findall(r"mark\.req\((.*)\)", ast.unparse(decorator)):
                    for requirement in re.findall(r"[A-Z]{2}-\d{2}", found):
                        shown[requirement].append(f"{file.relative_to(ROOT)}::{node.name}")
    return dict(sorted(shown.items()))


def coverage_page() -> str:
    lines = [
        "# Requirements shown",
        "",
        'Generated from the tests\' `@pytest.mark.req("…")` by `scripts/generate_docs.py`. A row',
        "stands here when a test shows the whole of it working end to end, from outside.",
        "",
        "| requirement | shown by |",
        "|---|---|",
    ]
    for requirement, tests in requirements_shown().items():
        lines.append(f"| {requirement} | {'<br>'.join(f'`{test}`' for test in tests)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    check = "--check" in sys.argv[1:]
    stale = []
    for name, page in (("events.md", events_page()), ("coverage.md", coverage_page())):
        path = ROOT / "docs" / name
        if path.exists() and path.read_text(encoding="utf-8") == page:
            continue
        stale.append(name)
        if not check:
            path.write_text(page, encoding="utf-8")
    if check and stale:
        sys.stderr.write(f"docs/{', docs/'.join(stale)}: run scripts/generate_docs.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
