"""Who may reach what through another object: every field that leads on, by every credential, generated from the schema.

A field of the schema that leads to somebody's object and has no row in `LEADS` fails here.
"""

from __future__ import annotations

import json
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import pytest
from graphql import GraphQLInterfaceType

from tests.resolvers.leading import HELD, MERCHANTS, PROMISE, VIEWER, answered, behind, leads
from tests.resolvers.root_fields import MANAGE, READ, ROOT_FIELDS
from tests.resolvers.scene import UNKNOWN

if TYPE_CHECKING:
    from tests.resolvers.copies import FileScene
    from tests.resolvers.leading import Lead
    from tests.resolvers.scene import Holder, Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEADS = {
    "Viewer.customer": "customers:read",
    "Customer.subscriptions": "subscriptions:read",
    "Customer.entitlements": "entitlements:read",
    "Customer.grants": "entitlements:read",
    "Customer.overrides": "entitlements:read",
    "Customer.discount": "subscriptions:read",
    "Subscription.discount": "subscriptions:read",
    "Subscription.schedule": "subscriptions:read",
    "SubscriptionSchedule.subscription": "subscriptions:read",
    "SchedulePhase.coupon": "coupons:read",
    "Discount.customer": "customers:read",
    "Discount.subscription": "subscriptions:read",
    "Discount.coupon": "coupons:read",
    "Discount.promotionCode": "coupons:read",
    "Coupon.promotionCodes": "coupons:read",
    "PromotionCode.coupon": "coupons:read",
    "PromotionCode.customer": "customers:read",
    "CreditEntry.invoice": "invoices:read",
    "Subscription.customer": "customers:read",
    "Subscription.entitlements": "entitlements:read",
    "Subscription.scheduledChanges": "subscriptions:read",
    "Grant.customer": "customers:read",
    "Override.customer": "customers:read",
    "UsageRecord.customer": "customers:read",
    "Reservation.customer": "customers:read",
    "Reservation.record": "entitlements:read",
    "Invoice.customer": "customers:read",
    "Invoice.subscription": "subscriptions:read",
    "ScheduledChange.subscription": "subscriptions:read",
    "ScheduledChange.job": "jobs:read",
    "Event.job": "jobs:read",
    "JobItem.subscription": "subscriptions:read",
    "PlanMigrationRow.subscription": "subscriptions:read",
    "SubscriptionChangePreview.replacedChanges": "subscriptions:read",
    "PlanMigrationMove.change": "jobs:read",
    "PlanMigrationMove.replacedChanges": "jobs:read",
    "PlanMigrationMove.restoredChanges": "jobs:read",
}
"""What a secret key needs to follow a field; without it nothing of the object is told."""

NEVER = {"Customer.overrides"}
"""What no customer is told, their own neither."""
WITH_IT = {
    "Subscription.scheduledChanges",
    "PlanMigrationMove.change",
    "PlanMigrationMove.replacedChanges",
    "PlanMigrationMove.restoredChanges",
}
"""What belongs to a subscription or job that an act answers with, and is told with it to who may act."""


def named(holder: Holder) -> set[str]:
    """What only an answer about this holder holds."""
    return {str(each) for each in astuple(holder)}


async def credentials(scene: Scene) -> dict[str, str]:
    """Customer tokens of acme and what else is not the merchant's own key."""
    world = scene.world
    return {
        "publishable": world.places["main"].publishable,
        "reads": await world.token("acme", scopes=[READ]),
        "manages": await world.token("acme", scopes=[READ, MANAGE]),
        "bound": await world.token("acme", scopes=[READ], subscription=scene.own.plain),
        "elsewhere": await world.token("acme", place="other", scopes=[READ, MANAGE]),
        "another environment": world.places["other"].secret,
    }


def codes(answer: Any) -> set[str]:
    """The codes of an answer's errors."""
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


def each_lead() -> pytest.MarkDecorator:
    """Run a test for every lead."""
    return pytest.mark.parametrize(
        "lead", leads(), ids=[f"{each.start.name}:{'.'.join(each.path)}" for each in leads()]
    )


async def test_every_field_that_leads_to_somebodys_object_has_a_row() -> None:
    node = PROMISE.get_type("Node")
    assert isinstance(node, GraphQLInterfaceType)

    assert {each.name for each in PROMISE.get_possible_types(node)} == HELD.keys() | MERCHANTS.keys()
    assert {lead.name for lead in leads()} == LEADS.keys()
    assert {lead.name for lead in answered()} <= LEADS.keys()


@each_lead()
async def test_what_is_anothers_is_answered_as_the_unknown_is_and_never_told(lead: Lead, standing: Scene) -> None:
    scene, about = standing, lead.start.about
    for name, key in (await credentials(scene)).items():
        abroad = name in ("elsewhere", "another environment")
        mine = scene.foreign if abroad else scene.own
        others = named(scene.rival) | named(scene.own if abroad else scene.foreign)
        others = (others - named(mine)) | {"rival"}
        if name != "another environment":
            others |= {mine.ran, mine.job}
        if name == "bound":
            others |= {
                mine.changing,
                mine.cancelling,
                mine.moving,
                mine.change,
                mine.move,
                mine.happened,
                mine.invoice,
                mine.discount,
                mine.draft,
            }
        unknown = await scene.world.post(lead.document, key=key, **about(UNKNOWN))
        for holder in {mine, scene.rival, scene.own, scene.foreign}:
            answer = await scene.world.post(lead.document, key=key, **about(holder))
            assert not [each for each in others if each in json.dumps(answer)], (name, answer)
            if about(holder) != about(mine):
                assert answer == unknown, name


@each_lead()
async def test_a_key_without_the_scope_is_told_nothing_behind_the_field(lead: Lead, standing: Scene) -> None:
    scene, about = standing, lead.start.about(standing.own)
    may, may_not = None, scene.with_scopes(without=LEADS[lead.name])
    if lead.start is VIEWER:
        may, may_not = [await scene.world.token("acme", scopes=[scope]) for scope in (READ, MANAGE)]
    full = await scene.world.post(lead.document, key=may, **about)
    never = lead.start is VIEWER and lead.name in NEVER
    assert codes(full) == ({"MERCHANT_ONLY"} if never else set()), full
    assert bool(behind(full["data"], lead.path)) is not never, full

    answer = await scene.world.post(lead.document, key=may_not, **about)

    assert codes(answer) <= {"SCOPE_MISSING"}
    assert not behind(answer["data"], lead.path), answer


@pytest.mark.parametrize("name", sorted({lead.name for lead in answered()}))
async def test_who_may_act_only_is_told_nothing_behind_what_the_act_answers(name: str, scene: FileScene) -> None:
    told: list[Any] = []
    narrow: list[Any] = []
    for lead in (each for each in answered() if each.name == name):
        act, about = ROOT_FIELDS[lead.start.name], lead.start.about(scene.own)
        scene.restore()
        full = await scene.world.post(lead.document, **about)
        assert "errors" not in full, full
        told += behind(full["data"], lead.path)

        scene.restore()
        answer = await scene.world.post(lead.document, key=scene.with_scopes(only=act.scope), **about)

        assert codes(answer) <= {"SCOPE_MISSING"}
        narrow += behind(answer["data"], lead.path)

    assert told
    assert bool(narrow) is (name in WITH_IT), narrow
