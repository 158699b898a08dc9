"""Many reports in one call: an answer for each, in order; a bad one is refused alone; a customer's are one unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from models.rows import rows, value
from models.tables import EnvironmentRow, EventRow, IdempotencyRow, SequenceRow, UsageRow
from models.tables.base import table
from resolvers.usage_report_many import MOST_REPORTS
from tests.scenarios import documents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.scenarios.story import Story

DOCUMENT = """mutation($input: UsageReportManyInput!) { usageReportMany(input: $input) { __typename
  ... on UserError { code field message }
  ... on UsageManyReported { results { __typename
    ... on UsageReported { record { id amount kind } used remaining overBy replayed }
    ... on UserError { code field } } } } }"""
U, E, K, Q, N = (table(each) for each in (UsageRow, EventRow, IdempotencyRow, SequenceRow, EnvironmentRow))


def row(key: str, value: str = "1", customer: str = "acme", **more: Any) -> dict[str, Any]:
    """One report."""
    about = {"customer": {"externalId": customer}, "feature": "lfs_bandwidth"}
    return {**about, "value": value, "idempotencyKey": key, **more}


async def sent(story: Story, *reports: dict[str, Any]) -> Any:
    """Send reports and answer the whole."""
    return (await story.world.ask(DOCUMENT, input={"reports": list(reports)}))["usageReportMany"]


async def results(story: Story, *reports: dict[str, Any]) -> list[dict[str, Any]]:
    """Send reports and answer the results."""
    whole = await sent(story, *reports)
    assert whole["__typename"] == "UsageManyReported", whole
    found: list[dict[str, Any]] = whole["results"]
    return found


def short(answers: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What was written and where the counter stands, or the code and the argument."""
    return [
        (one["record"]["amount"], one["used"], one["replayed"]) if "record" in one else (one["code"], one["field"])
        for one in answers
    ]


async def written(story: Story) -> dict[str, int]:
    """How many rows of each kind there are."""
    async with story.world.database.reading() as connection:
        return {each.name: int(await value(connection, select(func.count()).select_from(each))) for each in (U, E, K)}


async def test_every_report_has_its_own_answer_in_order(story: Story) -> None:
    for name in ("acme", "beta"):
        await story.subscribe(name, "team")
    before = await written(story)

    answers = await results(
        story,
        row("a", "10"),
        row("b", "5", "beta"),
        row("c", "-3", reason="counted twice"),
        row("d", "300", kind="SET"),
        row("e", "0.5", "beta"),
    )

    assert short(answers) == [
        ("10", "10", False),
        ("5", "5", False),
        ("-3", "7", False),
        ("293", "300", False),
        ("0.5", "5.5", False),
    ]
    assert [each["record"]["kind"] for each in answers] == ["REPORT", "REPORT", "REPORT", "SET", "REPORT"]
    assert (answers[3]["remaining"], answers[3]["overBy"]) == ("0", "50")
    reported = {name: count + 5 for name, count in before.items()}
    assert await written(story) == reported | {"event": reported["event"] + 2}, "and two thresholds were passed"
    assert (await story.entitlement("acme", "lfs_bandwidth"))["used"] == "300"


async def test_a_bad_report_is_refused_alone(story: Story) -> None:
    await story.subscribe("acme", "team")
    before = await written(story)

    answers = await results(
        story,
        row("good 1"),
        row("unknown", customer="nobody"),
        row("feature", feature="nothing"),
        row("kind", feature="protected_branches"),
        row("zero", "0"),
        row("scale", "0.12345678901"),
        row("below", "-9", reason="too much"),
        row("unsaid", "-1"),
        row("ahead", occurredAt="2024-02-01T00:00:00Z"),
        row("bad\nkey"),
        row("", "1"),
        row("text", reason="\x00"),
        row("good 2"),
    )

    assert short(answers) == [
        ("1", "1", False),
        ("NOT_FOUND", "customer"),
        ("NOT_FOUND", "feature"),
        ("FEATURE_NOT_METERED", "feature"),
        ("AMOUNT_OUT_OF_RANGE", "value"),
        ("AMOUNT_OUT_OF_RANGE", "value"),
        ("AMOUNT_OUT_OF_RANGE", "value"),
        ("INVALID_INPUT", "reason"),
        ("DATE_OUT_OF_RANGE", "occurredAt"),
        ("INVALID_INPUT", "idempotencyKey"),
        ("INVALID_INPUT", "idempotencyKey"),
        ("INVALID_INPUT", "reason"),
        ("1", "2", False),
    ]
    assert await written(story) == {name: count + 2 for name, count in before.items()}


async def test_a_call_whose_reports_are_all_refused_leaves_nothing(story: Story) -> None:
    await story.subscribe("acme", "team")
    before = await written(story)
    async with story.world.database.reading() as connection:
        sequences = await rows(connection, select(Q.c.owner_id, Q.c.seq).order_by(Q.c.owner_id))

    assert short(await results(story, row("a", "0"), row("b", "-1"), row("c", customer="nobody"))) == [
        ("AMOUNT_OUT_OF_RANGE", "value"),
        ("INVALID_INPUT", "reason"),
        ("NOT_FOUND", "customer"),
    ]
    assert await results(story) == []

    assert await written(story) == before
    async with story.world.database.reading() as connection:
        assert await rows(connection, select(Q.c.owner_id, Q.c.seq).order_by(Q.c.owner_id)) == sequences


