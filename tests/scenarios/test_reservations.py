"""An amount is held for a long job: it counts as taken until the job is settled or released, or its time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios import documents
from tests.scenarios.story import happened, instant
from tests.scenarios.test_usage import books, take

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

ACME = {"externalId": "acme"}
BANDWIDTH: dict[str, Any] = {"customer": ACME, "feature": "lfs_bandwidth"}


async def reserve(story: Story, amount: str, **more: Any) -> Told:
    """Reserve bandwidth; `story.given` keeps the id."""
    more.setdefault("expiresInSeconds", 86_400)
    key = story.world.fresh_key()
    return await story.act(documents.RESERVE, **BANDWIDTH, amount=amount, idempotencyKey=key, **more)


async def settle(story: Story, amount: str | None = None, id: str = "") -> Told:
    """Settle the reservation that was made last, or another one."""
    asked = {"id": id or story.given["reservation"], "idempotencyKey": story.world.fresh_key()}
    return await story.act(documents.SETTLE, **asked, **({"amount": amount} if amount else {}))


async def release(story: Story) -> Told:
    """Release the reservation that was made last."""
    return await story.act(documents.RELEASE, id=story.given["reservation"])


async def left(story: Story, **more: Any) -> tuple[str, str, str]:
    """What is used, reserved and remains."""
    told = await story.entitlement("acme", "lfs_bandwidth", **more)
    return told["used"], told["reserved"], told["remaining"]


async def test_what_is_held_counts_as_taken_until_it_is_settled(story: Story) -> None:
    await story.subscribe("acme", "free")

    held = await reserve(story, "6")

    life = {"state": "HELD", "createdAt": "2024-01-01", "expiresAt": "2024-01-02"}
    assert held == {
        "__typename": "EntitlementReserved",
        "reservation": {"id": "rsv1", "amount": "6", **life},
        "used": "0",
        "reserved": "6",
        "limit": "10",
        "unlimited": False,
        "remaining": "4",
        "resetsAt": "2024-02-01",
        "replayed": False,
    }
    assert await left(story) == ("0", "6", "4")
    assert (await take(story, "5"))["reason"] == "REQUESTED_EXCEEDS_LIMIT"
    assert (await reserve(story, "5"))["reason"] == "REQUESTED_EXCEEDS_LIMIT"
    assert (await take(story, "4"))["remaining"] == "0"
    await story.news("acme")

    settled = await settle(story, "2.5")

    done = {"state": "SETTLED", "settledAmount": "2.5", "endedAt": "2024-01-01"}
    assert settled == {
        "__typename": "ReservationSettled",
        "reservation": {**done, "record": {"amount": "2.5"}},
        "record": {"amount": "2.5", "kind": "SETTLE", "occurredAt": "2024-01-01", "overage": "0"},
        "used": "6.5",
        "reserved": "0",
        "limit": "10",
        "remaining": "3.5",
        "resetsAt": "2024-02-01",
        "replayed": False,
    }
    about: dict[str, Any] = {"featureId": (None, "lfs_bandwidth"), "resource": (None, "")}
    assert await story.news("acme") == [
        happened("2024-01-01", "usage.consumed", "API", **about, amount=(None, "2.5")),
        happened("2024-01-01", "reservation.settled", "API", **about, amount=(None, "2.5"), reserved=(None, "6")),
    ]


async def test_more_than_is_held_is_settled_where_it_could_be_consumed(story: Story) -> None:
    await story.subscribe("acme", "free")
    await reserve(story, "6")
    first = story.given["reservation"]
    await reserve(story, "3")

    too_much = await settle(story, "7.5", first)
    fits = await settle(story, "7", first)

    assert too_much["__typename"] == "EntitlementDenied"
    assert (too_much["reason"], too_much["remaining"]) == ("REQUESTED_EXCEEDS_LIMIT", "1")
    assert (fits["used"], fits["reserved"], fits["remaining"]) == ("7", "3", "0")


async def test_what_is_released_can_be_used_by_others_and_ends_once(story: Story) -> None:
    await story.subscribe("acme", "free")
    await reserve(story, "10")
    await story.news("acme")

    released = await release(story)

    ended = {"state": "RELEASED", "endedAt": "2024-01-01"}
    assert released == {"__typename": "ReservationReleased", "replayed": False, "reservation": ended}
    assert await left(story) == ("0", "0", "10")
    refused = {"__typename": "ReservationEnded", "code": "RESERVATION_ENDED", "field": "id", "state": "RELEASED"}
    assert [await release(story), await settle(story)] == [refused, refused]
    about: dict[str, Any] = {"featureId": (None, "lfs_bandwidth"), "amount": (None, "10")}
    assert await story.news("acme") == [happened("2024-01-01", "reservation.released", "API", **about)]


async def test_an_expired_reservation_holds_nothing_whether_or_not_a_worker_noted_it(story: Story) -> None:
    await story.subscribe("acme", "free")
    await reserve(story, "10", expiresAt=instant(2024, 1, 3), expiresInSeconds=None)
    await story.news("acme")
    assert await left(story, at=instant(2024, 1, 2)) == ("0", "10", "0")
    assert await left(story, at=instant(2024, 1, 3)) == ("0", "0", "10")

    await story.jump("2024-01-03")

    over = {"amount": "10", "state": "EXPIRED", "endedAt": "2024-01-03"}
    assert await left(story) == ("0", "0", "10")
    for state in (None, "EXPIRED"):
        listed = await story.world.ask(documents.RESERVATIONS, filter={"customer": ACME, "state": state})
        assert story.names.plain(listed["reservations"]["edges"]) == [{"node": over}]
    refused = {"code": "RESERVATION_EXPIRED", "field": "id", "expiredAt": "2024-01-03"}
    assert [await settle(story), await release(story)] == [{"__typename": "ReservationExpired", **refused}] * 2
    assert await story.news("acme") == [], "a refusal writes nothing, not even what is due"
    assert (await take(story, "10"))["remaining"] == "0"
    about: dict[str, Any] = {"featureId": (None, "lfs_bandwidth"), "amount": (None, "10")}
    expired = happened("2024-01-03", "reservation.expired", **about)
    assert (await story.news("acme"))[0] == expired
    await story.world.worker().catch_up()
    assert expired not in await story.news("acme")
    assert await left(story, at=instant(2024, 1, 2)) == ("0", "10", "0"), "the past is as it was"


async def test_a_worker_notes_the_expiry_at_its_own_instant(story: Story) -> None:
    await story.subscribe("acme", "free")
    await reserve(story, "10")
    await story.news("acme")

    await story.advance("2024-01-20")

    about: dict[str, Any] = {"featureId": (None, "lfs_bandwidth"), "amount": (None, "10")}
    assert await story.news("acme") == [happened("2024-01-02", "reservation.expired", **about)]


async def test_grants_are_held_in_the_order_in_which_they_burn_and_outlive_their_end(story: Story) -> None:
    await story.subscribe("acme", "free")
    early: dict[str, Any] = {"priority": 20, "amount": "5", "expiresAt": instant(2024, 1, 3)}
    await story.act(documents.GRANT, **BANDWIDTH, **early)
    await story.act(documents.GRANT, **BANDWIDTH, amount="7")

    held = await reserve(story, "18", expiresInSeconds=10 * 86_400)

    assert (held["reserved"], held["remaining"]) == ("18", "4")
    told = await story.entitlement("acme", "lfs_bandwidth")
    assert (told["reserved"], told["allowanceLeft"], told["remaining"]) == ("18", "4", "4")
    await story.advance("2024-01-05")
    assert await left(story) == ("0", "13", "4"), "what is held of a grant that ended is no part of what stands"
    settled = await settle(story, "16")
    assert (settled["used"], settled["reserved"], settled["remaining"]) == ("10", "0", "6")
    kept = await books(story)
    assert (kept.amount, kept.of_limit, kept.granted) == (16_000, 10_000, {5_000: 5_000, 7_000: 1_000})


async def test_a_reservation_holds_of_every_window_that_it_lives_through(story: Story) -> None:
    await story.subscribe("acme", "free")
    await story.advance("2024-01-31")
    await reserve(story, "8", expiresInSeconds=3 * 86_400)
    await take(story, "2")

    await story.advance("2024-02-02")

    assert await left(story) == ("0", "8", "2")
    assert (await take(story, "3"))["reason"] == "REQUESTED_EXCEEDS_LIMIT"
    settled = await settle(story)
    assert (settled["used"], settled["record"]["occurredAt"], settled["remaining"]) == ("8", "2024-02-02", "2")
    assert await left(story, at=instant(2024, 1, 31, 12)) == ("2", "8", "0")


async def test_a_smaller_plan_honours_what_is_held(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await reserve(story, "200")
    await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="free", timing="IMMEDIATE")

    told = await story.entitlement("acme", "lfs_bandwidth")
    settled = await settle(story, "150")

    assert (told["limit"], told["reserved"], told["overBy"], told["reason"]) == ("10", "200", "190", "LIMIT_REACHED")
    assert (settled["used"], settled["overBy"], settled["record"]["overage"]) == ("150", "140", "140")


async def test_what_is_held_of_a_limit_that_ended_is_settled_all_the_same(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await reserve(story, "20")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")

    more = await settle(story, "21")
    settled = await settle(story)

    assert (more["__typename"], more["reason"]) == ("EntitlementDenied", "SUBSCRIPTION_ENDED")
    assert (settled["record"]["amount"], settled["used"]) == ("20", "20")


async def test_an_override_is_held_of_like_a_limit(story: Story) -> None:
    await story.subscribe("acme", "free")
    await story.act(documents.GRANT, **BANDWIDTH, amount="7")
    await story.act(documents.OVERRIDE, **BANDWIDTH, limit="30")

    held = await reserve(story, "25")

    assert (held["limit"], held["remaining"]) == ("30", "5")
    await story.act(documents.CLEAR, **BANDWIDTH)
    assert await left(story) == ("0", "25", "7"), "the limit is taken, the grant is not"
    assert (await settle(story))["overBy"] == "15"


async def test_how_long_it_is_held_is_bounded(story: Story) -> None:
    await story.subscribe("acme", "free")

    usual = await reserve(story, "1", expiresInSeconds=None)
    both = await reserve(story, "1", expiresAt=instant(2024, 1, 2))
    past = await reserve(story, "1", expiresAt=instant(2024), expiresInSeconds=None)
    long = await reserve(story, "1", expiresAt=instant(2024, 2, 1), expiresInSeconds=None)
    nothing = await reserve(story, "0")

    assert usual["reservation"]["expiresAt"] == "2024-01-01T00:15:00"
    assert both == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "field": "expiresAt"}
    bounds = {"field": "expiresAt", "earliest": "2024-01-01", "latest": "2024-01-31"}
    assert [past, long] == [{"__typename": "DateOutOfRange", "code": "DATE_OUT_OF_RANGE", **bounds}] * 2
    assert nothing["code"] == "AMOUNT_OUT_OF_RANGE"
    assert await left(story) == ("0", "1", "9")


async def test_the_same_key_reserves_and_settles_once(story: Story) -> None:
    await story.subscribe("acme", "free")
    asked: dict[str, Any] = {**BANDWIDTH, "amount": "6", "idempotencyKey": "job"}

    first, again = [await story.act(documents.RESERVE, **asked) for _ in range(2)]
    done: dict[str, Any] = {"id": story.given["reservation"], "amount": "4", "idempotencyKey": "done"}
    settled, replay = [await story.act(documents.SETTLE, **done) for _ in range(2)]

    assert again == first | {"replayed": True}
    assert replay == settled | {"replayed": True}
    assert await left(story) == ("4", "0", "6")


BESIDE = """
catalog: 1
products: {app: {name: App}}
features: {calls: {name: Calls, kind: metered, unit: calls}}
plans:
  month: {name: Month, product: app, kind: free, entitlements: {calls: {limit: 10, reset: month}}}
  big: {name: Big, product: app, kind: free, rank: 9, entitlements: {calls: {limit: 50, reset: month}}}
