"""Checking entitlements: gather the sources, read the counter, ask the one evaluator."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from billing.amounts import parse_positive_amount
from billing.entitlements.counters import counter
from billing.entitlements.evaluate import evaluate
from billing.entitlements.explain import explain
from billing.entitlements.resources import effective_resource
from billing.entitlements.sources import ConfigType, FeatureKind, Sources, Usage
from billing.refusals import HistoryNotKept, InvalidInput, ResourceRequired
from models.stores.catalog import engine_feature
from resolvers import checks
from resolvers.access import demand
from resolvers.acts import customer_or_none, found_customer
from resolvers.counting import usage_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from billing.entitlements.decisions import Decision
    from billing.entitlements.explanations import Explanation
    from billing.entitlements.sources import Json
    from models.reader import Reader
    from models.views import CustomerView, FeatureView
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef

_PLAIN = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class EntitlementView:
    """A decision with what it is about; `explain` tells how it came about, if asked."""

    customer_id: str | None
    feature: FeatureView | None
    decision: Decision
    at: datetime
    explain: Callable[[], Explanation]


async def entitlement(
    ctx: Context,
    customer: CustomerRef,
    feature: str,
    *,
    resource: str | None = None,
    requested: str | None = None,
    at: datetime | None = None,
) -> EntitlementView:
    """Decide about one feature; an unknown customer or feature is a decision with its reason."""
    demand(ctx, "entitlement")
    instant = at or ctx.at
    async with ctx.read() as read:
        await demand_history(ctx, read, instant)
        holder = await customer_or_none(ctx, read, customer)
        known = await read.catalog.feature(feature)
        if known is not None and holder is not None:
            sources = (await read.entitlements.sources(holder, [known], instant))[known.id]
        else:
            sources = Sources(
                feature=engine_feature(known) if known else None,
                customer_known=holder is not None,
                asked_key=checks.text(feature, "feature"),
            )
        wanted = requested_of(known, requested)
        return await decided(read, holder, known, sources, checks.resource(resource), wanted, instant)


async def entitlements(
    ctx: Context,
    customer: CustomerRef,
    *,
    resource: str | None = None,
    at: datetime | None = None,
    features: Sequence[str] | None = None,
) -> list[EntitlementView]:
    """Decide about every feature, or those that are named; one that needs a resource is listed for each."""
    demand(ctx, "entitlements")
    instant = at or ctx.at
    asked = checks.resource(resource)
    async with ctx.read() as read:
        await demand_history(ctx, read, instant)
        holder = await found_customer(ctx, read, customer)
        listed = await read.catalog.features()
        if features is not None:
            listed = [feature for feature in listed if feature.key in features or feature.id in features]
        sources = await read.entitlements.sources(holder, listed, instant)
        views: list[EntitlementView] = []
        for feature in listed:
            of = sources[feature.id]
            views += [await decided(read, holder, feature, of, each, None, instant) for each in _resources(of, asked)]
        return views


async def decided(
    read: Reader,
    customer: CustomerView | None,
    feature: FeatureView | None,
    sources: Sources,
    asked: str,
    requested: Json,
    at: datetime,
) -> EntitlementView:
    """Read the counter that counts and decide."""
    usage = Usage()
    if customer is not None and feature is not None:
        counted = counter(sources, asked, at)
        usage = await usage_of(read, customer, feature, counted, at)
    return EntitlementView(
        customer_id=customer.id if customer else None,
        feature=feature,
        decision=evaluate(sources, usage, at, resource=asked, requested=requested),
        at=at,
        explain=partial(explain, sources, usage, at, resource=asked, requested=requested),
    )


def requested_of(feature: FeatureView | None, requested: str | None) -> Json:
    """Read what is requested: an amount of a metered feature, a number or value of a configuration feature."""
    if requested is None or feature is None:
        return None
    if feature.kind is FeatureKind.METERED:
        return parse_positive_amount(requested, feature.scale, field="requested")
    checks.text(requested, "requested", 1000)
    if feature.kind is FeatureKind.CONFIG and feature.config_type is ConfigType.NUMBER:
        return _number(requested)
    return requested if feature.kind is FeatureKind.CONFIG else None


async def demand_history(ctx: Context, read: Reader, at: datetime) -> None:
    """Refuse to speak of a time that is not kept."""
    if at >= ctx.at:
        return
    since = await read.environments.kept_since(ctx.env.id)
    if at < since:
        raise HistoryNotKept("Usage is not kept for so long: ask for a later instant.", field="at", kept_since=since)


def _resources(sources: Sources, asked: str) -> Sequence[str]:
    if asked:
        return (asked,)
    try:
        effective_resource(sources, "")
    except ResourceRequired as several:
        return several.resources
    return ("",)


def _number(requested: str) -> Json:
    if not _PLAIN.fullmatch(requested):
        raise InvalidInput("Give a plain number like 12 or -0.5.", field="requested")
    number = Decimal(requested)
    if abs(number) > 2**53:
        raise InvalidInput("Give a number of ordinary size.", field="requested")
    return int(number) if number == number.to_integral_value() else float(number)
