"""The invoice history in the portal: the customer's own, newest first, each with its page. (S8)"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.plangate.portal.visiting import MONTHLY

if TYPE_CHECKING:
    from tests.plangate.portal.visiting import Portal, Shown


def history(home: Shown) -> list[tuple[str, ...]]:
    """What each line of the invoice history says."""
    listed = [each for each in home.root.all("ul") if each.attributes.get("class") == "bills"]
    return [tuple(part.text for part in line.all("a", "time", "p")) for each in listed for line in each.all("li")]


async def test_the_latest_invoices_are_listed_with_number_date_amount_and_state(portal: Portal, held: str) -> None:
    await portal.world.subscribed("bolt", "team", **MONTHLY)
    await portal.world.advance(timedelta(days=40))
    _, home = await portal.visit(subscriptionId=held)

    assert history(home) == [
        ("INV-000003", "February 1, 2024", "Open", "$20.00"),
        ("INV-000001", "January 1, 2024", "Open", "$20.00"),
    ]


async def test_each_leads_to_its_page_with_no_cookie(portal: Portal, held: str) -> None:
    _, home = await portal.visit(subscriptionId=held)
    link = next(each for each in home.root.all("a") if each.text == "INV-000001")
    shown = await portal.browser().get(link.attributes["href"])

    assert link.attributes["aria-label"] == "View invoice INV-000001"
    assert (shown.status, shown.title) == (200, "Invoice INV-000001")


async def test_a_visit_that_is_bound_to_a_subscription_lists_its_invoices_alone(portal: Portal, held: str) -> None:
    await portal.world.subscribed("acme", "team", resourceId="second", **MONTHLY)
    _, bound = await portal.visit(subscriptionId=held)
    _, whole = await portal.visit(customer={"externalId": "acme"})

    assert [line[0] for line in history(bound)] == ["INV-000001"]
    assert [line[0] for line in history(whole)] == ["INV-000002", "INV-000001"]


async def test_who_was_never_invoiced_sees_no_history(portal: Portal) -> None:
    await portal.customer("acme")
    _, home = await portal.visit()

    assert "Invoices" not in home.text


async def test_an_environment_may_leave_the_history_out(portal: Portal, held: str) -> None:
    await portal.environment(widgets={"portal": {"sections": ["SUBSCRIPTIONS"]}})
    _, home = await portal.visit(subscriptionId=held)

    assert history(home) == []


async def test_of_many_invoices_the_latest_are_shown_and_it_is_said(portal: Portal, held: str) -> None:
    await portal.world.advance(timedelta(days=365))
    await portal.world.advance(timedelta(days=365 * 2))
    _, home = await portal.visit(subscriptionId=held)

    assert (len(history(home)), "The latest 24 are shown." in home.text) == (24, True)