"""


async def held_of_a_grant(story: Story, *resources: str) -> None:
    """Hold 1 of a grant of 3 to the whole customer; only then some resources have plans of their own."""
    await story.catalog(BESIDE)
    await story.world.ask(documents.UPSERT, input=ACME)
    calls: dict[str, Any] = {"customer": ACME, "feature": "calls"}
    await story.act(documents.GRANT, **calls, amount="3", idempotencyKey="gift")
    held = await story.act(documents.RESERVE, **calls, amount="1", expiresInSeconds=86_400, idempotencyKey="job")
    assert (held["reserved"], held["remaining"]) == ("1", "2")
    for resource in resources:
        assert (await story.create("acme", "month", resourceId=resource))["__typename"] == "SubscriptionCreated"


async def test_a_resource_that_comes_later_does_not_pay_for_what_was_held_without_it(story: Story) -> None:
    await held_of_a_grant(story, "r1")
    calls: dict[str, Any] = {"customer": ACME, "feature": "calls"}
    await story.act(documents.CONSUME, **calls, amount="10", resource="r1", idempotencyKey="r1")

    denied = await settle(story, "4")
    told = await settle(story, "3")

    assert denied == {
        "__typename": "EntitlementDenied",
        "reason": "REQUESTED_EXCEEDS_LIMIT",
        "requested": "4",
        "used": "0",
        "unlimited": False,
        "remaining": "2",
    }
    assert (told["__typename"], told["used"], told["reserved"], told["remaining"]) == (
        "ReservationSettled",
        "0",
        "0",
        "0",
    )
    r1 = await story.entitlement("acme", "calls", resource="r1")
    assert (r1["used"], r1["overBy"], r1["allowanceLeft"]) == ("10", "0", "0")


async def test_what_is_held_without_a_resource_is_settled_where_several_came_later(story: Story) -> None:
    await held_of_a_grant(story, "r1", "r2")

    told = await settle(story)

    assert told == {
        "__typename": "ReservationSettled",
        "reservation": {"state": "SETTLED", "settledAmount": "1", "endedAt": "2024-01-01", "record": {"amount": "1"}},
        "record": {"amount": "1", "kind": "SETTLE", "occurredAt": "2024-01-01", "overage": "0"},
        "used": "0",
        "reserved": "0",
        "remaining": "2",
        "replayed": False,
    }


async def test_what_is_beyond_a_reservation_is_taken_from_the_limit_that_it_holds_of(story: Story) -> None:
    await story.catalog(BESIDE)
    await story.subscribe("acme", "month")
    calls: dict[str, Any] = {"customer": ACME, "feature": "calls"}
    reserved: dict[str, Any] = {"amount": "6", "resource": "r1", "expiresInSeconds": 86_400, "idempotencyKey": "job"}
    await story.act(documents.RESERVE, **calls, **reserved)
    await story.create("acme", "big", resourceId="r1")
    await story.act(documents.CONSUME, **calls, amount="3", resource="r2", idempotencyKey="r2")

    denied = await settle(story, "8")
    told = await settle(story, "7")

    assert (denied["reason"], denied["limit"], denied["remaining"]) == ("REQUESTED_EXCEEDS_LIMIT", "10", "1")
    assert (told["record"]["overage"], told["used"], told["limit"]) == ("0", "0", "50"), "r1 has a limit of its own now"
    r2 = await story.entitlement("acme", "calls", resource="r2")
    assert (r2["used"], r2["limit"], r2["overBy"]) == ("10", "10", "0"), "all of the customer's"
