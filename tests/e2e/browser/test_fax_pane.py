"""A fax that has come, on the desk of the agent who takes it."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.people import Hire
from tests.e2e.test_fax import OFFICE, world

from . import axe
from .floor_page import WITHIN
from .seat import LI, seated

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

FAX_WITHIN = 120_000  # ms
OFFERED = "contact.offered"
UNSKILLED = Hire("wu", "8040", skills=("other:5",))


@pytest.mark.req("FX-06")
async def test_a_fax_is_routed_to_who_can_take_it_read_page_by_page_and_kept_as_a_pdf(
    browser: Browser, tmp_path: Path
) -> None:
    """By T.38, over SIP; whoever has not the skill is not rung, however long they are ready."""
    async with (
        world(tmp_path, office={}, bank={}, clerks=(LI, UNSKILLED)) as it,
        it.office.on_duty(UNSKILLED.id),
        seated(it.office, browser) as li,
    ):
        page = li.tab.page
        await it.requested(OFFICE)
        item = page.locator("#to-do [data-contact]")
        await expect(item).to_contain_text("+86 755 12345678", timeout=FAX_WITHIN)
        await item.get_by_role("button", name="Accept").click()

        fax = page.locator("#fax")
        await expect(fax).to_contain_text("Page 1 of 2", timeout=WITHIN)
        shown = fax.locator("img")
        await expect(shown).to_have_js_property("naturalWidth", 864, timeout=WITHIN)
        await expect(page.locator("#customer .name")).to_have_text("示范银行")
        assert await axe.found(page) == []

        await fax.get_by_role("button", name="Next page").click()
        await expect(fax).to_contain_text("Page 2 of 2")
        await expect(fax.get_by_role("button", name="Next page")).to_be_disabled()
        async with page.expect_download() as coming:
            await fax.get_by_role("button", name="Save as PDF").click()
        saved = tmp_path / "saved.pdf"
        await (await coming.value).save_as(saved)
        assert saved.read_bytes().startswith(b"%PDF-")

        offers = [one.data["agent_id"] for one in it.office.book.seen if one.event == OFFERED]
        assert offers == [LI.id]
        await item.get_by_role("button", name="Done").click()
        await expect(page.locator("#to-do [data-contact]")).to_have_count(0, timeout=WITHIN)
        await expect(fax).to_have_count(0)
