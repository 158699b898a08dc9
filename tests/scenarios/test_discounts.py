"""Bills with discounts over a calendar: what is taken off which line, and what stays as it was billed. (T4)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from billing.invoicing.policy import BillingPolicy, TaxRule
from billing.invoicing.settings import policy_written
from models.stores.environments import Environments
from tests.scenarios import documents
from tests.scenarios.couponed import CODE, REMOVE, coupon, discounts, give, redeemed
from tests.scenarios.ending_money import bill_as
from tests.scenarios.priced import CATALOG, REPORT, bills, invoices
from tests.scenarios.story import MONTHLY, happened, instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story

ACME = {"externalId": "acme"}
USD: dict[str, Any] = {"currency": "USD", "interval": MONTHLY}
SUPPORT = """
addons:
  support:
    name: Support
    kind: paid
    product: paper
    prices: [{currency: usd, every: month, model: flat, amount: 31}]
"""
SUMS = """query($of: CustomerRef!) { invoices(filter: {customer: $of}, first: 100) { edges { node {
  subtotal { amount } discount { amount } tax { amount } total { amount } } } } }"""
FORESEEN = """query($input: SubscriptionChangePreviewInput!) { answer: subscriptionChangePreview(input: $input) {
  ... on SubscriptionChangePreview { money { upcoming { total { amount } } } } } }"""


@pytest.fixture
async def shop(story: Story) -> Story:
    """A world with the price list and a coupon of twenty percent for good."""
    await story.catalog(CATALOG.replace("    rank: 1\n", "    rank: 1\n    addons: [support]\n", 1) + SUPPORT)
    await coupon(story, "twenty")
    return story


async def totals(shop: Story, external_id: str = "acme") -> list[str]:
    """The totals of a customer's invoices, oldest first."""
    return [total for _, total, _ in await bills(shop, external_id)]


async def test_twenty_percent_for_good_is_off_every_renewal(shop: Story) -> None:
    acme = await shop.subscribe("acme", "ten", **USD)
    await give(shop, couponId="twenty", subscriptionId=acme)
    await shop.advance("2024-04-15")

    assert await bills(shop, "acme") == [
        ("OPEN", "10.00", "ten 10.00 2024-01-01 to 2024-02-01"),
        ("OPEN", "8.00", "ten 8.00 2024-02-01 to 2024-03-01"),
        ("OPEN", "8.00", "ten 8.00 2024-03-01 to 2024-04-01"),
        ("OPEN", "8.00", "ten 8.00 2024-04-01 to 2024-05-01"),
    ]


async def test_a_discount_for_once_is_off_one_invoice_though_two_subscriptions_have_something_waiting(
    shop: Story,
) -> None:
    await bill_as(shop, changes={"proration": "CREATE_PRORATIONS"})
    await coupon(shop, "half", percentOff="50", duration="ONCE")
    await coupon(shop, "nine", amountsOff=[{"amount": "9", "currency": "USD"}], duration="ONCE")
    made: list[str] = []
    for name in ("half", "nine"):
        await shop.world.ask(documents.UPSERT, input={"externalId": name})
        made += [await shop.subscribe_also(name, "ten", **USD, resourceId=each) for each in ("a", "b")]
        await give(shop, couponId=name, customer={"externalId": name})
    await shop.advance("2024-01-11")
    for each in made:
        await shop.act(documents.CHANGE, subscriptionId=each, addOns=[{"addOnId": "support"}])

    await shop.advance("2024-02-02")

    assert await totals(shop, "half") == ["10.00", "10.00", "31.00", "62.00"], "21 + 10 + 31, half of it once"
    assert await totals(shop, "nine") == ["10.00", "10.00", "53.00", "62.00"]


async def test_what_is_given_with_the_subscription_is_off_its_first_invoice(shop: Story) -> None:
    await shop.subscribe("acme", "ten", **USD, couponId="twenty")

    assert await totals(shop) == ["8.00"]
    found = await shop.world.ask(SUMS, of=ACME)
    (sums,) = (shop.names.plain(edge["node"]) for edge in found["invoices"]["edges"])
    assert sums == {
        "subtotal": {"amount": "10.00"},
        "discount": {"amount": "2.00"},
        "tax": {"amount": "0.00"},
        "total": {"amount": "8.00"},
    }


