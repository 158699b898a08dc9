"""Migrating plans in a story: a second version of a plan, and what is asked about the job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.world import CATALOG

if TYPE_CHECKING:
    from tests.scenarios.story import Story

INPUT = {"from": {"planId": "team", "version": 1}, "to": {"planId": "team"}, "when": "NOW", "prices": "NEW"}
JOB = """fragment J on Job { id kind state createdAt startedAt endedAt undoRequestedAt
  progress { total listed settled counts { state count } }
  items { edges { node { position state refusal { code }
    subscription { externalId }
    result { ... on PlanMigrationMove { appliesAt fromPlan { version } toPlan { version } change { status }
      replacedChanges { kind status } restoredChanges { kind status } } } } } } }"""
START = """mutation($input: PlanMigrationStartInput!) { answer: planMigrationStart(input: $input) { __typename
  ... on PlanMigrationStarted { job { id state } replayed } ... on UserError { code message field } } }"""
UNDO = """mutation($input: PlanMigrationUndoInput!) { answer: planMigrationUndo(input: $input) { __typename
  ... on PlanMigrationUndoStarted { job { id state } } ... on UserError { code message field } } }"""
CANCEL = """mutation($input: JobCancelInput!) { answer: jobCancel(input: $input) { __typename
  ... on JobCanceled { job { id state } } ... on UserError { code field ... on JobEnded { outcome } } } }"""
READ = "query($id: ID!) { job(id: $id) { ...J } }" + JOB
PREVIEW = """query($input: PlanMigrationPreviewInput!, $first: Int!, $after: String) {
  answer: planMigrationPreview(input: $input) { __typename
    ... on PlanMigrationPreview { from { version } to { version }
      totals { examined complete wouldMove wouldSkip { code count } }
      subscriptions(first: $first, after: $after) { pageInfo { hasNextPage endCursor } edges { node {
        subscription { externalId }
        refusal { code message }
        change { direction appliesAt replacedChanges { kind }
          entitlements { kind feature { key } before { limit } after { limit } used overBy } } } } } }
    ... on UserError { code message field } } }"""
ITEMS = """query($id: ID!) { subscription(id: $id) { plan { version } items { plan { version } quantity addOn
  price { unitAmount { amount } } } } }"""


async def publish(story: Story, *, amount: str = "8.00", transfer: int = 5) -> None:
    """Publish a second version of the team plan: dearer, with less transfer and no code owners."""
    text = CATALOG.read_text()
    head, team = text.split("  team:\n", 1)
    team = team.replace(
        "model: per_unit, feature: seats, amount: 4.00", f"model: per_unit, feature: seats, amount: {amount}", 1
    )
    team = team.replace("packages_transfer: {limit: 10,", f"packages_transfer: {{limit: {transfer},", 1)
    team = team.replace("      code_owners: true\n", "", 1)
    await story.catalog(f"{head}  team:\n{team}")


async def start(story: Story, **more: Any) -> str:
    """Start a migration and answer the job's id."""
    answered = (await story.world.ask(START, input={**INPUT, **more}))["answer"]
    assert answered["__typename"] == "PlanMigrationStarted", answered
    job: str = answered["job"]["id"]
    return job


async def job(story: Story, job_id: str) -> dict[str, Any]:
    """Read a job with its items, briefly: (state, counts, items by subscription)."""
    found = (await story.world.ask(READ, id=job_id))["job"]
    counts = {each["state"]: each["count"] for each in found["progress"]["counts"]}
    items = {
        edge["node"]["subscription"]["externalId"]: (edge["node"]["refusal"] or edge["node"]).get(
            "code", edge["node"]["state"]
        )
        for edge in found["items"]["edges"]
    }
    return {"state": found["state"], "counts": counts, "items": items}


async def run(story: Story, **more: Any) -> str:
    """Start a migration and let a worker carry it out."""
    job_id = await start(story, **more)
    await story.world.worker().catch_up()
    return job_id


async def held(story: Story, subscription: str) -> list[tuple[int, str | None]]:
    """Tell the version and price of each item that a subscription has."""
    items = (await story.world.ask(ITEMS, id=subscription))["subscription"]["items"]
    return [
        (
            each["plan"]["version"],
            each["price"] and each["price"]["unitAmount"] and each["price"]["unitAmount"]["amount"],
        )
        for each in items
    ]
