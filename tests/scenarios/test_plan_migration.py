"""Plan migration: publishing moves nobody, a job does, one by one, by the rules of a single change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.scenarios import documents, migrating
from tests.scenarios.migrating import INPUT, held, job, publish, run, start
from tests.scenarios.priced import invoices

if TYPE_CHECKING:
    from tests.scenarios.story import Story


async def _team(story: Story, name: str, **more: Any) -> str:
    return await story.subscribe(name, "team", externalId=name, **more)


MONEY: Final = """query($input: PlanMigrationPreviewInput!) { answer: planMigrationPreview(input: $input) {
  ... on PlanMigrationPreview { subscriptions(first: 2) { edges { node { change { money {
    token invoicedNow { total { amount } } upcoming { total { amount } } } } } } } } } }"""


async def test_publishing_moves_nobody_and_a_migration_moves_each_once(story: Story) -> None:
    one, two = await _team(story, "one", quantity=3), await _team(story, "two")
    await publish(story)
    assert await held(story, one) == [(1, "4.00"), (1, None)]

    moved = await run(story)

    assert await held(story, one) == [(2, "8.00"), (2, None)]
    assert await held(story, two) == [(2, "8.00"), (2, None)]
    assert await job(story, moved) == {"state": "DONE", "counts": {"DONE": 2}, "items": {"one": "DONE", "two": "DONE"}}
    ((_, kind, by, told),) = await story.news("one")
    assert (kind, by) == ("subscription.plan_changed", "API")
    assert told == {"planVersionId": ("team v1", "plv1"), "jobId": (None, "job1")}

    again = await run(story)

    assert await job(story, again) == {"state": "DONE", "counts": {}, "items": {}}
    assert await story.news("one") == []


@pytest.mark.parametrize("when", ["NOW", "AT_RENEWAL"])
async def test_the_money_that_a_preview_shows_is_the_money_of_the_move(story: Story, when: str) -> None:
    await _team(story, "one", quantity=3)
    await story.advance("2024-01-22")
    await publish(story)
    asked = {**INPUT, "when": when}
    (edge,) = (await story.world.ask(MONEY, input=asked))["answer"]["subscriptions"]["edges"]
    shown = edge["node"]["change"]["money"]
    before = await invoices(story, "one")

    await run(story, when=when)
    now = (await invoices(story, "one"))[len(before) :]
    await story.advance("2024-02-01")
    later = (await invoices(story, "one"))[len(before) + len(now) :]

    assert shown["token"] is None, "a job is held to nothing"
    assert [each["total"] for each in shown["invoicedNow"]] == [each["total"] for each in now]
    assert [each["total"] for each in shown["upcoming"]] == [each["total"] for each in later]
    assert (bool(now), later[0]["total"]) == (when == "NOW", {"amount": "24.00"})


async def test_keeping_prices_keeps_them_through_later_changes_of_quantity(story: Story) -> None:
    one = await _team(story, "one", quantity=3)
    await publish(story)

    await run(story, prices="KEEP")

    assert await held(story, one) == [(2, "4.00"), (2, None)]
    await story.act(documents.CHANGE, subscriptionId=one, quantity=5)
    assert await held(story, one) == [(2, "4.00"), (2, None)]

    await run(story, **{"from": {"planId": "team", "version": 2}, "to": {"planId": "team", "version": 2}})

    assert await held(story, one) == [(2, "8.00"), (2, None)]


async def test_who_is_skipped_is_named_and_the_preview_knew(story: Story) -> None:
    plain = await _team(story, "plain")
    for name in ("leaving", "shrinking", "yearly"):
        await _team(story, name, **({"interval": {"unit": "YEAR"}, "currency": "EUR"} if name == "yearly" else {}))
    ids = {edge["externalId"]: edge["id"] for edge in await _listed(story)}
    await story.act(documents.CANCEL, subscriptionId=ids["leaving"], timing="END_OF_PERIOD", reason="UNUSED")
    await story.act(documents.DOWNGRADE, subscriptionId=ids["shrinking"], planId="free")
    await publish(story)
    asked = {**migrating.INPUT, "to": {"planId": "enterprise"}, "prices": "NEW", "when": "AT_RENEWAL"}
    expected = {
        "plain": "DONE", "leaving": "CANCELLATION_PENDING", "shrinking": "CHANGE_PENDING", "yearly": "DONE"
    }  # fmt: skip

    preview = (await story.world.ask(migrating.PREVIEW, input=asked, first=30))["answer"]
    job_id = await run(story, to={"planId": "enterprise"}, when="AT_RENEWAL")

    rows = [edge["node"] for edge in preview["subscriptions"]["edges"]]
    assert {row["subscription"]["externalId"]: (row["refusal"] or {"code": "DONE"})["code"] for row in rows} == expected
    assert not any("undoCancellation" in (row["refusal"] or {"message": ""})["message"] for row in rows)
    assert preview["totals"] == {
        "examined": 4,
        "complete": True,
        "wouldMove": 2,
        "wouldSkip": [{"code": "CANCELLATION_PENDING", "count": 1}, {"code": "CHANGE_PENDING", "count": 1}],
    }
    assert await job(story, job_id) == {
        "state": "DONE",
        "counts": {"DONE": 2, "SKIPPED": 2},
        "items": expected,
    }
    assert (await story.subscription(plain))["scheduledChanges"][0]["appliesAt"] == "2024-02-01"


async def _listed(story: Story) -> list[dict[str, Any]]:
    query = "{ subscriptions(first: 100) { edges { node { id externalId } } } }"
    return [edge["node"] for edge in (await story.world.ask(query))["subscriptions"]["edges"]]


async def test_a_preview_compares_what_each_customer_has_with_what_it_would_have(story: Story) -> None:
    await _team(story, "one")
    await _team(story, "two")
    await story.act(documents.CONSUME, customer={"externalId": "one"}, feature="packages_transfer", amount="7",
                    idempotencyKey="used")  # fmt: skip
    await publish(story)

    asked: dict[str, Any] = {"input": migrating.INPUT, "first": 1}
    page = (await story.world.ask(migrating.PREVIEW, **asked))["answer"]
    cursor = page["subscriptions"]["pageInfo"]["endCursor"]
    after = (await story.world.ask(migrating.PREVIEW, **asked, after=cursor))["answer"]

    assert (page["from"], page["to"]) == ({"version": 1}, {"version": 2})
    (row,) = (edge["node"] for edge in page["subscriptions"]["edges"])
    changes = {each["feature"]["key"]: each for each in row["change"]["entitlements"] if each["kind"] != "SAME"}
    assert {key: each["kind"] for key, each in changes.items()} == {
        "packages_transfer": "LOWERED",
        "code_owners": "LOST",
    }
    assert (changes["packages_transfer"]["used"], changes["packages_transfer"]["overBy"]) == ("7", "2")
    assert page["subscriptions"]["pageInfo"]["hasNextPage"]
    assert not after["subscriptions"]["pageInfo"]["hasNextPage"]
    assert [edge["node"]["subscription"]["externalId"] for edge in after["subscriptions"]["edges"]] == ["two"]


async def test_at_renewal_it_waits_is_seen_and_says_which_job_moved_it(story: Story) -> None:
    one = await _team(story, "one")
    await publish(story)
    await run(story, when="AT_RENEWAL")
    await story.events("one")
    assert await held(story, one) == [(1, "4.00"), (1, None)]

    await story.advance("2024-02-01")

    assert await held(story, one) == [(2, "8.00"), (2, None)]
    (_, kind, by, told), _renewed = await story.news("one")
    assert (kind, by, told["jobId"]) == ("subscription.plan_changed", "time", (None, "job1"))


async def test_until_it_is_applied_it_can_be_undone_and_what_it_replaced_waits_again(story: Story) -> None:
    one, two = await _team(story, "one"), await _team(story, "two")
    await story.act(documents.DOWNGRADE, subscriptionId=one, planId="free")
    pending = (await story.subscription(one))["scheduledChanges"]
    await publish(story)
    job_id = await run(story, when="AT_RENEWAL", pendingChanges="REPLACE")
    assert (await story.subscription(one))["scheduledChanges"] != pending
    await story.world.ask(documents.UNDO_CHANGE, input={"id": await _waiting(story, two)})

    answer = (await story.world.ask(migrating.UNDO, input={"id": job_id}))["answer"]
    await story.world.worker().catch_up()

    assert answer["job"] == {"id": job_id, "state": "RUNNING"}
    assert await job(story, job_id) == {
        "state": "CANCELED",
        "counts": {"UNDONE": 1, "DONE": 1},
        "items": {"one": "UNDONE", "two": "ALREADY_APPLIED"},
    }
    assert (await story.subscription(one))["scheduledChanges"] == pending
    await story.advance("2024-02-02")
    assert (await story.subscription(one))["plan"] == "free"
    assert await held(story, two) == [(1, "4.00"), (1, None)]


async def _waiting(story: Story, subscription: str) -> str:
    query = "query($id: ID!) { subscription(id: $id) { scheduledChanges { id } } }"
    found = (await story.world.ask(query, id=subscription))["subscription"]["scheduledChanges"]
    waiting: str = found[0]["id"]
    return waiting


async def test_a_customer_sees_the_move_and_leaves_it_to_the_merchant(story: Story) -> None:
    one = await _team(story, "one")
    await publish(story)
    await run(story, when="AT_RENEWAL")
    token = await story.token("one")

    answer = await story.act(documents.UNDO_CHANGE, key=token, id=await _waiting(story, one))

    assert answer == {"__typename": "MerchantOnly", "code": "MERCHANT_ONLY", "field": "id"}
    assert "UNDO_CHANGE" not in await story.open_to(one, "CUSTOMER")
    assert "UNDO_CHANGE" in await story.open_to(one, "MERCHANT")
    assert (await story.subscription(one, key=token))["scheduledChanges"][0]["plan"] == "team"


async def test_a_stopped_job_tries_no_more_and_an_ended_one_is_not_stopped(story: Story) -> None:
    one = await _team(story, "one")
    await publish(story)
    job_id = await start(story)

    stopped = (await story.world.ask(migrating.CANCEL, input={"id": job_id}))["answer"]
    await story.world.worker().catch_up()

    assert stopped == {"__typename": "JobCanceled", "job": {"id": job_id, "state": "CANCELED"}}
    assert await held(story, one) == [(1, "4.00"), (1, None)]
    done = await run(story)
    assert (await story.world.ask(migrating.CANCEL, input={"id": done}))["answer"] == {
        "__typename": "JobEnded",
        "code": "JOB_ENDED",
        "field": "id",
        "outcome": "DONE",
    }


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"from": {"planId": "nothing"}}, "NOT_FOUND", "from"),
    ({"from": {"planId": "team", "version": 9}}, "NOT_FOUND", "from"),
    ({"to": {"planId": "team", "version": 9}}, "NOT_FOUND", "planId"),
    ({"to": {"planId": "data_pack"}}, "PLAN_NOT_AVAILABLE", "planId"),
    ({"to": {"planId": "team", "version": 1}, "prices": "KEEP"}, "INVALID_INPUT", "to"),
    ({"to": {"planId": "free"}, "prices": "KEEP"}, "INVALID_INPUT", "prices"),
    ({"filter": {"currency": "XX"}}, "INVALID_INPUT", "currency"),
]


async def test_what_could_move_nobody_is_refused_and_starts_nothing(story: Story) -> None:
    for more, code, field in REFUSED:
        answer = (await story.world.ask(migrating.START, input={**migrating.INPUT, **more}))["answer"]
        assert (answer["code"], answer["field"]) == (code, field)
    assert (await story.world.ask("{ jobs { edges { node { id } } } }"))["jobs"]["edges"] == []


async def test_a_filter_limits_whom_it_moves(story: Story) -> None:
    await _team(story, "dollars")
    await _team(story, "euros", currency="EUR")
    await story.jump(datetime(2024, 1, 5, tzinfo=UTC))
    late = await _team(story, "late")
    await publish(story)

    euros = await run(story, filter={"currency": "EUR"})
    early = await run(story, filter={"createdBefore": "2024-01-02T00:00:00Z"})
    named = await run(story, filter={"subscriptionIds": [late]})

    assert [(await job(story, each))["items"] for each in (euros, early, named)] == [
        {"euros": "DONE"},
        {"dollars": "DONE"},
        {"late": "DONE"},
    ]
