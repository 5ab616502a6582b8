"""What axe finds on a page that people without a mouse or without sight would stumble at."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page

AXE = Path("agent_desktop", "client", "node_modules", "axe-core", "axe.min.js")
ROOT = Path(__file__).parents[3]

RUN = """async () => {
    const {violations} = await axe.run(document, {runOnly: {type: "tag", values: [
        "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}});
    return violations.map(({id, help, nodes}) => ({
        id, help, where: nodes.map(({html, failureSummary}) => `${html} ${failureSummary}`)}));
}"""


async def found(page: Page) -> list[dict[str, Any]]:
    """Each rule that is broken, and where. The script runs past the page's policy."""
    if not await page.evaluate("'axe' in globalThis"):
        source = (ROOT / AXE).read_text(encoding="utf-8")
        await page.evaluate(f"() => {{ {source} }}")
    violations: list[dict[str, Any]] = await page.evaluate(RUN)
    return violations
