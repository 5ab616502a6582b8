"""Ways through the administrator's area, as somebody with a mouse goes them."""

from playwright.async_api import Locator, Page, expect

SOON = 60_000  # ms, on a machine with much else to do


async def visit(page: Page, path: str) -> None:
    """Until that page is there: the one before stands until then, and looks much the same."""
    await page.click("nav a[href='/administrator']")
    way = page.locator(f".side-nav a[href='/administrator/{path}']")
    name = (await way.inner_text(timeout=SOON)).strip()
    await way.click()
    head = page.get_by_role("heading", level=1, name=name, exact=True)
    await expect(head).to_be_visible(timeout=SOON)


async def choose(field: Locator, option: str) -> None:
    """Of a list that opens when its button is pressed, what it is called."""
    await field.click()
    await field.page.get_by_role("option", name=option, exact=True).click()


async def made(page: Page) -> None:
    """Something new is saved: it has a page of its own now."""
    head = page.locator("h1")
    new = await head.inner_text()
    await page.click("#save")
    await expect(head).not_to_have_text(new, timeout=SOON)
    await page.wait_for_url("**/of/*", timeout=SOON)


async def saved(page: Page, versions: int) -> None:
    """As the last of so many versions."""
    await page.click("#save")
    await expect(page.locator("#versions ol > li")).to_have_count(versions, timeout=SOON)