async def test_discount_comes_before_tax(shop: Story) -> None:
    async with shop.world.database.working() as session:
        taxed = policy_written(BillingPolicy(taxes=(TaxRule(190_000, "USt."),)))
        await Environments(session).update(shop.world.places["main"].environment.id, {"billing": taxed})

    await shop.subscribe("acme", "ten", **USD, couponId="twenty")

    assert await totals(shop) == ["9.52"]


async def test_an_amount_for_once_is_off_the_first_invoice_and_off_no_other(shop: Story) -> None:
    await coupon(shop, "four", amountsOff=[{"amount": "4", "currency": "USD"}], duration="ONCE")
    await shop.subscribe("acme", "ten", **USD, couponId="four")
    await shop.advance("2024-02-02")

    assert await totals(shop) == ["6.00", "10.00"]
    assert await discounts(shop, "acme") == (None, [None])


async def test_what_was_for_once_says_by_what_it_was_used(shop: Story) -> None:
    await coupon(shop, "half", percentOff="50", duration="ONCE")
    acme = await shop.subscribe("acme", "ten", **USD)
    await give(shop, couponId="half", subscriptionId=acme)
    await shop.news("acme")
    await shop.advance("2024-02-01")

    assert await totals(shop) == ["10.00", "5.00"]
    about: dict[str, Any] = {"couponId": (None, "cou2"), "subscriptionId": (None, "sub1"), "why": (None, "USED")}
    told = [each for each in await shop.news("acme") if each[1] == "discount.ended"]
    assert told == [happened("2024-02-01", "discount.ended", **about)]


async def test_an_amount_above_the_price_makes_a_paid_invoice_of_nothing_and_is_gone(shop: Story) -> None:
    await coupon(shop, "fifty", amountsOff=[{"amount": "50", "currency": "USD"}], duration="ONCE")
    await shop.subscribe("acme", "ten", **USD, couponId="fifty")
    await shop.advance("2024-02-02")

    assert [each[:2] for each in await bills(shop, "acme")] == [("PAID", "0.00"), ("OPEN", "10.00")]


async def test_a_hundred_percent_off_is_a_paid_invoice_of_nothing(shop: Story) -> None:
    await coupon(shop, "gift", percentOff="100", duration="MONTHS", months=1)
    await shop.subscribe("acme", "ten", **USD, couponId="gift")
    await shop.advance("2024-02-02")

    assert [each[:2] for each in await bills(shop, "acme")] == [("PAID", "0.00"), ("OPEN", "10.00")]


async def test_three_months_are_three_monthly_invoices(shop: Story) -> None:
    await coupon(shop, "quarter", duration="MONTHS", months=3)
    await shop.subscribe("acme", "ten", **USD, couponId="quarter")
    await shop.advance("2024-05-02")

    assert await totals(shop) == ["8.00", "8.00", "8.00", "10.00", "10.00"]


async def test_three_months_after_a_trial_are_three_paid_months(shop: Story) -> None:
    await coupon(shop, "quarter", duration="MONTHS", months=3)
    await shop.subscribe("acme", "ten", **USD, trialDays=10, couponId="quarter")
    await shop.advance("2024-05-12")

    assert await totals(shop) == ["8.00", "8.00", "8.00", "10.00", "10.00"]


async def test_three_months_of_usage_are_discounted_though_it_is_billed_in_arrears(shop: Story) -> None:
    """Base and usage of January to March; what is used in April costs what it says."""
    await coupon(shop, "quarter", percentOff="50", duration="MONTHS", months=3)
    await shop.subscribe("acme", "metered", **USD, couponId="quarter")
    for month in (1, 2, 3, 4):
        await use(shop, f"2024-0{month}-20", 100)
    await shop.advance("2024-05-02")

    assert await totals(shop) == ["5.00", "10.00", "10.00", "15.00", "20.00"]


async def test_a_discount_that_is_removed_in_a_period_bills_nothing_anew(shop: Story) -> None:
    acme = await shop.subscribe("acme", "ten", **USD, couponId="twenty")
    _, [own] = await discounts(shop, "acme")
    known = {name: id_ for id_, name in shop.names.known.items()}
    await shop.advance("2024-01-16")
    await shop.act(REMOVE, id=known[own["id"]])
    await shop.advance("2024-02-02")

    assert await totals(shop) == ["8.00", "10.00"]
    assert (await shop.subscription(acme))["state"] == "ACTIVE"


