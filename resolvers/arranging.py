"""What a change of plan, quantity or add-ons would do: decided once, for the preview and for the mutation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.actions import demand as demand_action
from billing.actions import demand_no_job
from billing.cancellation import demand_not_paid_back
from billing.catalog.values import PlanKind
from billing.change_rules import ChangeTerms, Ruling, as_said, by_direction, demand_cut
from billing.changes import (
    Direction,
    MigrationPrices,
    PendingChanges,
    applies_at,
    cuts_short,
    demand_downgrade,
    demand_no_cancellation,
    demand_nothing_pending,
    direction,
    overall,
    replaced_by_plan_change,
)
from billing.dataclass import dataclass
from billing.ending_refusals import ProrationUnavoidable
from billing.lifecycle import Action, ChangeKind, ChangeTiming
from billing.periods import cut
from billing.quantities import with_quantity
from billing.refusals import CurrencyMismatch, InvalidInput, NothingChanges
from billing.subscriptions import Scheduled, Target, as_of, move
from billing.waiting import fitting
from resolvers import checks
from resolvers.access import merchant_argument
from resolvers.inputs import AddOnChoice
from resolvers.offering import (
    Terms,
    add_on_items,
    agreed_prices,
    change_terms,
    items_of,
    kept_items,
    plan_wanted,
    position_held,
    position_of,
    ruled_for,
    terms_of,
)
from resolvers.over_limit import fitted
from resolvers.paying.at_the_end import paid_back

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from billing.calendar import Interval
    from billing.schedules import ProrationBehavior
    from billing.subscriptions import Facts, Item
    from models.reader import Reader
    from models.views import PlanView, SubscriptionView
    from resolvers.context import Caller


@dataclass(frozen=True, slots=True)
class ChangeAsked:
    """What a change or a downgrade asks for; None leaves things as they are. `prices` is what a migration says."""

    plan: str | None = None
    version: int | None = None
    currency: str | None = None
    interval: Interval | None = None
    quantity: int | None = None
    add_ons: tuple[AddOnChoice, ...] | None = None
    timing: ChangeTiming | None = None
    undo_cancellation: bool = False
    downgrade: bool = False
    proration: ProrationBehavior | None = None
    prices: MigrationPrices | None = None
    pending: PendingChanges = PendingChanges.REPLACE


@dataclass(frozen=True, slots=True)
class Arranged:
    """What will be, decided as of `at`: the facts at once, and what is scheduled, replaced and undone."""

    at: datetime
    plan: PlanView
    direction: Direction
    timing: ChangeTiming
    applies_at: datetime
    facts_now: Facts
    scheduled: tuple[Scheduled, ...]
    replaced: tuple[Scheduled, ...]
    undone: Scheduled | None
    ruling: Ruling

    @property
    def facts_then(self) -> Facts:
        """The facts once it has taken effect, with all else that is due by then."""
        pending = (*self.facts_now.scheduled, *self.scheduled)
        return as_of(fitting(replace(self.facts_now, scheduled=pending)), self.applies_at)


async def arrange(ctx: Caller, read: Reader, view: SubscriptionView, asked: ChangeAsked, at: datetime) -> Arranged:
    """Decide what a change does, or refuse it by name; nothing is written."""
    merchant_argument(ctx, "timing", given=asked.timing is not None)
    merchant_argument(ctx, "version", given=asked.version is not None)
    merchant_argument(ctx, "prorationBehavior", given=asked.proration is not None)
    held = (await read.catalog.versions_by_id([view.facts.plan_version_id]))[view.facts.plan_version_id]
    facts, undone = kept(view, view.facts, undo=asked.undo_cancellation, undoable=asked.prices is None)
    demand_no_job(undone.job_id if undone else None, ctx.audience, "undoCancellation")
    policy = await read.environments.policy(ctx.env.id)
    action = Action.DOWNGRADE if asked.downgrade else Action.CHANGE_PLAN
    demand_action(action, facts, policy, ctx.audience, custom_priced=held.kind is PlanKind.CUSTOM)
    if asked.pending is PendingChanges.KEEP:
        demand_nothing_pending(facts)
    plan = await _plan(ctx, read, held, asked)
    stays = plan.version_id == held.version_id and asked.interval in (None, facts.interval)
    if stays and not asked.downgrade and asked.prices is None:
        return await fitted(read, view, asked, lambda each: _quantities(read, held, facts, each, at, undone))
    terms = await _terms_for(read, view.customer_id, plan, facts, asked)
    return await fitted(read, view, asked, lambda each: _plan_change(read, held, plan, terms, facts, each, at, undone))


async def led_to(ctx: Caller, read: Reader, customer_id: str, facts: Facts, asked: ChangeAsked) -> Target:
    """What a plan, quantity or add-ons lead to from these facts, whenever that is; what is not said stays."""
    held = (await read.catalog.versions_by_id([facts.plan_version_id]))[facts.plan_version_id]
    plan = await _plan(ctx, read, held, asked)
    if plan.version_id == held.version_id and asked.interval in (None, facts.interval):
        items = await _items_with(read, plan, facts, asked)
        return Target(facts.plan_id, facts.plan_version_id, items, facts.interval, facts.currency)
    terms = await _terms_for(read, customer_id, plan, facts, asked)
    quantity = checks.quantity(asked.quantity if asked.quantity is not None else facts.quantity)
    items = await _items(read, plan, terms, quantity, facts, asked)
    return Target(plan.id, plan.version_id, items, terms.interval, terms.currency)


async def _items_with(read: Reader, plan: PlanView, facts: Facts, asked: ChangeAsked) -> tuple[Item, ...]:
    """The items that are held, at the prices that they have, with another quantity or other add-ons."""
    held = facts if asked.quantity is None else with_quantity(facts, "", checks.quantity(asked.quantity))
    if asked.add_ons is None:
        return held.items
    beside = await add_on_items(read, plan, asked.add_ons, Terms(facts.currency, facts.interval), _ridden(facts))
    return tuple(item for item in held.items if not item.add_on) + beside


async def _terms_for(read: Reader, customer_id: str, plan: PlanView, facts: Facts, asked: ChangeAsked) -> Terms:
    customer = await read.customers.by_id(customer_id)
    return _terms(plan, facts, asked, customer.currency if customer else None)


async def _plan(ctx: Caller, read: Reader, held: PlanView, asked: ChangeAsked) -> PlanView:
    """The plan that is named, in its latest version; where none is named, the version that is held."""
    if asked.plan is None and asked.version is None:
        return held
    return await plan_wanted(read, asked.plan or held.id, asked.version, merchant=ctx.principal.merchant, held=held)


def kept(view: SubscriptionView, facts: Facts, *, undo: bool, undoable: bool = True) -> tuple[Facts, Scheduled | None]:
    """Take a pending cancellation of a subscription back where that was asked for, else refuse."""
    pending = facts.pending(ChangeKind.CANCEL)
    if pending is None:
        return facts, None
    if not undo:
        demand_no_cancellation(facts, undoable=undoable)
    demand_not_paid_back(paid_back=paid_back(view))
    rest = tuple(change for change in facts.scheduled if change is not pending)
    return cut(replace(facts, scheduled=rest)), pending


async def _plan_change(
    read: Reader,
    held: PlanView,
    plan: PlanView,
    terms: Terms,
    facts: Facts,
    asked: ChangeAsked,
    at: datetime,
    undone: Scheduled | None,
) -> Arranged:
    quantity = checks.quantity(asked.quantity if asked.quantity is not None else facts.quantity)
    items = await _items(read, plan, terms, quantity, facts, asked)
    target = Target(plan.id, plan.version_id, items, terms.interval, terms.currency)
    old = await position_held(read, held, facts)
    new = position_of(plan, terms, quantity)
    if asked.downgrade:
        demand_downgrade(old, new)
    if facts.plan_version_id == plan.version_id and facts.interval == terms.interval and set(facts.items) == set(items):
        raise NothingChanges("The subscription is as you ask already.", field="planId")
    way = direction(old, new)
    ruled = as_said(await ruled_for(read, plan, old, new), asked.proration)
    replaced = replaced_by_plan_change(facts)
    rest = tuple(change for change in facts.scheduled if change not in replaced)
    cleared = replace(facts, scheduled=rest)
    timing = _timing(asked, ruled, cut=cuts_short(facts, move(facts, target, at), old))
    when = applies_at(facts, timing, at)
    if timing is ChangeTiming.IMMEDIATE:
        return Arranged(at, plan, way, timing, when, move(cleared, target, when), (), replaced, undone, ruled)
    change = Scheduled("", ChangeKind.PLAN_CHANGE, when, target=target)
    return Arranged(at, plan, way, timing, when, cleared, (change,), replaced, undone, ruled)


def _timing(asked: ChangeAsked, ruled: Ruling, *, cut: bool) -> ChangeTiming:
    """When a move takes effect: one that is not prorated never cuts a paid period, whose rest would be lost. (C18)"""
    timing = asked.timing or ruled.demanded("planId")
    now = timing is ChangeTiming.IMMEDIATE
    demand_cut(asked.proration, now=now)
    if not (now and cut) or ruled.prorates:
        return timing
    if asked.timing is not None:
        raise ProrationUnavoidable(
            "Its interval would cut a period that is billed, whose rest would be lost: leave `timing` out, or prorate.",
            field="prorationBehavior",
        )
    return ChangeTiming.END_OF_PERIOD


async def _items(
    read: Reader,
    plan: PlanView,
    terms: Terms,
    quantity: int,
    facts: Facts,
    asked: ChangeAsked,
) -> tuple[Item, ...]:
    """The items afterwards; a migration names plans alone, so that the add-ons that the target takes stay untouched."""
    if asked.prices is None:
        return items_of(plan, terms, quantity) + await _add_ons(read, plan, facts, asked, terms)
    beside = [item for item in facts.items if item.add_on]
    known = await read.catalog.plans_by_id([item.plan_id for item in beside])
    taken = tuple(item for item in beside if item.plan_id in known and known[item.plan_id].key in plan.add_on_keys)
    if asked.prices is MigrationPrices.KEEP:
        return await kept_items(read, plan, facts) + taken
    return items_of(plan, terms, quantity) + taken


async def _quantities(
    read: Reader,
    held: PlanView,
    facts: Facts,
    asked: ChangeAsked,
    at: datetime,
    undone: Scheduled | None,
) -> Arranged:
    wanted = await _quantities_wanted(read, held, facts, asked)
    replaced = tuple(s for s in facts.scheduled if s.kind is ChangeKind.QUANTITY and s.item in wanted)
    coming = await _retargeted(read, facts, asked, wanted)
    if coming is not None:
        replaced = (*replaced, *(s for s in facts.scheduled if s.kind is ChangeKind.PLAN_CHANGE))
    present = {"": facts.quantity} | {item.plan_id: item.quantity for item in facts.items if item.add_on}
    ways = {
        item: Direction.UP if number > present.get(item, 0) else Direction.DOWN
        for item, (number, _) in wanted.items()
        if number != present.get(item, 0)
    }
    if not (ways or replaced or undone):
        raise NothingChanges("The quantities are as you ask already.", field="quantity")
    terms = await change_terms(read)
    timings = _timings(terms, ways, present, asked)
    waiting = {item for item, timing in timings.items() if timing is ChangeTiming.END_OF_PERIOD}
    _demand_held(waiting, present)
    now = replace(facts, scheduled=tuple(s for s in facts.scheduled if s not in replaced))
    for item in ways:
        now = now if item in waiting else _with(now, item, *wanted[item])
    timing = ChangeTiming.END_OF_PERIOD if waiting else ChangeTiming.IMMEDIATE
    when = applies_at(facts, timing, at)
    scheduled = () if coming is None else (coming,)
    pending = facts.pending(ChangeKind.PLAN_CHANGE)
    if pending is None or pending.applies_at != when:  # else the plan change of that instant takes them along
        rows = (Scheduled("", ChangeKind.QUANTITY, when, item=i, quantity=wanted[i][0]) for i in sorted(waiting))
        scheduled = (*rows, *scheduled)
    if not (scheduled or replaced or undone or now.items != facts.items):
        raise NothingChanges("The pending plan change leads to these quantities already.", field="quantity")
    way = overall(ways.values())
    demand_cut(asked.proration, now=now.items != facts.items)
    ruled = as_said(by_direction(terms, way), asked.proration)
    return Arranged(at, held, way, timing, when, now, scheduled, replaced, undone, ruled)


def _timings(
    terms: ChangeTerms, ways: dict[str, Direction], present: dict[str, int], asked: ChangeAsked
) -> dict[str, ChangeTiming]:
    """When each quantity changes, where nobody says so as the default rule does; a new add-on joins at once."""
    if asked.timing is not None:
        return dict.fromkeys(ways, asked.timing)
    return {
        item: by_direction(terms, way).demanded("quantity") if item in present else ChangeTiming.IMMEDIATE
        for item, way in ways.items()
    }


def _demand_held(waiting: set[str], present: dict[str, int]) -> None:
    """Refuse to let a new add-on wait: only the quantity of one that is held can."""
    if waiting - present.keys():
        raise InvalidInput("A new add-on joins at once: leave `timing` out.", field="timing")


async def _retargeted(
    read: Reader,
    facts: Facts,
    asked: ChangeAsked,
    wanted: dict[str, tuple[int, tuple[Item, ...]]],
) -> Scheduled | None:
    """A pending plan change that takes the wanted quantities along; None where it has them, or none is pending."""
    pending = facts.pending(ChangeKind.PLAN_CHANGE)
    if pending is None or pending.target is None:
        return None
    target = pending.target
    of_plan = tuple(item for item in target.items if not item.add_on)
    if "" in wanted:
        of_plan = tuple(replace(item, quantity=wanted[""][0]) for item in of_plan)
    beside = tuple(item for item in target.items if item.add_on)
    if asked.add_ons is not None:
        plan = (await read.catalog.versions_by_id([target.plan_version_id]))[target.plan_version_id]
        chosen = [AddOnChoice(item, number) for item, (number, _) in wanted.items() if item and number]
        beside = await _compatible(read, plan, chosen, Terms(target.currency, target.interval))
    if set(of_plan + beside) == set(target.items):
        return None
    return replace(pending, id="", target=replace(target, items=of_plan + beside))


async def _quantities_wanted(
    read: Reader,
    held: PlanView,
    facts: Facts,
    asked: ChangeAsked,
) -> dict[str, tuple[int, tuple[Item, ...]]]:
    """The wanted number of the plan ('') and of each add-on, with the items that it would have."""
    if asked.quantity is None and asked.add_ons is None:
        if asked.undo_cancellation:
            return {}
        if asked.plan is not None or asked.version is not None or asked.interval is not None:
            raise NothingChanges("The subscription is as you ask already.", field="planId")
        raise InvalidInput("Say what to change: plan, interval, quantity or addOns.", field="planId")
    wanted: dict[str, tuple[int, tuple[Item, ...]]] = {}
    if asked.quantity is not None:
        wanted[""] = (checks.quantity(asked.quantity), ())
    if asked.add_ons is not None:
        terms = Terms(facts.currency, facts.interval)
        items = await add_on_items(read, held, asked.add_ons, terms, _ridden(facts))
        for item in items:
            same = tuple(each for each in items if each.plan_id == item.plan_id)
            wanted[item.plan_id] = (item.quantity, same)
        for item in facts.items:
            if item.add_on and item.plan_id not in wanted:
                wanted[item.plan_id] = (0, ())
    return wanted


def _with(facts: Facts, item: str, number: int, items: tuple[Item, ...]) -> Facts:
    """Set a quantity at once; a new add-on joins."""
    if item and not any(held.plan_id == item for held in facts.items):
        return replace(facts, items=facts.items + items)
    return with_quantity(facts, item, number)


async def _add_ons(
    read: Reader,
    plan: PlanView,
    facts: Facts,
    asked: ChangeAsked,
    terms: Terms,
) -> tuple[Item, ...]:
    """The add-ons asked for, else those held that the plan takes."""
    if asked.add_ons is not None:
        return await add_on_items(read, plan, asked.add_ons, terms, _ridden(facts))
    held = {item.plan_id: item.quantity for item in facts.items if item.add_on}
    return await _compatible(read, plan, [AddOnChoice(item, number) for item, number in held.items()], terms)


async def _compatible(read: Reader, plan: PlanView, chosen: Sequence[AddOnChoice], terms: Terms) -> tuple[Item, ...]:
    known = await read.catalog.plans_by_id([choice.add_on for choice in chosen])
    kept = [c for c in chosen if c.add_on in known and known[c.add_on].key in plan.add_on_keys]
    return await add_on_items(read, plan, kept, terms, tuple(choice.add_on for choice in kept))


def _ridden(facts: Facts) -> frozenset[str]:
    """The add-ons that are held already, by plan id."""
    return frozenset(item.plan_id for item in facts.items if item.add_on)


def _terms(plan: PlanView, facts: Facts, asked: ChangeAsked, usual: str | None) -> Terms:
    """Keep currency and interval where the plan has them, else choose its only ones; a migration always keeps them."""
    if asked.prices is MigrationPrices.KEEP:
        return Terms(facts.currency, facts.interval)
    if facts.currency and asked.currency not in (None, facts.currency):
        raise CurrencyMismatch(
            f"The subscription is held in {facts.currency}; nothing is converted.",
            field="currency",
            currency=facts.currency,
        )
    if not facts.currency and usual is not None and asked.currency not in (None, usual):
        raise CurrencyMismatch(f"The customer is billed in {usual}.", field="currency", currency=usual)
    currency = facts.currency or asked.currency or usual
    if not plan.prices:
        return Terms(currency or "", asked.interval or facts.interval)
    agreed = agreed_prices(plan)
    offered = any(price.interval == facts.interval and currency in (None, price.currency) for price in agreed)
    return terms_of(plan, currency, asked.interval or (facts.interval if offered else None))