async def test_a_key_is_one_act_within_a_call_across_calls_and_in_a_call_of_its_own(story: Story) -> None:
    for name in ("acme", "beta"):
        await story.subscribe(name, "team")

    first = await results(story, row("a"), row("a"), row("a", "2"), row("b"), row("a", customer="beta"))
    again = await results(story, row("b"), row("c"), row("a"))
    alone = await story.act(documents.REPORT, **row("c"))
    await story.act(documents.REPORT, **row("d"))
    after = await results(story, row("d"), row("d", "3"))

    conflict = ("IDEMPOTENCY_CONFLICT", "idempotencyKey")
    assert short(first) == [("1", "1", False), ("1", "1", True), conflict, ("1", "2", False), conflict]
    assert first[1] == first[0] | {"replayed": True}
    assert short(again) == [("1", "2", True), ("1", "3", False), ("1", "1", True)]
    assert again[2] == first[1]
    assert (alone["replayed"], alone["used"]) == (True, "3")
    assert short(after) == [("1", "4", True), conflict]


async def test_a_customer_who_is_named_in_two_ways_is_one_with_its_reports_in_order(story: Story) -> None:
    for name in ("acme", "beta"):
        await story.subscribe(name, "team")
    by_id = {"customer": {"id": await story.customer_id("acme")}}

    answers = await results(
        story,
        row("a", "7", kind="SET"),
        row("b", "2") | by_id,
        row("c", "4", customer="beta"),
        row("d", "1", customer="nobody"),
        row("e", "3", kind="SET"),
        row("b", "2"),
        row("a", "7", kind="SET") | by_id,
    )

    assert short(answers) == [
        ("7", "7", False),
        ("2", "9", False),
        ("4", "4", False),
        ("NOT_FOUND", "customer"),
        ("-6", "3", False),
        ("2", "9", True),
        ("7", "7", True),
    ]
    assert (await story.entitlement("acme", "lfs_bandwidth"))["used"] == "3"


async def test_a_key_is_one_act_however_the_customer_is_named(story: Story) -> None:
    await story.subscribe("acme", "team")
    by_id = {"id": await story.customer_id("acme")}
    about: dict[str, Any] = {"feature": "lfs_bandwidth", "amount": "1", "idempotencyKey": "once"}

    for document in (documents.CONSUME, documents.GRANT, documents.RESERVE):
        first = await story.act(document, customer={"externalId": "acme"}, **about)
        again = await story.act(document, customer=by_id, **about)
        assert again == first | {"replayed": True}, document


async def test_a_replay_is_found_beside_new_reports_and_writes_nothing(story: Story) -> None:
    await story.subscribe("acme", "team")
    first = await results(story, row("a"), row("b"))
    before = await written(story)

    assert await results(story, row("a"), row("b")) == [each | {"replayed": True} for each in first]
    assert await written(story) == before


async def test_late_reports_count_in_their_own_windows_and_leave_the_present_one(story: Story) -> None:
    await story.subscribe("acme", "team")
    await story.jump("2024-03-10")
    days = [f"2024-{month:02}-05T00:00:00Z" for month in (1, 3, 2, 1, 3)]

    answers = await results(story, *(row(f"k{number}", "2", occurredAt=day) for number, day in enumerate(days)))

    assert short(answers) == [("2", used, False) for used in ("0", "2", "2", "2", "4")]
    assert (await story.entitlement("acme", "lfs_bandwidth"))["used"] == "4"
    await results(story, row("more", "1"))
    assert (await story.entitlement("acme", "lfs_bandwidth"))["used"] == "5"


async def test_a_thousand_reports_fit_and_one_more_does_not(story: Story) -> None:
    await story.subscribe("acme", "team")
    full: dict[str, Any] = {"kind": "DELTA", "occurredAt": None, "reason": None, "resource": None, "actor": "Ann"}

    answers = await results(story, *(row(f"key {number}", **full) for number in range(MOST_REPORTS)))

    assert short(answers) == [("1", str(number + 1), False) for number in range(MOST_REPORTS)]
    before = await written(story)
    assert await sent(story, *(row(f"more {number}") for number in range(MOST_REPORTS + 1))) == {
        "__typename": "InvalidInput",
        "code": "INVALID_INPUT",
        "field": "reports",
        "message": "This list is too long: at most 1000.",
    }
    assert await written(story) == before


async def test_a_key_that_is_in_use_elsewhere_is_late_alone(story: Story) -> None:
    await story.subscribe("acme", "team")
    in_flight = story.world.database.in_flight
    in_flight.patience = 0.02
    environment = story.world.places["main"].environment.id

    async with in_flight((environment, "usageReport", "merchant", "b")):
        answers = await results(story, row("a"), row("b"), row("c"))

    assert short(answers) == [("1", "1", False), ("IDEMPOTENCY_IN_PROGRESS", "idempotencyKey"), ("1", "2", False)]
    assert short(await results(story, row("b"))) == [("1", "3", False)]


async def test_reports_of_an_environment_that_wants_a_human_name_one_each(story: Story) -> None:
    await story.subscribe("acme", "team")
    async with story.world.database.working() as connection:
        await connection.execute(update(N).values(require_actor=True))

    answers = await results(story, row("a", actor="Ann"), row("b"), row("c", actor="Ben"))

    assert short(answers) == [("1", "1", False), ("ACTOR_REQUIRED", "actor"), ("1", "2", False)]
    async with story.world.database.reading() as connection:
        told = select(E.c.actor).where(E.c.type == "usage.reported").order_by(E.c.seq)
        assert [each["actor"] for each in await rows(connection, told)] == ["Ann", "Ben"]
