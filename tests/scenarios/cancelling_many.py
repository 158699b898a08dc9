"""Cancelling many in a story: what is asked, and the job told in a line an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

MONEY = "{ currency invoiced { amount } credited { amount } refunded { amount } waiting { amount } }"
START = """mutation($input: SubscriptionsCancelInput!) { answer: subscriptionsCancel(input: $input) { __typename
  ... on SubscriptionsCancelStarted { job { id state dryRun } replayed } ... on UserError { code field } } }"""
UNDO = """mutation($input: SubscriptionsCancelUndoInput!) { answer: subscriptionsCancelUndo(input: $input) { __typename
  ... on SubscriptionsCancelUndoStarted { job { id state } replayed } ... on UserError { code field } } }"""
READ = """query($id: ID!) { job(id: $id) { kind state dryRun actor progress { total counts { state count } }
  money %s details { ... on BulkCancellation { timing date cycles prorate invoiceNow openInvoices access reason undoes
    subscriptions { ids planId states customerIds } } }
  items(first: 100) { edges { node { subjectId state refusal { code } subscription { externalId } money %s
    result { ... on BulkCancellationEnd { effectiveAt alreadyPending } } } } } } }""" % (MONEY, MONEY)  # noqa: UP031  (braces)


async def start(story: Story, **more: Any) -> str:
    """Start a bulk cancellation and answer the job's id."""
    answered = (await story.world.ask(START, input=more))["answer"]
    assert answered["__typename"] == "SubscriptionsCancelStarted", answered
    job: str = answered["job"]["id"]
    return job


async def run(story: Story, **more: Any) -> str:
    """Start a bulk cancellation and let a worker carry it out."""
    job = await start(story, **more)
    await story.world.worker().catch_up()
    return job


async def asked(story: Story, job_id: str) -> Told:
    """Read a job in plain words."""
    told: Told = story.names.plain((await story.world.ask(READ, id=job_id))["job"])
    return told


async def became(story: Story, job_id: str) -> dict[str, tuple[str, ...]]:
    """Tell what became of each subscription: its state or the refusal's code, when it ends, and the money it moved."""
    told = await asked(story, job_id)
    items = [edge["node"] for edge in told["items"]["edges"]]
    return {
        each.get("subscription", {}).get("externalId", each["subjectId"]): (
            each.get("refusal", {}).get("code", each["state"]),
            *([each["result"]["effectiveAt"]] if "result" in each else []),
            *([told_money(each["money"])] if "money" in each else []),
        )
        for each in items
    }


def told_money(money: Told) -> str:
    """Tell what is not nothing."""
    parts = ("invoiced", "credited", "refunded", "waiting")
    said = [f"{part} {money[part]['amount']}" for part in parts if float(money[part]["amount"])]
    return " ".join([money["currency"], *said])
