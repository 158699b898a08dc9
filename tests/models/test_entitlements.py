"""What speaks about a feature is gathered as of any instant: the past never sees the present."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from billing.calendar import Period
from billing.entitlements.sources import AllowanceKind, Feature, FeatureKind, Give, NoAccess, Override
from billing.lifecycle import ChangeKind
from billing.subscriptions import Item, Scheduled
from models.choices import UsageKind
from models.rows import add
from models.tables import GrantRow, OverrideRow, PlanEntitlementRow, UsageBurnRow, UsageRow
from tests.models.subscribed import keep, plans
from tests.models.world import (
    CUSTOMER,
    ENV,
    FEATURE,
    PLAN,
    START,
    VERSION,
    Numbered,
    day,
    facts,
    settle,
    undone,
    working,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from billing.entitlements.sources import Sources
    from models.rows import Runner
    from models.session import Database
    from models.work import Work

HELD = facts(
    items=(Item(PLAN, VERSION, "prc", 3), Item("p0", "p0", "", 2, add_on=True)),
    scheduled=(Scheduled("sch", ChangeKind.CANCEL, day(31)),),
)


def grant(id_: str, **changed: Any) -> GrantRow:
    """A grant of 100."""
    usual: dict[str, Any] = {
        "environment_id": ENV, "customer_id": CUSTOMER, "feature_id": FEATURE, "kind": AllowanceKind.PROMOTIONAL,
        "amount": 100, "starts_at": START, "created_at": START,
    }  # fmt: skip
    return GrantRow(id=id_, **(usual | changed))


def override(id_: str, **changed: Any) -> OverrideRow:
    """An override without end."""
    usual: dict[str, Any] = {
        "environment_id": ENV, "customer_id": CUSTOMER, "feature_id": FEATURE, "starts_at": START, "created_at": START,
    }  # fmt: skip
    return OverrideRow(id=id_, **(usual | changed))


@pytest.fixture
async def session(shop: Database) -> AsyncIterator[Runner]:
    """A customer with a plan and an add-on, from day 0."""
    await settle(shop, *plans())
    async with undone(shop) as opened:
        await keep(opened, [HELD])
        await add(
            opened,
            PlanEntitlementRow(plan_version_id="p0", feature_id=FEATURE, environment_id=ENV, limit=200, priority=7),
        )
        await working(opened).subscriptions.remember(CUSTOMER, HELD, 1, START)
        yield opened


async def gathered(session: Runner, at: datetime, present: datetime | None = None) -> Sources:
    """What speaks about the feature."""
    work = working(session, present or at)
    customer = await work.customers.by_id(CUSTOMER)
    feature = await work.catalog.feature(FEATURE)
    assert customer is not None
    assert feature is not None
    found = await work.entitlements.sources(customer, [feature], at)
    return found[FEATURE]


async def test_a_plan_and_its_add_on_speak(session: Runner) -> None:
    found = await gathered(session, day(3))
    [source] = found.subscriptions
    [add_on] = source.add_ons

    assert found.feature == Feature(id=FEATURE, key="calls", name="Calls", kind=FeatureKind.METERED, unit="call")
    assert (source.plan_key, source.plan_version, source.plan_rank, source.quantity) == ("team", 1, 20, 3)
    assert (source.gives[FEATURE], source.no_access, source.period) == (Give(FEATURE, limit=1000), None, HELD.period)
    assert (source.changes_at, source.anchor, source.zone) == (day(31), START, HELD.zone)
    assert (add_on.key, add_on.quantity, add_on.gives[FEATURE]) == ("p0", 2, Give(FEATURE, limit=200, priority=7))
    assert (found.allowances, found.overrides, found.customer_archived) == ((), (), False)


async def test_the_future_knows_what_is_scheduled(session: Runner) -> None:
    [source] = (await gathered(session, day(40), present=day(3))).subscriptions

    assert (source.no_access, source.changes_at) == (NoAccess.SUBSCRIPTION_ENDED, None)
    assert source.period == Period(START, day(31))


async def test_the_past_knows_what_was_remembered(session: Runner) -> None:
    work = working(session, day(20))
    changed = replace(HELD, items=HELD.items[:1], scheduled=())
    await work.subscriptions.save(HELD, changed, Numbered())
    await work.subscriptions.remember(CUSTOMER, changed, 2, day(10))

    assert [len((await gathered(session, day(at), day(20))).subscriptions[0].add_ons) for at in (9, 10)] == [1, 0]
    assert (await gathered(session, day(-1), day(20))).subscriptions == ()


async def test_an_allowance_speaks_from_when_it_was_made_until_it_was_revoked(session: Runner) -> None:
    await add(session, grant("g1"), grant("g2", created_at=day(2), revoked_at=day(4)), grant("g3", resource="site"))

    async def ids(at: float) -> list[str]:
        return [allowance.id for allowance in (await gathered(session, day(at), day(9))).allowances]

    assert [await ids(at) for at in (-1, 0, 2, 3.9, 4)] == [
        [],
        ["g1", "g3"],
        ["g1", "g3", "g2"],
        ["g1", "g3", "g2"],
        ["g1", "g3"],
    ]


async def test_what_burned_of_an_allowance_is_read_as_of_the_instant(session: Runner) -> None:
    await add(session, grant("g1"))
    work = working(session, day(5))
    for number, (at, amount) in enumerate(((day(1), 10), (day(2), 20))):
        await add(
            session,
            UsageRow(
                id=f"u{number}", environment_id=ENV, customer_id=CUSTOMER, feature_id=FEATURE, seq=number,
                kind=UsageKind.CONSUME, amount=amount, limit_amount=0, occurred_at=at, recorded_at=at,
            ),
            UsageBurnRow(usage_id=f"u{number}", grant_id="g1", environment_id=ENV, amount=amount, occurred_at=at),
        )  # fmt: skip
        await work.entitlements.burn_grant("g1", amount)

    async def used(at: float) -> int:
        return (await gathered(session, day(at), day(5))).allowances[0].used

    assert [await used(at) for at in (0, 1, 1.5, 2, 5)] == [0, 10, 10, 30, 30]


async def test_an_override_speaks_until_it_was_cleared(session: Runner) -> None:
    await add(session, override("o1", cleared_at=day(3)), override("o2", created_at=day(3), limit=7, value={"a": [1]}))

    assert [[each.id for each in (await gathered(session, day(at), day(9))).overrides] for at in (2.9, 3)] == [
        ["o1"],
        ["o2"],
    ]
    assert (await gathered(session, day(3), day(9))).overrides == (
        Override(id="o2", resource="", starts_at=START, limit=7, value={"a": [1]}),
    )


async def test_grants_and_overrides_are_listed_and_end(session: Runner) -> None:
    store = working(session, day(1)).entitlements
    await store.add_grant(grant("g1", expires_at=day(5), due_at=day(5), value=[None]))
    await store.add_grant(grant("g2", created_at=day(1), due_at=day(2)))
    await store.add_override(override("o1", ends_at=day(4), due_at=day(4)))

    async def listed(at: float, *, ended: bool = False) -> list[str]:
        there = working(session, day(at)).entitlements
        return [found.id for found in (await there.grants_of([CUSTOMER], FEATURE, ended=ended))[CUSTOMER]]

    assert [await listed(4.9), await listed(5), await listed(5, ended=True)] == [["g1", "g2"], ["g2"], ["g1", "g2"]]
    assert [view.id for views in await store.due(CUSTOMER, day(4)) for view in views] == ["g2", "o1"]
    await store.revoke_grant("g2", day(1))
    await store.settle_grant("g1")
    await store.settle_override("o1", day(4))
    assert await store.due(CUSTOMER, day(99)) == ([], [])
    revoked = await store.grant("g2")
    settled = await store.override("o1")
    assert (revoked and revoked.revoked_at, settled and settled.cleared_at) == (day(1), day(4))


async def test_one_override_is_set_at_a_time_and_found_by_its_resource(session: Runner) -> None:
    store = working(session, day(1)).entitlements
    await store.add_override(override("o1"))
    await store.add_override(override("o2", resource="site"))

    async def set_for(resource: str, at: float = 1) -> list[str]:
        found = await working(session, day(at)).entitlements.overrides_set(CUSTOMER, FEATURE, resource)
        return [each.id for each in found]

    assert [await set_for(resource) for resource in ("", "site", "other")] == [["o1"], ["o2"], []]
    assert [found.id for found in (await store.overrides_of([CUSTOMER], None))[CUSTOMER]] == ["o1", "o2"]
    await store.clear_override("o1", day(2))
    await store.add_override(override("o3", starts_at=day(2)))
    assert [await set_for("", at) for at in (1, 1.9, 2)] == [["o1", "o3"], ["o1", "o3"], ["o3"]]
    assert [found.id for found in (await store.overrides_of([CUSTOMER], FEATURE))[CUSTOMER]] == ["o1", "o2", "o3"]
    later = working(session, day(2)).entitlements
    assert [found.id for found in (await later.overrides_of([CUSTOMER], FEATURE))[CUSTOMER]] == ["o2", "o3"]
    assert [each.ends_at for each in (await gathered(session, day(1))).overrides] == [day(2), None, None]
    assert [view.id for view in (await store.due(CUSTOMER, day(2)))[1]] == ["o1"]
    await later.clear_override("o1", day(2))
    assert await store.due(CUSTOMER, day(9)) == ([], [])


async def test_the_earliest_due_row_is_found_wherever_it_is(session: Runner) -> None:
    work: Work = working(session, day(1))

    assert await work.due.earliest(day(30)) is None
    assert await work.due.earliest(day(31)) == (CUSTOMER, day(31))
    await add(session, grant("g1", due_at=day(12)), override("o1", due_at=day(9)))
    assert await work.due.earliest(day(31)) == (CUSTOMER, day(9))
    assert await work.due.earliest(day(31), "nobody") is None