async def test_a_discount_that_is_given_in_a_period_bills_nothing_anew(shop: Story) -> None:
    """Nor has what replaces time that was billed without it."""
    acme = await shop.subscribe("acme", "ten", **USD)
    await shop.advance("2024-01-16")
    await give(shop, couponId="twenty", subscriptionId=acme)
    await shop.act(documents.CHANGE, subscriptionId=acme, planId="thirty")

    first, second = await invoices(shop, "acme")

    assert (first["total"], first["credited"]) == ({"amount": "10.00"}, {"amount": "5.16"})
    assert second["total"] == {"amount": "15.48"}


async def test_an_upgrade_carries_the_discount_of_what_it_replaces_though_that_is_over(shop: Story) -> None:
    """Of 8.00, 16 of 31 days are 4.13; of 30.00 they are 15.48, less 20 percent of that."""
    acme = await shop.subscribe("acme", "ten", **USD, couponId="twenty")
    given = await shop.world.ask("query($id: ID!) { subscription(id: $id) { discount { id } } }", id=acme)
    await shop.advance("2024-01-16")
    await shop.act(REMOVE, id=given["subscription"]["discount"]["id"])
    await shop.act(documents.CHANGE, subscriptionId=acme, planId="thirty")
    await shop.advance("2024-02-01")

    first, second, third = await invoices(shop, "acme")

    assert (first["total"], first["credited"]) == ({"amount": "8.00"}, {"amount": "4.13"})
    assert (second["total"], third["total"]) == ({"amount": "12.38"}, {"amount": "30.00"})


async def test_an_add_on_in_a_period_has_a_share_off_and_no_amount_that_the_period_had(shop: Story) -> None:
    await coupon(shop, "four", amountsOff=[{"amount": "4", "currency": "USD"}])
    acme = await shop.subscribe("acme", "ten", **USD, couponId="four")
    bolt = await shop.subscribe("bolt", "ten", **USD, couponId="twenty")
    await shop.advance("2024-01-31")
    for one in (acme, bolt):
        await shop.act(documents.CHANGE, subscriptionId=one, addOns=[{"addOnId": "support"}])
    await shop.advance("2024-02-02")

    assert await totals(shop) == ["6.00", "1.00", "37.00"]
    assert await totals(shop, "bolt") == ["8.00", "0.80", "32.80"]
    last = (await bills(shop, "acme"))[-1]
    assert last == ("OPEN", "37.00", "ten 9.02 2024-02-01 to 2024-03-01; support 27.98 2024-02-01 to 2024-03-01")


async def test_an_amount_that_the_base_price_cannot_hold_goes_to_the_usage_beside_it(shop: Story) -> None:
    """12.00 off 10.00 and 3.00, counted again when the grace is over: the base has 10.00 of it, the usage 2.00."""
    await coupon(shop, "twelve", amountsOff=[{"amount": "12", "currency": "USD"}])
    acme = await shop.subscribe("acme", "metered", **USD)
    await give(shop, couponId="twelve", subscriptionId=acme)
    await use(shop, "2024-01-20", 10)
    await shop.advance("2024-02-01")
    assert (await bills(shop, "acme"))[1][:2] == ("DRAFT", "0.00")

    late = {"customer": ACME, "feature": "pages", "value": "20", "occurredAt": "2024-01-31T23:00:00Z"}
    await shop.world.ask(REPORT, input={**late, "idempotencyKey": "late"})
    await shop.advance(instant(2024, 2, 1, 1))

    both = "metered 0.00 2024-02-01 to 2024-03-01; metered used 30 1.00 2024-01-01 to 2024-02-01"
    assert (await bills(shop, "acme"))[1] == ("OPEN", "1.00", both)


async def test_what_is_for_once_is_used_by_a_draft_and_still_off_when_it_is_counted_again(shop: Story) -> None:
    await coupon(shop, "half", percentOff="50", duration="ONCE")
    acme = await shop.subscribe("acme", "metered", **USD)
    await give(shop, couponId="half", subscriptionId=acme)
    await use(shop, "2024-01-20", 10)
    await shop.advance("2024-02-01")
    late = {"customer": ACME, "feature": "pages", "value": "20", "occurredAt": "2024-01-31T23:00:00Z"}
    await shop.world.ask(REPORT, input={**late, "idempotencyKey": "late"})
    await shop.advance("2024-03-02")

    assert await totals(shop) == ["10.00", "6.50", "10.00"]


