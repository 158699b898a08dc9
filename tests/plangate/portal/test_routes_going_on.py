"""The pages of an end that leads to a plan. (S7)"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from billing.policies import CancellationMode, SelfServicePolicy
from tests.plangate.portal.visiting import MONTHLY
from tests.scenarios.story import Story
from tests.scenarios.test_going_on import CATALOG

if TYPE_CHECKING:
    from tests.plangate.portal.visiting import Portal


async def test_the_page_says_before_and_after_where_the_customer_goes_on(portal: Portal) -> None:
    await Story(portal.world).catalog(CATALOG)
    held = await portal.world.subscribed("acme", "full", **MONTHLY)
    await portal.policy(SelfServicePolicy(mode=CancellationMode.IMMEDIATE))
    await portal.world.advance(timedelta(days=3))
    browser, home = await portal.visit(subscriptionId=held)
    kind = next(kind for kind in home.kinds if kind.startswith("CANCEL"))
    confirm = await browser.get(home.button(kind).attributes["href"])
    assert "Afterwards you are on Window." in confirm.text

    done = await browser.send(confirm, "/cancel")

    assert "Full has ended. You will not be charged for it again." in done.text
    _, home = await portal.visit(subscriptionId=held)
    assert "Window" in home.text
