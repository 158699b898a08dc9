"""Turning what a caller names (plan, currency, interval, add-ons) into items that can be held."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.calendar import Interval, IntervalUnit
from billing.catalog.values import PlanKind, PriceUsage
from billing.change_rules import ruling
from billing.changes import Position
from billing.dataclass import dataclass
from billing.pricing import total_of
from billing.refusals import AddOnNotCompatible, InvalidInput, PlanNotAvailable, PriceNotAvailable
from billing.subscriptions import Item
from resolvers import checks
from resolvers.access import not_found

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from billing.change_rules import ChangeTerms, Ruling
    from billing.subscriptions import Facts
    from models.reader import Reader
    from models.views import PlanView, PriceView
    from resolvers.inputs import AddOnChoice

MONTHLY = Interval(IntervalUnit.MONTH)
"""The period of a plan without prices: it gives END_OF_PERIOD and resets a meaning."""


@dataclass(frozen=True, slots=True)
class Terms:
    """In which currency and at which interval a plan is held; '' where nothing is charged."""

    currency: str
    interval: Interval


async def plan_wanted(
    read: Reader,
    ref: str,
    version: int | None,
    *,
    merchant: bool,
    held: PlanView | None = None,
) -> PlanView:
    """Find a plan that can be subscribed to; customers do not find hidden ones, unless it is the one `held`."""
    plan = await read.catalog.plan(ref, version)
    if plan is None or (plan.hidden and not merchant and (held is None or held.id != plan.id)):
        raise not_found("Plan", "planId")
    if held is not None and plan.product_id != held.product_id:
        raise PlanNotAvailable(
            "The plan is another product's: subscribe to it beside this one.",
            field="planId",
            reason="OTHER_PRODUCT",
        )
    await demand_on_sale(read, plan, "planId", held=held)
    if held is not None and plan.instalments:  # they begin with a purchase (K4)
        raise PlanNotAvailable(
            "The plan is paid in instalments: make a new subscription of it.", field="planId", reason="INSTALMENTS"
        )
    if plan.add_on:
        raise PlanNotAvailable("This is an add-on: pass it in `addOns`.", field="planId", reason="ADD_ON")
    if plan.kind is PlanKind.CUSTOM and not merchant:
        raise PlanNotAvailable("The plan is priced by agreement: contact us.", field="planId", reason="CUSTOM")
    return plan


async def demand_on_sale(read: Reader, plan: PlanView, field: str, *, held: PlanView | None = None) -> None:
    """Refuse a plan or add-on that is archived, by itself or with its product; what is `held` may be kept. (K2)"""
    if held is not None and held.id == plan.id and held.version_id == plan.version_id:
        return
    what = "add-on" if plan.add_on else "plan"
    if plan.archived_at is not None:
        raise PlanNotAvailable(f"The {what} {plan.key} is archived: choose another.", field=field, reason="ARCHIVED")
    product = (await read.catalog.products_by_id([plan.product_id])).get(plan.product_id)
    if product is not None and product.archived_at is not None:
        raise PlanNotAvailable(
            f"The product of {plan.key} is archived: nothing of it is sold.", field=field, reason="PRODUCT_ARCHIVED"
        )


def terms_of(plan: PlanView, currency: str | None, interval: Interval | None) -> Terms:
    """Choose currency and interval: what is given, else the only one there is."""
    agreed = agreed_prices(plan)
    if not agreed:
        return Terms(currency or "", interval or MONTHLY)
    fitting = [
        price
        for price in agreed
        if (currency is None or price.currency == currency) and (interval is None or price.interval == interval)
    ]
    found = {(price.currency, price.interval) for price in fitting}
    if len(found) != 1:
        sold = currency is None or any(price.currency == currency for price in agreed)
        chosen = sold and (currency is not None or len({c for c, _ in found}) == 1)
        raise PriceNotAvailable(
            "Choose one currency and interval among those that the plan has.",
            field="interval" if chosen else "currency",
            available=named_terms(plan),
        )
    return Terms(*found.pop())


def agreed_prices(plan: PlanView) -> list[PriceView]:
    """The prices that say currency and interval: the licensed ones, or all where there are none."""
    return [price for price in plan.prices if price.usage is PriceUsage.LICENSED] or list(plan.prices)


def items_of(plan: PlanView, terms: Terms, quantity: int) -> tuple[Item, ...]:
    """Make the plan's (or add-on's) items at these terms."""
    prices = [price for price in plan.prices if price.currency == terms.currency and _bills(price, terms.interval)]
    if plan.prices and not prices:
        raise PriceNotAvailable(
            f"{plan.name} has no price in {terms.currency} for this interval.",
            field="addOns" if plan.add_on else "planId",
            available=named_terms(plan),
        )
    ids = [price.id for price in prices] or [""]
    return tuple(Item(plan.id, plan.version_id, price_id, quantity, plan.add_on) for price_id in ids)


async def kept_items(read: Reader, plan: PlanView, facts: Facts) -> tuple[Item, ...]:
    """Make the plan's items at the prices that are held; what was measured of a feature the plan lacks falls away."""
    held = [item for item in facts.items if not item.add_on]
    known = await read.catalog.prices_by_id([item.price_id for item in held if item.price_id])
    given = {give.feature_id for give in plan.gives}
    kept = [item for item in held if item.price_id in known and _goes_on(known[item.price_id], given)]
    ids = [item.price_id for item in kept] or [""]
    return tuple(Item(plan.id, plan.version_id, price_id, facts.quantity) for price_id in ids)