async def test_the_final_invoice_of_usage_has_the_discount_that_ends_with_the_subscription(shop: Story) -> None:
    acme = await shop.subscribe("acme", "metered", **USD, couponId="twenty")
    await use(shop, "2024-01-11", 10)
    await shop.advance("2024-01-12")
    await shop.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")
    await shop.advance("2024-01-13")

    assert await totals(shop) == ["8.00", "0.80"]


async def test_the_subscriptions_discount_goes_before_the_customers_and_they_do_not_add_up(shop: Story) -> None:
    await coupon(shop, "half", percentOff="50")
    await shop.subscribe("acme", "ten", **USD)
    await give(shop, couponId="half", customer=ACME)
    await shop.subscribe_also("acme", "ten", **USD, resourceId="b", couponId="twenty")
    await shop.subscribe_also("acme", "ten", **USD, resourceId="c")

    assert await totals(shop) == ["10.00", "8.00", "5.00"]


async def test_what_a_customer_has_off_once_is_off_the_first_invoice_of_any_subscription(shop: Story) -> None:
    await coupon(shop, "half", percentOff="50", duration="ONCE")
    await shop.subscribe("acme", "free")
    await give(shop, couponId="half", customer=ACME)
    await shop.subscribe_also("acme", "ten", **USD)
    await shop.subscribe_also("acme", "ten", **USD, resourceId="b")

    assert await totals(shop) == ["5.00", "10.00"]


async def test_a_coupon_of_another_currency_or_product_is_off_nothing(shop: Story) -> None:
    await coupon(shop, "euros", amountsOff=[{"amount": "5", "currency": "EUR"}])
    await shop.subscribe("acme", "free")
    await give(shop, couponId="euros", customer=ACME)
    await shop.subscribe_also("acme", "ten", **USD)
    await coupon(shop, "elsewhere", productIds=["hosting"])
    await shop.subscribe("bolt", "free")
    await give(shop, couponId="elsewhere", customer={"externalId": "bolt"})
    await shop.subscribe_also("bolt", "ten", **USD)

    assert (await totals(shop), await totals(shop, "bolt")) == (["10.00"], ["10.00"])


async def test_a_first_purchase_is_one_only_for_who_was_never_asked_for_money(shop: Story) -> None:
    await shop.act(CODE, code="FIRST", couponId="twenty", firstPurchaseOnly=True)
    await shop.subscribe("acme", "ten", **USD, promotionCode="first")

    again = await shop.create("acme", "ten", **USD, resourceId="b", promotionCode="first")

    assert (again["__typename"], again["code"], again["field"]) == (
        "FirstPurchaseOnly",
        "FIRST_PURCHASE_ONLY",
        "promotionCode",
    )
    assert await totals(shop) == ["8.00"]
    assert await redeemed(shop, "twenty") == (1, {"FIRST": 1})


async def test_a_subscription_that_its_coupon_does_not_fit_is_not_made(shop: Story) -> None:
    await coupon(shop, "elsewhere", productIds=["hosting"])
    await shop.subscribe("acme", "free")
    await shop.news("acme")

    refused = await shop.create("acme", "ten", **USD, couponId="elsewhere")
    both = await shop.create("acme", "ten", **USD, couponId="twenty", promotionCode="FIRST")

    assert (refused["__typename"], both["__typename"]) == ("CouponNotForProduct", "InvalidInput")
    assert await shop.news("acme") == []
    assert await totals(shop) == []
    assert await redeemed(shop, "elsewhere") == (0, {})


async def test_a_preview_foresees_the_discount_and_uses_nothing_up(shop: Story) -> None:
    await coupon(shop, "half", percentOff="50", duration="ONCE")
    acme = await shop.subscribe("acme", "twenty", **USD)
    await give(shop, couponId="half", subscriptionId=acme)

    asked = {"subscriptionId": acme, "planId": "ten"}
    foreseen = (await shop.world.ask(FORESEEN, input=asked))["answer"]["money"]["upcoming"]
    _, [own] = await discounts(shop, "acme")

    assert foreseen == [{"total": {"amount": "5.00"}}]
    assert own["name"] == "Half"


async def use(shop: Story, at: str, amount: int) -> None:
    """Report pages on a day."""
    await shop.advance(at)
    asked = {"customer": ACME, "feature": "pages", "value": str(amount), "idempotencyKey": at}
    await shop.world.ask(REPORT, input=asked)
