"""An invoice in a real browser: read by everybody, printed without what is no part of it, fetched from nowhere else."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from tests.plangate.paper.counter import Counter
from tests.serving import served

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from models.session import Database

pytestmark = pytest.mark.browser
AXE = "axe.run().then(({ violations }) => violations)"


async def violations(page: Page, node_modules: Path) -> Any:
    """What a checker of accessibility finds wrong."""
    await page.evaluate((node_modules / "axe-core" / "axe.min.js").read_text())
    return await page.evaluate(AXE)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light")])
async def test_an_invoice_can_be_read_by_everybody(
    sqlite_database: Database, chromium: Browser, node_modules: Path, width: int, scheme: Any
) -> None:
    counter = await Counter.begin(sqlite_database)
    async with served(sqlite_database.url, clock=counter.world.clock) as url:
        context = await chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = await context.new_page()
        elsewhere: list[str] = []
        page.on("request", lambda asked: None if asked.url.startswith(url) else elsewhere.append(asked.url))
        await page.goto(url + await counter.link())
        wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found = await violations(page, node_modules)

    assert (found, elsewhere, wide <= 0) == ([], [], True)


async def test_a_printed_page_is_the_invoice_alone(sqlite_database: Database, chromium: Browser) -> None:
    counter = await Counter.begin(sqlite_database)
    async with served(sqlite_database.url, clock=counter.world.clock) as url:
        page = await (await chromium.new_context()).new_page()
        await page.goto(url + await counter.link())
        printed = PdfReader(BytesIO(await page.pdf(format="A4")))

    text = printed.pages[0].extract_text()
    assert len(printed.pages) == 1
    assert ("INV-000001" in text, "22,02" in text, "PDF herunterladen" in text) == (True, True, False)
