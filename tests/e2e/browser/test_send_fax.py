"""A fax that an agent sends from the desk while the customer is on the line."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.carrier import LOOPBACK
from tests.e2e.centre import centre, queue
from tests.e2e.test_fax import BANK, NINA, OFFICE, office_changes
from tests.fax_sms_email.fax.pages import document

from . import axe
from .floor_page import WITHIN
from .seat import LI, seated

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

FAX_WITHIN = 120_000  # ms
WROTE = "请查收价目表。"


@pytest.mark.req("FX-04")
@pytest.mark.req("FX-05")
async def test_during_a_call_a_fax_is_looked_at_sent_by_one_click_and_followed_page_by_page(
    browser: Browser, tmp_path: Path
) -> None:
    """To the customer's own fax, whose name is on the cover, without typing either."""
    file = document(tmp_path / "prices.tif", 2, rows=500, lines=98)
    async with AsyncExitStack() as stack:
        office = await stack.enter_async_context(centre(tmp_path / "office", **office_changes()))
        to = {"to": f"sip:127.0.0.1:{office.server.sip_port}", "caller_id": BANK}
        bank = await stack.enter_async_context(
            centre(
                tmp_path / "bank",
                LI,
                flows=(),
                queues=[queue("service", ring_for=15)],
                numbers={"2000": {"queue": "service", "language": "zh"}},
                sip={"trunks": [LOOPBACK, {"name": "carrier", "outbound": to}]},
                routes=[{"prefix": "+86", "trunks": ["carrier"]}],
                fax={
                    "number": "+86 755 12345678",
                    "documents": {
                        "101": {"titles": {"zh": "价目表", "en": "Prices"}, "file": str(file)}
                    },
                },
            )
        )
        li = await stack.enter_async_context(seated(bank, browser))
        status, nina = await bank.agents["li"].desk.post(
            "/api/v1/customers",
            name="李娜",
            numbers=[{"number": NINA}, {"number": OFFICE, "use": "fax"}],
        )
        assert status == 201, nina
        page = li.tab.page
        caller = bank.caller(number=NINA)
        await caller.dial("2000")
        await li.tab.press("answer")
        await expect(page.locator("#customer .name")).to_have_text("李娜", timeout=WITHIN)

        await page.get_by_role("tab", name="Send fax").click()
        pane = page.locator("#send-fax")
        await expect(pane).to_contain_text("the customer's own", timeout=WITHIN)
        await expect(pane).to_contain_text("to 李娜")
        await pane.locator("#fax-document button").or_(pane.locator("button#fax-document")).click()
        await page.get_by_role("option", name="101 Prices").click()
        await pane.locator("textarea").fill(WROTE)
        await pane.get_by_role("button", name="Preview").click()
        await expect(pane).to_contain_text("Page 1 of 3", timeout=WITHIN)
        await expect(pane.locator("img")).to_have_js_property("naturalWidth", 864, timeout=WITHIN)
        await pane.get_by_role("button", name="Next page").click()
        await expect(pane).to_contain_text("Page 2 of 3", timeout=WITHIN)
        assert await axe.found(page) == []

        await pane.get_by_role("button", name="Send").click()
        followed = pane.locator(".sent-fax")
        await expect(followed).to_contain_text("On its way", timeout=WITHIN)
        await expect(followed).to_contain_text("confirmed: 1", timeout=FAX_WITHIN)
        await expect(followed).to_contain_text("Sent", timeout=FAX_WITHIN)
        await expect(followed).to_contain_text("Page 3 of 3", timeout=WITHIN)

        came = await office.book.when("contact.received", within=30, channel="fax")
        assert came.data["address"] == BANK
        entries = await bank.agents["li"].desk.get(f"/api/v1/customers/{nina['id']}/timeline")
        assert [one["kind"] for one in entries["items"] if one["kind"].startswith("fax_")] == [
            "fax_sent",
            "fax_requested",
        ]
