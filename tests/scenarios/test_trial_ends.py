"""A trial that ends without a payment method: the same answers with a worker and without, and what can be done then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from billing.trials import TrialEnding
from tests.scenarios import documents
from tests.scenarios.paying import REMOVE, method
from tests.scenarios.priced import CATALOG
from tests.scenarios.story import MONTHLY, ended, happened
from tests.scenarios.test_dunning import bill
from tests.scenarios.test_instalments import buys, listed
from tests.scenarios.test_payments_overview import overview

if TYPE_CHECKING:
    from tests.scenarios.story import Story

READ = """query($id: ID!) { subscription(id: $id) { status state trialEnding renewsAt endedAt endedCause
  cancellation { timing reason channel requestedAt effectiveAt } } }"""
REMOVED = {"status": "CANCELED", "state": "CANCELED", "trialEnding": "CANCEL", "endedAt": "2024-01-15"} | {
    "endedCause": "AUTOMATIC",
    "cancellation": {"timing": "END_OF_PERIOD", "reason": "NO_PAYMENT_METHOD", "channel": "WORKER"}
    | {"requestedAt": "2024-01-15", "effectiveAt": "2024-01-15"},
}


async def tries(story: Story, name: str, **more: Any) -> str:
    """Let somebody try a plan for fourteen days."""
    return await story.subscribe(name, "ten", currency="USD", interval=MONTHLY, trialDays=14, **more)


async def answers(story: Story, *subscriptions: str) -> list[Any]:
    """Everything that says whether they run: each, its entitlements, the lists, the counts."""
    each = [story.names.plain((await story.world.ask(READ, id=one))["subscription"]) for one in subscriptions]
    may = [await story.may(name) for name in ("gone", "waits", "pays")]
    states = {state: await listed(story, state) for state in ("CANCELED", "PAUSED", "ACTIVE", "TRIALING")}
    told = await overview(story)
    return [each, may, states, told["counts"], told["mrr"]]


async def test_the_end_of_a_trial_is_the_same_with_a_worker_and_without(story: Story) -> None:
    await story.catalog(CATALOG)
    gone = await tries(story, "gone", trialEnding="CANCEL")
    waits = await tries(story, "waits", trialEnding="PAUSE")
    pays = await tries(story, "pays", trialEnding="CANCEL")
    await method(story, "sandbox_succeeds", "gone")
    told = await method(story, "sandbox_succeeds", "pays")
    assert told["__typename"] == "PaymentMethodAdded"
    of_gone = (await story.world.ask(METHODS, ref={"externalId": "gone"}))["customer"]["paymentMethods"][0]["id"]
    await story.act(REMOVE, id=of_gone)
    assert [(await story.subscription(each)).get("renewsAt") for each in (gone, waits, pays)] == [
        None,
        None,
        "2024-01-15",
    ]
    await story.events("gone")
    await story.events("waits")

    await story.jump("2024-01-20")
    asleep = await answers(story, gone, waits, pays)
    await story.advance("2024-01-20T00:00:01")
    awake = await answers(story, gone, waits, pays)

    assert asleep == awake
    each, may, states, counts, _ = awake
    assert each[0] == REMOVED
    assert (each[1]["status"], each[1]["state"], "endedAt" in each[1]) == ("PAUSED", "PAUSED", False)
    assert (may[:2], may[2] != {}) == ([{}, {}], True)
    assert states == {"CANCELED": 1, "PAUSED": 1, "ACTIVE": 1, "TRIALING": 0}
    assert counts == {"CANCELED": 1, "PAUSED": 1, "ACTIVE": 1}
    assert (await story.entitlement("gone", "pages"))["reason"] == "TRIAL_ENDED"
    assert (await story.entitlement("waits", "pages"))["reason"] == "PAUSED"
    (end,) = await story.news("gone")
    expected = ended("2024-01-15", status="TRIALING", reason=(None, "no_payment_method"))
    assert (end[:3], {key: end[3][key] for key in ("status", "endedAt", "reason")}) == (
        expected[:3],
        {key: expected[3][key] for key in ("status", "endedAt", "reason")},
    )
    assert await story.news("waits") == [happened("2024-01-15", "subscription.paused", status=("TRIALING", "PAUSED"))]


METHODS = "query($ref: CustomerRef!) { customer(ref: $ref) { paymentMethods { id } } }"


async def test_who_waits_can_be_ended_now_or_on_a_date_and_not_with_a_period(story: Story) -> None:
    await story.catalog(CATALOG)
    waits = await tries(story, "waits", trialEnding="PAUSE")
    await story.advance("2024-02-01")
    token = await story.token("waits")

    refused = await story.act(documents.CANCEL, subscriptionId=waits, timing="END_OF_PERIOD")
    assert (refused["code"], refused["reasonCode"]) == ("ACTION_NOT_ALLOWED", "STATUS_FORBIDS")
    cycles = await story.act(documents.CANCEL, subscriptionId=waits, timing="AFTER_CYCLES", cycles=1)
    assert (cycles["code"], cycles["field"]) == ("DATE_OUT_OF_RANGE", "cycles")
    dated = await story.act(documents.CANCEL, subscriptionId=waits, timing="ON_DATE", date="2024-03-01T00:00:00Z")
    assert (dated["subscription"]["state"], dated["effectiveAt"]) == ("PENDING_CANCELLATION", "2024-03-01")
    await story.act(documents.UNDO, subscriptionId=waits)
    gone = await story.act(documents.CANCEL, key=token, subscriptionId=waits)

    assert (gone["subscription"]["status"], gone["subscription"]["endedAt"]) == ("CANCELED", "2024-02-01")
    await story.advance("2024-06-01")
    await method(story, "sandbox_succeeds", "waits")
    assert (await story.subscription(waits))["status"] == "CANCELED"


async def test_the_environment_says_what_holds_where_nobody_chose_and_what_cannot_be_is_refused(story: Story) -> None:
    await story.catalog(CATALOG)
    await bill(story, trial_ending=TrialEnding.PAUSE)
    paused = await tries(story, "waits")
    chosen = await tries(story, "gone", trialEnding="CREATE_INVOICE")
    lent = await buys(story, "lent", "lender", trialDays=14)
    terms: dict[str, Any] = {"currency": "USD", "interval": MONTHLY, "trialEnding": "PAUSE"}
    await story.world.ask(documents.UPSERT, input={"externalId": "new"})

    found = [(await story.world.ask(READ, id=each))["subscription"]["trialEnding"] for each in (paused, chosen, lent)]
    none = await story.create("new", "ten", **terms)
    parts = await story.create("new", "lent", trialDays=14, **terms)

    assert found == ["PAUSE", "CREATE_INVOICE", "CANCEL"]
    for refused in (none, parts):
        assert (refused["code"], refused["field"]) == ("INVALID_INPUT", "trialEnding")
