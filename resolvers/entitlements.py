"""Checking entitlements: gather the sources, read the counter, ask the one evaluator."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from billing.amounts import parse_positive_amount
from billing.entitlements.resolution import resolve
from billing.entitlements.sources import ConfigType, FeatureKind, Sources
from billing.refusals import HistoryNotKept, InvalidInput
from models.choices import Consistency
from models.snapshots import NOTHING, Name
from models.stores.catalog import engine_feature
from models.stores.giving import Holder
from resolvers import checks
from resolvers.access import demand, not_found, own_customer
from resolvers.acts import customer_or_none
from resolvers.customers import meant
from resolvers.deciding import answered, decided_alone, read_of, stand_of
from resolvers.grounds import of_decisions
from resolvers.loaders import EntitlementsOf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from billing.entitlements.sources import Json
    from models.reader import Reader
    from models.stores.giving import Holding
    from models.views import FeatureView
    from resolvers.context import Context
    from resolvers.deciding import DecisionsRead, EntitlementView
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
    consistency: Consistency = Consistency.EVENTUAL,
) -> EntitlementView:
    """Decide about one feature; an unknown customer or feature is a decision with its reason."""
    demand(ctx, "entitlement")
    instant = _instant(ctx, at, consistency)
    asked = Check(customer, feature, resource, requested)
    if instant < ctx.at:
        return await ctx.asked(lambda read: _decided_then(ctx, read, asked, instant), brief=True)
    name, what = _name_of(ctx, customer), asked[1:]
    look = await ctx.database.snapshots.look(name, strong=consistency is Consistency.STRONG)
    kept: DecisionsRead | None = look.find(name, what, instant)
    if kept is not None and own_customer(ctx, kept.customer_id):
        ctx.rests_on(of_decisions(kept))
        return kept.answer[0].as_of(instant)
    kept_later = look is not NOTHING or ctx.grounds is not None
    found = await ctx.asked(
        lambda read: _decided_now(ctx, read, asked, instant, stands=kept_later),
        brief=True,
        alone=True,
        about=of_decisions,
    )
    if instant == ctx.at:
        look.keep(what, found)
    return found.answer[0]


async def _decided_then(ctx: Context, read: Reader, asked: Check, at: datetime) -> EntitlementView:
    """Decide about the past, as it is remembered."""
    await demand_history(ctx, read, at)
    holder = await customer_or_none(ctx, read, asked.customer)
    known = await read.catalog.feature(asked.feature)
    if known is not None and holder is not None:
        sources = (await read.entitlements.sources(holder, [known], at))[known.id]
    else:
        sources = _nothing_about(holder, known, asked)
    question = (holder, known, sources, checks.resource(asked.resource), requested_of(known, asked.requested))
    return await decided_alone(read, question, at)


async def _decided_now(ctx: Context, read: Reader, asked: Check, at: datetime, *, stands: bool) -> DecisionsRead:
    """Decide at present or later, from what stands: the answer that the sources of any instant would give.

    How long it `stands` is reckoned where that may be kept.
    """
    found = await read.standings.of(asked.customer.id, asked.customer.external_id, asked.feature, at)
    known, holder, sources = found.feature, found.holder, found.sources
    if holder is not None and not own_customer(ctx, holder.id):
        holder = None
    if holder is None or sources is None:
        sources = _nothing_about(holder, known, asked)
    resource = checks.resource(asked.resource)
    question = (holder, known, sources, resource, requested_of(known, asked.requested))
    resolved = resolve(sources, at, resource) if known is None or not known.rolls_over else None
    usage = found.usage(resolved.counter, at) if resolved else None
    if resolved is not None and usage is not None:
        view = answered(question, resolved, usage, at)
    else:
        view = await decided_alone(read, question, at)
    stand = stand_of(ctx.env.id, holder, found.stood, at) if stands and holder and found.stood else None
    return read_of([view], at, stand, None if asked.customer.id else asked.customer.external_id)


def _nothing_about(holder: Holding | None, known: FeatureView | None, asked: Check) -> Sources:
    return Sources(
        feature=engine_feature(known) if known else None,
        customer_known=holder is not None,
        asked_key=checks.text(asked.feature, "feature"),
    )


async def entitlements(
    ctx: Context,
    customer: CustomerRef,
    *,
    resource: str | None = None,
    at: datetime | None = None,
    features: Sequence[str] | None = None,
    consistency: Consistency = Consistency.EVENTUAL,
) -> list[EntitlementView]:
    """Decide about every feature, or those that are named; one that needs a resource is listed for each."""
    demand(ctx, "entitlements")
    instant = _instant(ctx, at, consistency)
    asked = checks.resource(resource)
    await _demand_kept(ctx, instant)
    named = None if features is None else tuple(features)
    name, what = _name_of(ctx, customer), (asked, named)
    look = await ctx.database.snapshots.look(name, strong=consistency is Consistency.STRONG)
    kept: DecisionsRead | None = look.find(name, what, instant) if instant >= ctx.at else None
    if kept is not None and own_customer(ctx, kept.customer_id):
        ctx.rests_on(of_decisions(kept))
        return [each.as_of(instant) for each in kept.answer]
    known = await meant(ctx, customer)
    holder = Holder(known.id, known.archived_at) if known else None
    wanted = EntitlementsOf(holder, asked, instant, named, look.seen) if holder else None
    found = await ctx.loaders.entitlements_of.load(wanted) if wanted else None
    if found is None:
        raise not_found("Customer", "customer")
    if instant == ctx.at:
        look.keep(what, found)
    return list(found.answer)


def _instant(ctx: Context, at: datetime | None, consistency: Consistency) -> datetime:
    """Which instant is meant; no whole answer is kept of another than the present, or where it has to be read."""
    if at is not None or consistency is Consistency.STRONG:
        ctx.rests_on(None)
    return at or ctx.at


def _name_of(ctx: Context, ref: CustomerRef) -> Name:
    return Name(ctx.env.id, ref.id, None if ref.id else ref.external_id)


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
