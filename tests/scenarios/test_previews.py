"""What a change or an end would do, told before it is done, and nothing written. (S6, K10)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios import documents
from tests.scenarios.story import instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

ACME = {"externalId": "acme"}


def level(limit: str | None = None, value: Any = None, *, unlimited: bool = False) -> Told:
    """Write one side of a change of access as it is told."""
    told = {"granted": True, "unlimited": unlimited, "limit": limit, "value": value}
    return {key: each for key, each in told.items() if each is not None}


async def test_a_lower_plan_shows_what_is_lost_lowered_and_over_already(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", quantity=5, trialDays=0)
    await story.act(documents.CHANGE, subscriptionId=acme, quantity=4)
    used: dict[str, Any] = {"customer": ACME, "feature": "packages_transfer", "amount": "30", "idempotencyKey": "one"}
    await story.act(documents.CONSUME, **used)
    before = await story.subscription(acme)
    await story.news("acme")

    preview = await story.act(documents.PREVIEW, subscriptionId=acme, planId="team")

    changes = {each.pop("feature"): each for each in preview.pop("entitlements")}
    pending = {"id": "sch1", "kind": "QUANTITY", "status": "PENDING", "appliesAt": "2024-02-01", "quantity": 4}
    assert preview == {
        "__typename": "SubscriptionChangePreview",
        "direction": "DOWN",
        "timing": "END_OF_PERIOD",
        "appliesAt": "2024-02-01",
        "plan": "team",
        "undoesCancellation": False,
        "replacedChanges": [pending],
    }
    assert {key: change for key, change in changes.items() if change["kind"] != "SAME"} == {
        "actions_minutes": {"kind": "LOWERED", "used": "0", "before": level("50000"), "after": level("3000")},
        "packages_storage": {"kind": "LOWERED", "used": "0", "before": level("50"), "after": level("2")},
        "packages_transfer": {
            "kind": "LOWERED",
            "used": "30",
            "overBy": "20",
            "before": level("100"),
            "after": level("10"),
        },
        "saml_sso": {"kind": "LOST", "before": level()},
        "audit_log_streaming": {"kind": "LOST", "before": level()},
        "ip_allow_list": {"kind": "LOST", "before": level()},
        "support": {"kind": "CHANGED", "before": level(value="enterprise"), "after": level(value="web")},
        "uptime_promise": {"kind": "LOST", "before": level(value=99.9)},
        "data_residency": {"kind": "LOST", "before": level(value=["eu", "us", "au", "jp"])},
    }
    assert await story.subscription(acme) == before
    assert await story.news("acme") == []


async def test_what_is_due_by_then_anyway_is_on_both_sides_of_the_preview(story: Story) -> None:
    acme = await story.subscribe("acme", "team", quantity=3, addOns=[{"addOnId": "data_pack", "quantity": 2}])
    await story.act(documents.CHANGE, subscriptionId=acme, addOns=[])

    preview = await story.act(documents.PREVIEW, subscriptionId=acme, quantity=2)

    changes = {each.pop("feature"): each for each in preview["entitlements"]}
    assert {key: change for key, change in changes.items() if change["kind"] != "SAME"} == {
        "seats": {"kind": "LOWERED", "used": "0", "before": level("3"), "after": level("2")},
    }
    assert changes["lfs_storage"] == {"kind": "SAME", "used": "0", "before": level("250"), "after": level("250")}


async def test_a_grant_that_ends_before_the_change_is_not_its_loss(story: Story) -> None:
    acme = await story.subscribe("acme", "team", quantity=5)
    await story.act(documents.GRANT, customer=ACME, feature="saml_sso", expiresAt=instant(2024, 1, 20))
    await story.act(documents.GRANT, customer=ACME, feature="ip_allow_list", expiresAt=instant(2024, 2, 2))
    await story.act(documents.OVERRIDE, customer=ACME, feature="lfs_bandwidth", limit="9", endsAt=instant(2024, 1, 20))
    used: dict[str, Any] = {"customer": ACME, "feature": "lfs_bandwidth", "amount": "3", "idempotencyKey": "one"}
    await story.act(documents.CONSUME, **used)

    change = await story.act(documents.PREVIEW, subscriptionId=acme, quantity=3)
    end = await story.act(documents.CANCELLATION_PREVIEW, subscriptionId=acme, timing="END_OF_PERIOD")

    changes = {each.pop("feature"): each for each in change["entitlements"]}
    assert {key: each for key, each in changes.items() if each["kind"] != "SAME"} == {
        "seats": {"kind": "LOWERED", "used": "0", "before": level("5"), "after": level("3")},
    }
    assert "saml_sso" not in changes
    ends = {each.pop("feature"): each for each in end["entitlements"]}
    assert "saml_sso" not in ends
    assert ends["ip_allow_list"] == {"kind": "SAME", "before": level(), "after": level()}
    assert ends["lfs_bandwidth"] == {"kind": "LOST", "used": "3", "overBy": "3", "before": level("250")}


async def test_an_end_that_is_moved_still_shows_what_it_ends(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD")

    later = await story.act(
        documents.CANCELLATION_PREVIEW, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 3, 9)
    )

    changes = {each.pop("feature"): each for each in later["entitlements"]}
    assert {change["kind"] for change in changes.values()} == {"LOST"}
    assert changes["lfs_bandwidth"] == {"kind": "LOST", "used": "0", "before": level("250")}


async def test_an_end_shows_when_what_is_lost_and_what_falls_away(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", trialDays=0)
    await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team")
    await story.act(documents.GRANT, customer=ACME, feature="lfs_bandwidth", amount="5")
    await story.news("acme")

    at_end = await story.act(documents.CANCELLATION_PREVIEW, subscriptionId=acme, timing="END_OF_PERIOD")
    dated = await story.act(
        documents.CANCELLATION_PREVIEW, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 2, 9)
    )

    changes = {each.pop("feature"): each for each in at_end.pop("entitlements")}
    waiting = {
        "id": "sch1",
        "kind": "PLAN_CHANGE",
        "status": "PENDING",
        "appliesAt": "2024-02-01",
        "interval": "1 MONTH",
        "plan": "team",
        "quantity": 1,
    }
    assert at_end == {
        "__typename": "SubscriptionCancellationPreview",
        "timing": "END_OF_PERIOD",
        "effectiveAt": "2024-02-01",
        "accessEndsAt": "2024-02-01",
        "droppedChanges": [waiting],
    }
    assert {change["kind"] for key, change in changes.items() if key != "lfs_bandwidth"} == {"LOST"}
    assert changes["saml_sso"] == {"kind": "LOST", "before": level()}
    assert "droppedChanges" not in dated, "the change takes effect before that date"
    assert await story.news("acme") == []


async def test_a_preview_refuses_what_the_act_refuses(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD")

    wanted: list[dict[str, Any]] = [{"planId": "free"}, {"quantity": 2}, {"planId": "nowhere"}]
    for asked in wanted:
        preview = await story.act(documents.PREVIEW, subscriptionId=acme, **asked)
        assert preview == await story.act(documents.CHANGE, subscriptionId=acme, **asked)
    undoing = await story.act(documents.PREVIEW, subscriptionId=acme, planId="enterprise", undoCancellation=True)
    assert (undoing["undoesCancellation"], undoing["timing"]) == (True, "IMMEDIATE")
