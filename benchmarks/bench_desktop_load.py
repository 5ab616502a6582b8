"""
How much JavaScript an agent's browser loads the first time, and how long until the desk is there.

    python -m benchmarks.bench_desktop_load [--times 9]

A real server, and each time a Chromium profile that has never seen it. The time is the browser's:
until the log-in form takes what is typed, and from its submission until the desk is painted and its
stream is up.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
from pathlib import Path

from playwright.async_api import Browser

from tests.e2e.browser.chromium import chromium, person
from tests.e2e.browser.downloads import Downloads

from .bench_calls import yardstick
from .server import HOST, PASSWORD, BenchServer, Hire

MOST, LIMIT = 350.0, 1.5  # kB of compressed JavaScript; s, the median
WITHIN = 60_000  # ms
AGENT = "desk"
WATCH = """(() => {
    const seen = {};
    globalThis.loading = seen;
    const drawn = (name) => requestAnimationFrame(() => {
        const next = new MessageChannel();
        next.port1.onmessage = () => (seen[name] ??= performance.now());
        next.port2.postMessage(0);
    });
    new MutationObserver(() => {
        if (!seen.form && document.querySelector("#log-in #agent-id")) drawn("form");
        if (!seen.desk && document.querySelector("#desk") && globalThis.desk?.link === "up")
            drawn("desk");
    }).observe(document, {subtree: true, childList: true, characterData: true});
    addEventListener("submit", () => (seen.submitted = performance.now()), {capture: true});
})()"""


async def once(browser: Browser, api: str) -> tuple[float, float, dict[str, int]]:
    """Seconds to the form, seconds from its submission to the desk, and what was loaded."""
    async with person(browser, WATCH) as context:
        context.set_default_timeout(WITHIN)
        page = await context.new_page()
        loaded = Downloads(page)
        await page.goto(api.replace(HOST, "localhost"))
        await page.fill("#agent-id", AGENT)
        await page.fill("#password", PASSWORD)
        await page.press("#password", "Enter")
        await page.wait_for_selector("#desk")
        seen: dict[str, float] = {}
        async with asyncio.timeout(WITHIN / 1000):
            while "desk" not in seen:
                seen = await page.evaluate("loading")
                await asyncio.sleep(0.05)
        found = seen["form"], seen["desk"] - seen["submitted"]
        return found[0] / 1000, found[1] / 1000, await loaded.scripts()


async def measured(api: str, times: int) -> None:
    forms, desks = list[float](), list[float]()
    scripts: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with chromium(Path(folder)) as browser:
            await once(browser, api)  # the server's and the browser's own first time
            for _ in range(times):
                form, desk, scripts = await once(browser, api)
                forms.append(form)
                desks.append(desk)
    for address, size in sorted(scripts.items(), key=lambda one: -one[1]):
        print(f"  {size / 1000:7.1f} kB {address.rpartition('/')[2]}")
    print(f"JavaScript for the agent's role: {sum(scripts.values()) / 1000:.1f} kB, limit {MOST:g}")
    whole = [form + desk for form, desk in zip(forms, desks, strict=True)]
    for what, took in (
        ("until the form takes what is typed", forms),
        ("from log-in to the desk, its stream up", desks),
        (f"both together, limit {LIMIT:g} s", whole),
    ):
        median = statistics.median(took)
        print(f"{what:40} median {median:.2f} s, {min(took):.2f} to {max(took):.2f}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=9)
    options.add_argument("--quick", action="store_true", help="three times")
    given = options.parse_args()
    if given.quick:
        given.times = 3
    print(f"load {os.getloadavg()[0]:.1f} before, yardstick {yardstick():.1f} ms")
    who = Hire(AGENT, "Desk", "9000", {"desk": 1}, ("agent",), "browser")
    with BenchServer(seats=0, people=[who]) as server:
        asyncio.run(measured(server.api, given.times))
    print(f"load {os.getloadavg()[0]:.1f} after, yardstick {yardstick():.1f} ms")


if __name__ == "__main__":
    main()
