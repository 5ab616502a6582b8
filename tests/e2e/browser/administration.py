"""Ways through the administrator's area, as somebody with a mouse goes them."""

from playwright.async_api import Page, expect

SOON = 60_000  # ms, on a machine with much else to do


async def visit(page: Page, path: str) -> None:
    """Until that page is there: the one before stands until then, and looks much the same."""
    await page.click("nav a[href='/administrator']")
    way = page.locator(f".side-nav a[href='/administrator/{path}']")
    name = (await way.inner_text(timeout=SOON)).strip()
    await way.click()
    head = page.get_by_role("heading", level=1, name=name, exact=True)
    await expect(head).to_be_visible(timeout=SOON)
