"""Instalments: completed whoever looks, owed to the unit, ended by the merchant, changed by nobody. (K4)"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest

from billing.calendar import Interval, IntervalUnit
from billing.invoicing.policy import AfterDunning, Dunning, OnFirstFailure
from billing.invoicing.values import BillingMode
from billing.lifecycle import Channel
from billing.policies import CancellationMode, SelfServicePolicy
from resolvers.importing.keeping import ImportStopped, keep_batch
from resolvers.importing.made import Catalog
from resolvers.importing.records import PaidInstalments, SubscriptionRecord
from tests.scenarios import documents, migrating, scheduling
from tests.scenarios.almanac import FOLDER
from tests.scenarios.couponed import coupon
from tests.scenarios.ending_money import customer
from tests.scenarios.paying import PAUSE, invoices, method
from tests.scenarios.priced import bills
from tests.scenarios.story import MONTHLY, ended, happened, instant
from tests.scenarios.test_dunning import bill
from tests.scenarios.test_payments_overview import overview
from tests.world import OWNER

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

OWED: Final = "instalments { count paid remaining balance { amount currency } completesAt accessAfterCompletion }"
READ: Final = f"query($id: ID!) {{ subscription(id: $id) {{ status state renewsAt {OWED} }} }}"
SEEN: Final = f"""query($input: SubscriptionCancellationPreviewInput!) {{
  answer: subscriptionCancellationPreview(input: $input) {{ __typename
    ... on SubscriptionCancellationPreview {{ effectiveAt {OWED} money {{ upcoming {{ total {{ amount }} }} }} }}
    ... on UserError {{ code field }} }} }}"""
STATES: Final = (
    "query($states: [SubscriptionState!]) { subscriptions(filter: {state: $states}) { edges { node { id } } } }"
)
NEITHER: Final = {"__typename": "SubscriptionEnded", "code": "SUBSCRIPTION_ENDED", "endedAt": "2024-04-01"}


async def buys(story: Story, plan: str, name: str = "acme", **more: Any) -> str:
    """Let somebody begin to pay a plan of the price list in instalments."""
    await story.catalog((FOLDER / "catalog.yaml").read_text())
    return await story.subscribe(name, plan, currency="USD", interval=MONTHLY, **more)


async def owed(story: Story, subscription: str) -> Told:
    """Tell how far the instalments are."""
    told: Told = story.names.plain((await story.world.ask(READ, id=subscription))["subscription"])
    return told


async def listed(story: Story, state: str) -> int:
    """Count the subscriptions in a state."""
    return len((await story.world.ask(STATES, states=[state]))["subscriptions"]["edges"])


async def test_it_is_completed_at_its_instant_with_a_worker_and_without(story: Story) -> None:
    kept, lent = await buys(story, "kept"), await buys(story, "lent", "lender")
    assert (await overview(story))["mrr"] == []
    await story.jump("2024-04-10")

    for told in (await owed(story, kept), await owed(story, lent)):
        assert (told["status"], told["state"], told.get("renewsAt")) == ("COMPLETED", "COMPLETED", None)
    asleep: list[Any] = [
        await story.may("acme"),
        await story.may("lender"),
        await overview(story),
        await listed(story, "COMPLETED"),
    ]
    assert asleep[:2] == [{"pages": "100"}, {}]
    assert (asleep[2]["counts"], asleep[2]["mrr"], asleep[3]) == ({"COMPLETED": 2}, [], 2)
    await story.advance("2024-04-10T00:00:01")

    awake: list[Any] = [
        await story.may("acme"),
        await story.may("lender"),
        await overview(story),
        await listed(story, "COMPLETED"),
    ]
    assert (awake[:2], awake[2]["counts"], awake[3]) == (asleep[:2], asleep[2]["counts"], 2)
    done = happened(
        "2024-03-01", "subscription.completed", status=("ACTIVE", "COMPLETED"), endedAt=(None, "2024-03-01")
    )
    assert (await story.news("lender"))[-1] == done
    assert (await story.subscription(lent))["endedCause"] == "AUTOMATIC"
    assert len(await invoices(story, "lender")) == 2


async def test_nothing_can_be_changed_after_it_but_it_can_be_bought_again(story: Story) -> None:  # C3
    acme = await buys(story, "kept")
    await story.advance("2024-04-01")
    over = {"__typename": "AlreadyEnded", "code": "ALREADY_ENDED", "endedAt": "2024-04-01"}

    assert await story.act(documents.CHANGE, subscriptionId=acme, planId="ten") == NEITHER
    assert await story.act(PAUSE, subscriptionId=acme, behavior="VOID") == NEITHER
    assert await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE") == over
    assert await story.act(documents.UNDO, subscriptionId=acme) == over
    assert await story.open_to(acme, "MERCHANT") == set()
    again = await story.create("acme", "kept", currency="USD", interval=MONTHLY)
    assert again["__typename"] == "SubscriptionCreated"


async def test_what_is_owed_is_what_is_invoiced_to_the_unit(story: Story) -> None:
    await bill(story, taxes=())
    await coupon(story, "start", duration="MONTHS", months=2, percentOff="33.3333")
    acme = await buys(story, "kept", couponId="start", trialDays=10)
    agreed = {"count": 3, "remaining": 3, "paid": 0, "completesAt": "2024-04-11", "accessAfterCompletion": "KEEP"}
    first = (await owed(story, acme))["instalments"]
    await method(story, "sandbox_succeeds")
    await story.advance("2024-02-20")
    halfway = (await owed(story, acme))["instalments"]
    await story.advance("2024-05-01")
    asked = [each["paid"]["amount"] for each in await invoices(story)]

    assert asked == ["26.67", "26.67", "40.00"]
    assert first == agreed | {"balance": {"amount": str(sum(map(Decimal, asked))), "currency": "USD"}}
    assert halfway == agreed | {"paid": 2, "remaining": 1, "balance": {"amount": "40.00", "currency": "USD"}}
    left = {"paid": 3, "remaining": 0, "balance": {"amount": "0.00", "currency": "USD"}}
    assert (await owed(story, acme))["instalments"] == agreed | left


async def test_the_merchant_ends_it_and_what_remains_is_never_asked_for(story: Story) -> None:
    acme = await buys(story, "kept")
    await method(story, "sandbox_succeeds")
    await story.advance("2024-02-10")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 3, 16, 12))
    assert (await owed(story, acme))["instalments"]["balance"] == {"amount": "60.00", "currency": "USD"}
    late = await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 4, 1))
    far = await story.act(documents.CANCEL, subscriptionId=acme, timing="AFTER_CYCLES", cycles=4)
    refused = {"__typename": "DateOutOfRange", "code": "DATE_OUT_OF_RANGE", "earliest": "2024-02-10"}
    assert late == refused | {"field": "date", "latest": "2024-04-01"}
    assert far == refused | {"field": "timing", "latest": "2024-04-01"}
    await story.act(documents.UNDO, subscriptionId=acme)
    seen = (await story.world.ask(SEEN, input={"subscriptionId": acme, "timing": "END_OF_PERIOD"}))["answer"]
    assert (seen["instalments"]["remaining"], seen["money"]["upcoming"]) == (2, [])
    await story.events("acme")

    await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")

    assert await story.news("acme") == [ended("2024-02-10", "API", periodEnd=("2024-03-01", "2024-02-10"))]
    assert await story.may("acme") == {}
    told = await owed(story, acme)
    assert (told["status"], told["instalments"]["remaining"]) == ("CANCELED", 1)  # the first, which was sent
    assert told["instalments"]["balance"]["amount"] == "40.00"
    await story.advance("2024-05-01")
    assert len(await invoices(story)) == 2


async def test_in_its_last_period_it_is_not_ended_with_the_period_which_completes_it(story: Story) -> None:
    acme = await buys(story, "kept")
    await story.advance("2024-03-10")

    answer = await story.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD")

    assert (answer["code"], answer["reasonCode"]) == ("ACTION_NOT_ALLOWED", "LAST_INSTALMENT")
    assert "CANCEL_AT_PERIOD_END" not in await story.open_to(acme, "MERCHANT")


async def test_customers_end_it_only_where_that_is_allowed(story: Story) -> None:
    await story.policy(SelfServicePolicy(instructions="Write to us."))
    acme = await buys(story, "kept")
    token = await story.token("acme")
    asked = {"subscriptionId": acme}

    refused = await story.act(documents.CANCEL, key=token, **asked)
    closed = await story.open_to(acme, "CUSTOMER")
    shown = (await owed(story, acme))["instalments"]
    await story.policy(SelfServicePolicy(mode=CancellationMode.IMMEDIATE, allow_instalment_cancel=True))
    seen = (await story.world.ask(SEEN, key=token, input=asked))["answer"]

    assert (refused["reasonCode"], refused["instructions"]) == ("POLICY_FORBIDS", "Write to us.")
    assert closed == {"MANAGE", "CONTACT_SUPPORT"}
    assert shown["balance"] == {"amount": "120.00", "currency": "USD"}
    assert story.names.plain(seen["instalments"]) == shown
    assert (await story.act(documents.CANCEL, key=token, **asked))["subscription"]["status"] == "CANCELED"


async def test_they_stay_as_they_were_agreed(story: Story) -> None:
    acme, other = await buys(story, "kept"), await buys(story, "ten", "other")
    await story.events("acme")
    fixed = {"__typename": "ActionNotAllowed", "code": "ACTION_NOT_ALLOWED", "reasonCode": "INSTALMENTS"}
    bought = {"__typename": "PlanNotAvailable", "code": "PLAN_NOT_AVAILABLE"}
    phases = [{"planId": "ten"}]
    wanted = {"from": {"planId": "kept"}, "to": {"planId": "ten"}, "when": "NOW", "prices": "NEW"}

    for more in ({"anchor": instant(2024, 1, 15)}, {"billingMode": "CLASSIC"}):
        odd = await story.create("acme", "lent", currency="USD", interval=MONTHLY, resourceId="b", **more)
        assert odd == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "field": next(iter(more))}
    assert await story.act(documents.CHANGE, subscriptionId=acme, quantity=2) == fixed | {"action": "CHANGE_PLAN"}
    lower = await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="ten")
    assert lower == fixed | {"action": "DOWNGRADE"}
    planned = await story.act(scheduling.CREATE, subscriptionId=acme, phases=phases, endBehavior="RELEASE")
    assert planned == bought | {"field": "subscriptionId"}
    assert await story.act(documents.CHANGE, subscriptionId=other, planId="kept") == bought | {"field": "planId"}
    moved = (await story.world.ask(migrating.START, input=wanted))["answer"]["job"]["id"]
    await story.world.worker().catch_up()
    assert (await migrating.job(story, moved))["counts"] == {"SKIPPED": 1}
    onto = {"from": {"planId": "ten"}, "to": {"planId": "kept"}, "when": "NOW", "prices": "NEW"}
    assert (await story.world.ask(migrating.START, input=onto))["answer"]["code"] == "PLAN_NOT_AVAILABLE"
    assert await story.news("acme") == []


@pytest.mark.parametrize(("plan", "may"), [("kept", {"pages": "100"}), ("lent", {})])
async def test_who_is_behind_at_the_end_is_completed_by_the_missing_payment(
    story: Story, plan: str, may: dict[str, str]
) -> None:
    dunning = Dunning(retry_days=(1,), after=AfterDunning.LEAVE_PAST_DUE)
    await bill(story, dunning=dunning, on_first_failure=OnFirstFailure.PAST_DUE)
    await story.world.ask(documents.UPSERT, input={"externalId": "acme"})
    await method(story, "sandbox_declines_insufficient_funds")
    acme = await buys(story, plan)
    over = "2024-04-02" if plan == "kept" else "2024-03-02"
    await story.advance(over)

    told = await owed(story, acme)
    assert (told["status"], told["instalments"]["paid"]) == ("PAST_DUE", 0)
    assert await story.may("acme") == {}
    assert "CANCEL_AT_PERIOD_END" not in await story.open_to(acme, "MERCHANT")
    await story.events("acme")
    for each in await invoices(story):
        await story.world.ask(MARK, input={"invoiceId": each["id"]})

    assert [each[1:3] for each in await story.news("acme")][-2:] == [
        ("subscription.recovered", "API"),
        ("subscription.completed", "API"),
    ]
    told = await story.subscription(acme)
    assert (told["status"], told["endedAt"]) == ("COMPLETED", over)
    assert await story.may("acme") == may


MARK: Final = "mutation($input: InvoiceMarkPaidInput!) { invoiceMarkPaid(input: $input) { __typename } }"


async def brought_in(story: Story, paid: int | None, **more: Any) -> dict[str, Any]:
    """Bring somebody in who pays the plan since the middle of November; answers what is told, or how it is refused."""
    ctx = story.world.contexts.make(OWNER, (await story.world.context()).env, Channel.CLI)
    told = None if paid is None else PaidInstalments(paid)
    since = {"starts_at": instant(2023, 11, 15), "currency": "USD", "interval": Interval(IntervalUnit.MONTH)}
    asked: dict[str, Any] = {"plan": "kept", "instalments": told} | since | more
    try:
        await keep_batch(ctx, Catalog({}, {}), [(1, SubscriptionRecord("old", "acme", **asked))])
    except ImportStopped as stopped:
        return {"field": stopped.refusal.field}
    page = await story.world.ask("{ subscriptions(first: 1) { edges { node { id } } } }")
    found: dict[str, Any] = {"id": page["subscriptions"]["edges"][0]["node"]["id"]}
    return found


async def test_what_was_paid_elsewhere_is_told_and_what_is_left_is_paid_here(story: Story) -> None:
    await story.catalog((FOLDER / "catalog.yaml").read_text())
    await customer(story, "acme", credit=10_000)
    for paid, more, field in (
        (None, {}, "instalments"),
        (0, {}, "instalments"),
        (4, {}, "instalments"),
        (1, {"starts_at": instant(2024, 2, 1)}, "instalments"),
        (1, {"plan": "ten"}, "instalments"),
        (1, {"billing_mode": BillingMode.CLASSIC}, "billingMode"),
        (2, {"anchor": instant(2023, 11, 20)}, "anchor"),
        (2, {"cancel_at": instant(2024, 2, 15)}, "cancelAt"),
    ):
        assert await brought_in(story, paid, **more) == {"field": field}, (paid, more)

    acme = (await brought_in(story, 2))["id"]

    before = (await owed(story, acme))["instalments"]
    assert (before["paid"], before["remaining"], before["completesAt"]) == (2, 1, "2024-02-15")
    assert before["balance"] == {"amount": "40.00", "currency": "USD"}
    await story.advance("2024-03-01")
    after = await owed(story, acme)
    assert [total for _, total, _ in await bills(story, "acme")] == ["40.00"]
    assert (after["status"], after["instalments"]["paid"], after["instalments"]["remaining"]) == ("COMPLETED", 3, 0)
