"""A first payment that fails: nothing is given until it is paid, and it is over when it never comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.scenarios.bookkeeping import VOID, invoice_ids
from tests.scenarios.ending_money import kept
from tests.scenarios.paying import MARK_PAID, attempts, payer
from tests.scenarios.priced import bills
from tests.scenarios.story import happened

if TYPE_CHECKING:
    from tests.scenarios.story import Story


async def test_it_gives_no_access_until_it_is_paid_or_voided(story: Story) -> None:
    made = {
        name: await payer(story, f"sandbox_{reference}", name, first="INCOMPLETE")
        for name, reference in (
            ("later", "fails_2_times"),
            ("cash", "declines_lost_card"),
            ("void", "declines_lost_card"),
        )
    }
    await story.advance("2024-01-02T12:00:00Z")

    assert [(await story.subscription(each))["status"] for each in made.values()] == ["INCOMPLETE"] * 3
    told = await story.entitlement("cash", "pages")
    assert (told["hasAccess"], told["reason"]) == (False, "INCOMPLETE")

    await story.act(MARK_PAID, invoiceId=(await invoice_ids(story, "cash"))[0][0])
    await story.act(VOID, invoiceId=(await invoice_ids(story, "void"))[0][0])
    await story.advance("2024-01-04")

    assert [(await story.subscription(each))["status"] for each in made.values()] == ["ACTIVE"] * 3
    assert [end for _, end in await attempts(story, name="later")] == ["insufficient_funds"] * 2 + ["SUCCEEDED"]
    assert (await story.entitlement("later", "pages"))["hasAccess"]
    assert [each[:2] for each in await story.news("later")] == [
        ("2024-01-01", "subscription.incomplete"),
        ("2024-01-03", "subscription.recovered"),
    ]


async def test_it_is_over_when_the_last_attempt_has_failed(story: Story) -> None:
    acme = await payer(story, "sandbox_declines_lost_card", first="INCOMPLETE")
    assert await story.open_to(acme, "MERCHANT") >= {"CANCEL_NOW"}

    await story.advance("2024-03-01")

    assert await story.news("acme") == [
        happened("2024-01-01", "subscription.incomplete", status=("ACTIVE", "INCOMPLETE")),
        happened(
            "2024-01-15",
            "subscription.incomplete_expired",
            status=("INCOMPLETE", "INCOMPLETE_EXPIRED"),
            endedAt=(None, "2024-01-15"),
            periodEnd=("2024-02-01", "2024-01-15"),
        ),
    ]
    assert await bills(story, "acme") == [("VOID", "10.00", "ten 10.00 2024-01-01 to 2024-02-01")]
    assert (await kept(story))["credit_entry"] == []
    assert (await story.entitlement("acme", "pages"))["reason"] == "INCOMPLETE"
