"""Several subscriptions of one product, one per resource; and what a customer without any may still do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios import documents
from tests.scenarios.story import held

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

JANUARY = "2024-01-01 to 2024-02-01"


async def two(story: Story) -> tuple[str, str]:
    """Subscribe one customer twice, for two sites."""
    await story.act(documents.UPSERT, externalId="acme")
    large = await story.subscribe_also("acme", "enterprise", trialDays=0, resourceId="large")
    small = await story.subscribe_also("acme", "team", resourceId="small")
    return large, small


async def consume(story: Story, feature: str, amount: str, **more: Any) -> Told:
    """Consume and tell the whole answer."""
    return await story.act(
        documents.CONSUME,
        customer={"externalId": "acme"},
        feature=feature,
        amount=amount,
        idempotencyKey=story.world.fresh_key(),
        **more,
    )


async def test_each_resource_has_its_own_subscription_and_its_own_counter(story: Story) -> None:
    large, small = await two(story)

    assert await story.subscription(small) == held("team", JANUARY, resourceId="small")
    assert await story.subscription(large) == held("enterprise", JANUARY, resourceId="large")
    taken = await consume(story, "lfs_bandwidth", "200", resource="small")
    denied = await consume(story, "lfs_bandwidth", "51", resource="small")
    beside = await consume(story, "lfs_bandwidth", "51", resource="large")
    assert taken["remaining"] == "50"
    assert (denied["reason"], denied["remaining"]) == ("REQUESTED_EXCEEDS_LIMIT", "50")
    assert beside["used"] == "51"
    ambiguous = {
        "__typename": "ResourceRequired",
        "code": "RESOURCE_REQUIRED",
        "field": "resource",
        "resources": ["large", "small"],
    }
    assert await consume(story, "lfs_bandwidth", "1") == ambiguous
    assert await story.entitlement("acme", "lfs_bandwidth") == ambiguous
    assert await story.entitlement("acme", "uptime_promise") != ambiguous, "only one of the two has it"
    assert (await story.entitlement("acme", "code_owners"))["hasAccess"], "yes or no is answered for any of them"
    assert (await story.entitlement("acme", "saml_sso"))["hasAccess"]
    assert (await story.entitlement("acme", "saml_sso", resource="small"))["reason"] == "NOT_IN_PLAN"


async def test_the_only_resource_that_has_it_is_meant(story: Story) -> None:
    large, _ = await two(story)
    await consume(story, "lfs_bandwidth", "7", resource="small")

    await story.act(documents.CANCEL, subscriptionId=large, timing="IMMEDIATE")

    told = await story.entitlement("acme", "lfs_bandwidth")
    assert (told["resource"], told["used"], told["remaining"]) == ("small", "7", "243")
    assert (await consume(story, "lfs_bandwidth", "3"))["used"] == "10"


async def test_one_product_without_resources_is_had_once(story: Story) -> None:
    first = await story.subscribe("acme", "team")
    await story.news("acme")

    again = await story.create("acme", "enterprise")
    beside = await story.create("acme", "enterprise", resourceId="site")

    assert again == {
        "__typename": "AlreadySubscribed",
        "code": "ALREADY_SUBSCRIBED",
        "field": "planId",
        "subscriptionId": story.names.of(first),
    }
    assert beside["subscription"]["resourceId"] == "site"
    assert (await story.create("acme", "team", resourceId="site"))["code"] == "ALREADY_SUBSCRIBED"
    assert [event[1] for event in await story.news("acme")] == ["subscription.created"]


async def test_what_is_for_everything_counts_for_each_resource(story: Story) -> None:
    await story.subscribe("acme", "team", addOns=[{"addOnId": "data_pack", "quantity": 4}])
    await story.subscribe_also("acme", "free", resourceId="site")

    told = await story.entitlement("acme", "lfs_bandwidth", resource="site")

    assert (told["limit"], told["hasAccess"]) == ("450", True)


async def test_a_customer_with_something_running_is_not_archived(story: Story) -> None:
    first = await story.subscribe("acme", "team")
    ref = {"externalId": "acme"}

    refused = await story.act(documents.ARCHIVE, customer=ref)
    assert refused == {
        "__typename": "CustomerHasLiveSubscriptions",
        "code": "CUSTOMER_HAS_LIVE_SUBSCRIPTIONS",
        "field": "customer",
        "subscriptionIds": [story.names.of(first)],
    }
    assert await story.news("acme") == []
    await story.act(documents.CANCEL, subscriptionId=first, timing="END_OF_PERIOD")
    assert (await story.act(documents.ARCHIVE, customer=ref))["code"] == "CUSTOMER_HAS_LIVE_SUBSCRIPTIONS"
    await story.jump("2024-02-01")

    done = await story.act(documents.ARCHIVE, customer=ref)
    again = await story.act(documents.ARCHIVE, customer=ref)

    assert (
        done
        == again
        == {
            "__typename": "CustomerArchiveDone",
            "replayed": False,
            "customer": {"externalId": "acme", "archivedAt": "2024-02-01"},
        }
    )
    assert (await story.create("acme", "team"))["code"] == "CUSTOMER_ARCHIVED"
    assert (await story.entitlement("acme", "code_owners"))["reason"] == "CUSTOMER_ARCHIVED"
    types = [event[1] for event in await story.news("acme")]
    assert types == ["subscription.cancellation_scheduled", "subscription.canceled", "customer.archived"]