def _goes_on(price: PriceView, given: set[str]) -> bool:
    return price.usage is PriceUsage.LICENSED or price.feature_id in given


async def add_on_items(
    read: Reader,
    plan: PlanView,
    choices: Sequence[AddOnChoice],
    terms: Terms,
    held: Collection[str] = (),
) -> tuple[Item, ...]:
    """Make the items of the chosen add-ons; those that are `held`, by plan id, may be archived by now."""
    items: list[Item] = []
    for choice in choices:
        add_on = await read.catalog.plan(choice.add_on)
        if add_on is None or not add_on.add_on:
            raise not_found("AddOn", "addOns")
        if add_on.id not in held:
            await demand_on_sale(read, add_on, "addOns")
        if add_on.key not in plan.add_on_keys:
            raise AddOnNotCompatible(
                f"{plan.name} does not take the add-on {add_on.key}.",
                field="addOns",
                compatible=plan.add_on_keys,
            )
        if any(item.plan_id == add_on.id for item in items):
            raise InvalidInput(f"The add-on {add_on.key} is listed twice: give its quantity once.", field="addOns")
        items += items_of(add_on, terms, checks.quantity(choice.quantity, "addOns"))
    return tuple(items)


async def position_held(read: Reader, held: PlanView, facts: Facts) -> Position:
    """Place what is held for the change rules, by the prices that it has: a migration may have kept older ones."""
    ids = [item.price_id for item in facts.items if not item.add_on and item.price_id]
    if not {*ids} <= {price.id for price in held.prices}:
        held = replace(held, prices=tuple((await read.catalog.prices_by_id(ids)).values()))
    return position_of(held, Terms(facts.currency, facts.interval), facts.quantity)


def position_of(plan: PlanView, terms: Terms, quantity: int) -> Position:
    """Place a plan for the change rules."""
    per_interval = sum(
        total_of(
            price.model,
            quantity,
            unit_amount=price.unit_amount,
            package_size=price.package_size,
            tiers=price.tiers,
        )
        for price in plan.prices
        if price.usage is PriceUsage.LICENSED and price.currency == terms.currency and price.interval == terms.interval
    )
    priced = terms.currency if plan.prices else ""
    return Position(
        plan.id, plan.version_id, plan.rank, terms.interval, priced, per_interval, quantity, plan_key=plan.key
    )


def named_terms(plan: PlanView) -> tuple[str, ...]:
    """Name the currencies and intervals that a plan has: USD every 1 MONTH."""
    return tuple(
        dict.fromkeys(f"{p.currency} every {p.interval.count} {p.interval.unit.value}" for p in plan.prices),
    )


def _bills(price: PriceView, interval: Interval) -> bool:
    """Licensed prices share the interval; metered ones may be shorter."""
    return price.interval == interval or price.usage is PriceUsage.METERED


async def ruled_for(read: Reader, plan: PlanView, old: Position, new: Position) -> Ruling:
    """What the rules say of a move; its product is looked up where a rule asks for one."""
    terms = await change_terms(read)
    if terms.of_products:
        product = (await read.catalog.products_by_id([plan.product_id]))[plan.product_id]
        old, new = replace(old, product_key=product.key), replace(new, product_key=product.key)
    return ruling(terms, old, new)


async def change_terms(read: Reader) -> ChangeTerms:
    """The environment's rules of changes."""
    return (await read.environments.billing(read.environment_id)).changes
