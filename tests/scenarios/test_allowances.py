"""Grants and overrides live from their start to their end, and their end is an event of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios import documents
from tests.scenarios.story import happened, instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

ACME = {"externalId": "acme"}
CALLS = """catalog: 1
products: {api: {name: API}}
features: {calls: {name: Calls, kind: metered, unit: calls, product: api}}
plans:
  pro:
    {name: Pro, product: api, kind: free, rank: 5, addons: [more], entitlements: {calls: {limit: 1000, reset: month}}}
addons:
  more: {name: More, product: api, kind: free, entitlements: {calls: {limit: 200, reset: month}}}
"""


async def consume(story: Story, feature: str, amount: str, **more: Any) -> Told:
    """Consume and tell the whole answer."""
    key = story.world.fresh_key()
    return await story.act(documents.CONSUME, customer=ACME, feature=feature, amount=amount, idempotencyKey=key, **more)


async def listed(story: Story) -> tuple[int, int]:
    """Count the grants and overrides that are told of."""
    query = "query($ref: CustomerRef!) { customer(ref: $ref) { grants { id } overrides { id } } }"
    customer = (await story.world.ask(query, ref=ACME))["customer"]
    return len(customer["grants"]), len(customer["overrides"])


async def test_limit_and_grant_burn_together_and_end_apart(story: Story) -> None:
    await story.catalog(CALLS)
    await story.subscribe("acme", "pro", addOns=[{"addOnId": "more", "quantity": 2}])
    await story.act(documents.GRANT, customer=ACME, feature="calls", amount="500", expiresAt=instant(2024, 2, 1))

    taken = await consume(story, "calls", "1450")

    assert taken == {
        "__typename": "EntitlementGranted",
        "amount": "1450",
        "used": "1400",
        "limit": "1400",
        "unlimited": False,
        "remaining": "450",
        "resetsAt": "2024-02-01",
        "replayed": False,
    }
    told = await story.entitlement("acme", "calls")
    assert (told["used"], told["limit"], told["allowanceLeft"], told["remaining"]) == ("1400", "1400", "450", "450")
    assert (await consume(story, "calls", "450"))["remaining"] == "0"
    assert await consume(story, "calls", "1") == {
        "__typename": "EntitlementDenied",
        "reason": "LIMIT_REACHED",
        "requested": "1",
        "used": "1400",
        "limit": "1400",
        "unlimited": False,
        "remaining": "0",
        "resetsAt": "2024-02-01",
    }
    await story.jump("2024-02-01")
    told = await story.entitlement("acme", "calls")
    assert (told["used"], told["limit"], told["allowanceLeft"], told["remaining"]) == ("0", "1400", "0", "1400")


async def test_a_grant_that_expires_says_so_and_tells_what_was_left(story: Story) -> None:
    await story.subscribe("acme", "team")
    granted = await story.act(
        documents.GRANT,
        customer=ACME,
        feature="lfs_bandwidth",
        amount="30",
        startsAt=instant(2024, 1, 10),
        expiresAt=instant(2024, 1, 20),
        reason="sorry",
    )
    assert granted == {
        "__typename": "GrantCreated",
        "replayed": False,
        "grant": {
            "id": "gra1",
            "amount": "30",
            "used": "0",
            "priority": 100,
            "startsAt": "2024-01-10",
            "expiresAt": "2024-01-20",
            "reason": "sorry",
        },
    }
    assert (await story.entitlement("acme", "lfs_bandwidth"))["remaining"] == "250"
    await story.advance("2024-01-10")
    assert (await story.entitlement("acme", "lfs_bandwidth"))["remaining"] == "280"
    await consume(story, "lfs_bandwidth", "260")
    await story.news("acme")
    expected = [happened("2024-01-20", "grant.expired", left=(None, "20"))]

    await story.advance("2024-01-25")

    assert await story.news("acme") == expected
    assert await listed(story) == (0, 0)
    told = await story.entitlement("acme", "lfs_bandwidth")
    assert (told["used"], told["remaining"], told.get("allowanceLeft")) == ("250", "0", "0")


async def test_a_grant_is_revoked_once_and_not_after_its_end(story: Story) -> None:
    await story.subscribe("acme", "team")
    await story.act(documents.GRANT, customer=ACME, feature="lfs_bandwidth", amount="30", expiresAt=instant(2024, 3, 1))
    first = story.given["grant"]
    await story.act(documents.GRANT, customer=ACME, feature="lfs_bandwidth", amount="5", expiresAt=instant(2024, 1, 5))
    second = story.given["grant"]
    await story.jump("2024-01-10")
    await story.news("acme")

    revoked = await story.act(documents.REVOKE, id=first)
    again = await story.act(documents.REVOKE, id=first)
    late = await story.act(documents.REVOKE, id=second)

    assert revoked == again
    assert revoked["grant"]["revokedAt"] == "2024-01-10"
    assert "revokedAt" not in late["grant"]
    await story.advance("2024-04-01")
    assert [(event[0], event[1]) for event in await story.news("acme")] == [
        ("2024-01-05", "grant.expired"),
        ("2024-01-10", "grant.revoked"),
        ("2024-02-01", "subscription.renewed"),
        ("2024-03-01", "subscription.renewed"),
        ("2024-04-01", "subscription.renewed"),
    ]


async def test_an_override_stands_in_place_of_everything_until_it_ends(story: Story) -> None:
    await story.subscribe("acme", "team")
    await consume(story, "lfs_bandwidth", "100")
    await story.act(documents.GRANT, customer=ACME, feature="lfs_bandwidth", amount="30")
    await story.news("acme")

    answer = await story.act(
        documents.OVERRIDE, customer=ACME, feature="lfs_bandwidth", limit="120", endsAt=instant(2024, 1, 20)
    )

    assert answer == {
        "__typename": "OverrideWasSet",
        "replayed": False,
        "override": {"revoked": False, "limit": "120", "startsAt": "2024-01-01", "endsAt": "2024-01-20"},
    }
    assert (await story.entitlement("acme", "lfs_bandwidth"))["remaining"] == "20"
    assert (await consume(story, "lfs_bandwidth", "21"))["reason"] == "REQUESTED_EXCEEDS_LIMIT"
    set_ = happened(
        "2024-01-01",
        "override.set",
        "API",
        featureId=(None, "lfs_bandwidth"),
        resource=(None, ""),
        revoked=(None, False),
    )
    expected = [set_, happened("2024-01-20", "override.ended")]
    assert await listed(story) == (1, 1)
    await story.jump("2024-01-20")
    assert await listed(story) == (1, 0)
    assert (await story.entitlement("acme", "lfs_bandwidth"))["remaining"] == "180"

    await story.world.worker().catch_up()

    assert await story.news("acme") == expected
    assert await listed(story) == (1, 0)
    gone = await story.act(documents.CLEAR, customer=ACME, feature="lfs_bandwidth")
    assert gone == {"__typename": "NotFound", "code": "NOT_FOUND", "field": "feature"}


async def test_a_feature_that_is_revoked_comes_back_when_that_is_cleared(story: Story) -> None:
    await story.subscribe("acme", "team")
    await story.act(documents.OVERRIDE, customer=ACME, feature="code_owners", revoked=True)
    assert (await story.entitlement("acme", "code_owners"))["reason"] == "REVOKED"
    await story.jump("2024-01-10")

    cleared = await story.act(documents.CLEAR, customer=ACME, feature="code_owners")

    assert cleared == {
        "__typename": "OverrideCleared",
        "replayed": False,
        "override": {"revoked": True, "startsAt": "2024-01-01", "clearedAt": "2024-01-10"},
    }
    assert (await story.entitlement("acme", "code_owners"))["reason"] == "GRANTED"
    assert [event[1] for event in await story.news("acme")] == ["override.set", "override.cleared"]


async def test_a_later_override_takes_the_place_of_the_one_before(story: Story) -> None:
    await story.subscribe("acme", "team")
    await story.act(documents.OVERRIDE, customer=ACME, feature="lfs_bandwidth", limit="10", endsAt=instant(2024, 1, 9))

    await story.act(documents.OVERRIDE, customer=ACME, feature="lfs_bandwidth", unlimited=True)

    assert await listed(story) == (0, 1)
    await story.advance("2024-01-15")
    assert (await story.entitlement("acme", "lfs_bandwidth"))["unlimited"]
    assert [event[1] for event in await story.news("acme")] == ["override.set", "override.set"]


async def test_an_override_set_to_begin_later_leaves_the_running_one_until_then(story: Story) -> None:
    await story.subscribe("acme", "free")
    february = instant(2024, 2, 1)
    bandwidth: dict[str, Any] = {"customer": ACME, "feature": "lfs_bandwidth"}
    await story.act(documents.OVERRIDE, **bandwidth, limit="100")
    await story.act(documents.OVERRIDE, **bandwidth, limit="200", startsAt=february)
    await story.news("acme")

    now = await story.entitlement("acme", "lfs_bandwidth")
    then = await story.entitlement("acme", "lfs_bandwidth", at=february)

    assert (now["limit"], now["validUntil"], then["limit"]) == ("100", "2024-02-01", "200")
    assert await listed(story) == (0, 2)
    await story.jump("2024-02-01")
    assert (await story.entitlement("acme", "lfs_bandwidth"))["limit"] == "200"
    assert await listed(story) == (0, 1)
    await story.advance("2024-02-15")
    assert (await story.entitlement("acme", "lfs_bandwidth", at=instant(2024, 1, 31)))["limit"] == "100"
    assert (await story.entitlement("acme", "lfs_bandwidth"))["limit"] == "200"
    ends = [event for event in await story.news("acme") if event[1].startswith("override")]
    assert ends == [happened("2024-02-01", "override.ended")]


async def test_an_override_takes_the_place_of_one_to_come_and_of_the_one_before_that(story: Story) -> None:
    await story.subscribe("acme", "free")
    bandwidth: dict[str, Any] = {"customer": ACME, "feature": "lfs_bandwidth"}
    await story.act(documents.OVERRIDE, **bandwidth, limit="100", endsAt=instant(2024, 3, 1))
    await story.act(documents.OVERRIDE, **bandwidth, limit="200", startsAt=instant(2024, 2, 1))

    await story.act(documents.OVERRIDE, **bandwidth, limit="300", startsAt=instant(2024, 1, 20))

    days = (instant(2024, 1, 19), instant(2024, 1, 20), instant(2024, 2, 1))
    limits = [(await story.entitlement("acme", "lfs_bandwidth", at=day))["limit"] for day in days]
    assert limits == ["100", "300", "300"]
    await story.advance("2024-01-10")
    cleared = await story.act(documents.CLEAR, **bandwidth)
    assert (cleared["override"]["limit"], cleared["override"]["clearedAt"]) == ("100", "2024-01-10")
    limits = [(await story.entitlement("acme", "lfs_bandwidth", at=day))["limit"] for day in days]
    assert limits == ["10", "10", "10"]
    assert (await story.entitlement("acme", "lfs_bandwidth", at=instant(2024, 1, 9)))["limit"] == "100"
    await story.advance("2024-04-01")
    assert [event[1] for event in await story.news("acme") if event[1].startswith("override")] == [
        *["override.set"] * 3,
        *["override.cleared"] * 2,
    ]
