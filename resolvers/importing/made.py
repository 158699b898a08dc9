"""What records become: the same functions check a line before anything is written, and write it.

An imported subscription begins at its start in the past and stands as time alone makes it stand now: nothing that
happened before the import is invented.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from billing.amounts import parse_positive_amount
from billing.calendar import Period, period_at
from billing.cancellation import FURTHEST, demand_before_completion
from billing.dataclass import dataclass
from billing.entitlements.sources import FeatureKind
from billing.invoicing.values import BillingMode
from billing.lifecycle import ChangeKind, Status
from billing.periods import cut
from billing.refusals import DateOutOfRange, FeatureArchived, FeatureNotMetered, InvalidInput, PlanNotAvailable
from billing.subscriptions import Facts, Scheduled
from resolvers import checks
from resolvers.access import not_found
from resolvers.customer_upsert import CustomerUpsert, columns_asked
from resolvers.going_on import after_the_end
from resolvers.grant_create import granted_value
from resolvers.importing.instalments import demand_instalments, instalments_left
from resolvers.offering import add_on_items, items_of, terms_of

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from models.reader import Reader
    from models.views import FeatureView, PlanView
    from resolvers.importing.records import CustomerRecord, GrantRecord, SubscriptionRecord, UsageRecord

OLDEST: Final = timedelta(days=366 * 50)
"""Nothing is imported that began more than fifty years ago."""
LAST_PRIORITY: Final = 1_000


@dataclass(frozen=True, slots=True)
class Catalog:
    """What an environment sells, by key and id, read once: a file names the same plans again and again."""

    plans: dict[tuple[str, int | None], PlanView]
    features: dict[str, FeatureView]

    async def plan(self, read: Reader, ref: str, version: int | None) -> PlanView:
        """Find a plan in its latest version or the one that is pinned, archived ones too."""
        known = self.plans.get((ref, version)) or await read.catalog.plan(ref, version)
        if known is None:
            raise not_found("Plan", "plan")
        if known.add_on:
            raise PlanNotAvailable("This is an add-on: list it in `addOns`.", field="plan", reason="ADD_ON")
        self.plans[ref, version] = known
        return known

    async def feature(self, read: Reader, ref: str) -> FeatureView:
        """Find a feature that takes usage and grants."""
        known = self.features.get(ref) or await read.catalog.feature(ref)
        if known is None:
            raise not_found("Feature", "feature")
        if known.archived_at is not None:
            raise FeatureArchived("The feature is archived.", field="feature")
        self.features[ref] = known
        return known


def customer_columns(record: CustomerRecord) -> dict[str, Any]:
    """Check a customer's columns."""
    return columns_asked(
        CustomerUpsert(
            external_id=record.external_id,
            name=record.name,
            email=record.email,
            kind=record.kind,
            locale=record.locale,
            zone=record.zone,
            country=record.country,
            address=record.address,
            tax_ids=list(record.tax_ids),
            metadata=record.metadata,
        )
    )


async def subscription_facts(
    read: Reader, catalog: Catalog, record: SubscriptionRecord, zone: ZoneInfo, at: datetime
) -> tuple[PlanView, Facts]:
    """Say what a subscription is now: its plan, and its facts without ids."""
    plan = await catalog.plan(read, record.plan, record.version)
    demand_instalments(plan, record, at)
    terms = terms_of(plan, checks.currency(record.currency), record.interval)
    items = items_of(plan, terms, checks.quantity(record.quantity))
    if record.add_ons:
        items += await add_on_items(read, plan, record.add_ons, terms)
    _demand_dates(record, at)
    mode = record.billing_mode or (await read.environments.billing(read.environment_id)).billing_mode
    mode = BillingMode.FLEXIBLE if plan.instalments else mode
    trying = record.trial_end is not None and record.trial_end > at
    anchor = record.anchor or record.trial_end or record.billed_until or record.starts_at
    first = max(record.starts_at, at)
    natural = period_at(anchor, terms.interval, first, zone)
    if trying and record.trial_end is not None:
        natural = Period(record.starts_at, record.trial_end)
    started = max(natural.start, record.starts_at, record.trial_end or natural.start) if not trying else natural.start
    _demand_billed(record, natural, at)
    facts = Facts(
        id="",
        status=Status.NOT_STARTED if record.starts_at > at else Status.TRIALING if trying else Status.ACTIVE,
        starts_at=record.starts_at,
        trial_end=record.trial_end,
        anchor=anchor,
        interval=terms.interval,
        zone=zone,
        period=Period(started, natural.end),
        natural_end=natural.end,
        plan_id=plan.id,
        plan_version_id=plan.version_id,
        currency=terms.currency,
        items=items,
        billing_mode=mode,
        anchor_chosen=record.anchor is not None,
    )
    facts = replace(facts, instalments=instalments_left(plan, record, facts))
    if record.cancel_at is not None:
        demand_before_completion(facts, record.cancel_at, at, "cancelAt")
        leads_to = await after_the_end(read, facts, record.cancel_at)
        facts = replace(facts, scheduled=(Scheduled("", ChangeKind.CANCEL, record.cancel_at, target=leads_to),))
    return plan, cut(facts)


