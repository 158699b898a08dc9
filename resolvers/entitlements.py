"""Checking entitlements: gather the sources, read the counter, ask the one evaluator."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from billing.amounts import parse_positive_amount
from billing.entitlements.sources import ConfigType, FeatureKind, Sources
from billing.refusals import HistoryNotKept, InvalidInput
from models.stores.catalog import engine_feature
from models.stores.giving import Holder
from resolvers import checks
from resolvers.access import demand, not_found, own_customer
from resolvers.acts import customer_or_none
from resolvers.customers import meant
from resolvers.deciding import Question, answered, decided
from resolvers.loaders import EntitlementsOf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from billing.entitlements.sources import Json
    from models.reader import Reader
    from models.views import FeatureView
    from resolvers.context import Context
    from resolvers.deciding import EntitlementView
    from resolvers.inputs import CustomerRef

_PLAIN = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)


class Check(NamedTuple):
    """What is asked about one feature."""

    customer: CustomerRef
    feature: str
    resource: str | None
    requested: str | None


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

    async def decide(read: Reader) -> EntitlementView:
        if instant >= ctx.at:
            return await _decided_now(ctx, read, Check(customer, feature, resource, requested), instant)
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
        question = Question(holder, known, sources, checks.resource(resource), wanted)
        return (await decided(read, [question], instant))[0]

    return await ctx.asked(decide, brief=True, alone=instant >= ctx.at)


async def _decided_now(ctx: Context, read: Reader, asked: Check, at: datetime) -> EntitlementView:
    """Decide at present or later, from what stands: the answer that the sources of any instant would give."""
    found = await read.standings.of(asked.customer.id, asked.customer.external_id, asked.feature, at)
    known, holder, sources = found.feature, found.holder, found.sources
    if holder is not None and not own_customer(ctx, holder.id):
        holder = None
    if holder is None or sources is None:
        sources = Sources(
            feature=engine_feature(known) if known else None,
            customer_known=holder is not None,
            asked_key=checks.text(asked.feature, "feature"),
        )
    wanted = requested_of(known, asked.requested)
    question = Question(holder, known, sources, checks.resource(asked.resource), wanted)
    if known is None or not known.rolls_over:
        resolved = question.resolved(at)
        usage = found.usage(resolved.counter, at)
        if usage is not None:
            return answered(question, resolved, usage, at)
    return (await decided(read, [question], at))[0]


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
    await _demand_kept(ctx, instant)
    known = await meant(ctx, customer)
    named = None if features is None else tuple(features)
    wanted = EntitlementsOf(Holder(known.id, known.archived_at), asked, instant, named) if known else None
    found = await ctx.loaders.entitlements_of.load(wanted) if wanted else None
    if found is None:
        raise not_found("Customer", "customer")
    return found


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
    if at < ctx.at:
        _demand_since(at, await read.environments.kept_since(ctx.env.id))


async def _demand_kept(ctx: Context, at: datetime) -> None:
    """Refuse likewise, where many are asked for at once."""
    if at < ctx.at:
        _demand_since(at, await ctx.loaders.kept_since.load(ctx.env.id))


def _demand_since(at: datetime, since: datetime | None) -> None:
    if since is not None and at < since:
        raise HistoryNotKept("Usage is not kept for so long: ask for a later instant.", field="at", kept_since=since)


def _number(requested: str) -> Json:
    if not _PLAIN.fullmatch(requested):
        raise InvalidInput("Give a plain number like 12 or -0.5.", field="requested")
    number = Decimal(requested)
    if abs(number) > 2**53:
        raise InvalidInput("Give a number of ordinary size.", field="requested")
    return int(number) if number == number.to_integral_value() else float(number)