def _demand_dates(record: SubscriptionRecord, at: datetime) -> None:
    within(record.starts_at, "startsAt", at - OLDEST, at + FURTHEST)
    if record.anchor is not None:
        within(record.anchor, "anchor", at - OLDEST, at + FURTHEST)
    if record.trial_end is not None:
        within(record.trial_end, "trialEnd", record.starts_at, at + FURTHEST)
    if record.cancel_at is not None:
        if record.cancel_at <= at:
            raise DateOutOfRange("It has ended: leave ended subscriptions out.", field="cancelAt", earliest=at)
        within(record.cancel_at, "cancelAt", record.starts_at, at + FURTHEST)


def _demand_billed(record: SubscriptionRecord, natural: Period, at: datetime) -> None:
    """What is billed until is the end of the present period, or nothing is known about it."""
    if record.billed_until is None or record.billed_until == natural.end:
        return
    if record.billed_until <= at:
        raise DateOutOfRange(
            "This is over: bill the present period where it was billed before, or leave billedUntil out.",
            field="billedUntil",
            earliest=at,
        )
    raise InvalidInput(
        f"By its anchor the present period ends {natural.end.isoformat()}: give that, or another anchor.",
        field="billedUntil",
    )


def within(given: datetime, field: str, earliest: datetime, latest: datetime) -> None:
    """Refuse an instant beyond its bounds."""
    if not earliest <= given <= latest:
        raise DateOutOfRange(
            f"This must lie from {earliest.isoformat()} to {latest.isoformat()}.",
            field=field,
            earliest=earliest,
            latest=latest,
        )


async def usage_amount(
    read: Reader, catalog: Catalog, record: UsageRecord, at: datetime
) -> tuple[FeatureView, int, str]:
    """Check usage: its feature, the amount in the feature's units, its resource."""
    feature = await catalog.feature(read, record.feature)
    if feature.kind is not FeatureKind.METERED:
        raise FeatureNotMetered(
            f"{feature.key} is {feature.kind.value}: only metered features have usage.",
            field="feature",
            kind=feature.kind.value,
        )
    within(record.occurred_at, "occurredAt", at - OLDEST, at)
    return (
        feature,
        parse_positive_amount(record.amount, feature.scale, field="amount"),
        checks.resource(record.resource),
    )


async def grant_columns(read: Reader, catalog: Catalog, record: GrantRecord, at: datetime) -> dict[str, Any]:
    """Check a grant's columns."""
    feature = await catalog.feature(read, record.feature)
    metered = feature.kind is FeatureKind.METERED
    if (record.amount is not None) != metered:
        raise InvalidInput("`amount` goes with metered features, and with no others.", field="amount")
    starts_at = record.starts_at or at
    within(starts_at, "startsAt", at - OLDEST, at + FURTHEST)
    if record.expires_at is not None:
        within(record.expires_at, "expiresAt", max(at, starts_at), at + FURTHEST)
    if record.priority is not None and not 0 <= record.priority <= LAST_PRIORITY:
        raise InvalidInput(f"Give a priority from 0 to {LAST_PRIORITY}; lower burns first.", field="priority")
    return {
        "feature_id": feature.id,
        "resource": checks.resource(record.resource),
        "kind": record.kind,
        "amount": 0 if record.amount is None else parse_positive_amount(record.amount, feature.scale, field="amount"),
        "value": granted_value(feature, record.value),
        "starts_at": starts_at,
        "expires_at": record.expires_at,
        "due_at": record.expires_at,
        "reason": checks.optional_text(record.reason, "reason") or "",
    }
