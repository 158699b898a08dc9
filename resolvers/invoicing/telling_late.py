"""Usage that is told when its period's invoice is final: a line of the next invoice, which names that period."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.calendar import Period
from billing.invoicing.invoices import InvoiceStatus
from models.stores.corrections import Place
from resolvers.invoicing.lines import same_piece
from resolvers.invoicing.measuring import counted, usage_line
from resolvers.invoicing.own_time import own_time
from resolvers.invoicing.reckoning import metered

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from billing.subscriptions import Facts
    from models.invoice_views import LineView
    from models.views import PriceView, SubscriptionView
    from models.work import Work

FINAL = frozenset({InvoiceStatus.OPEN, InvoiceStatus.PAID, InvoiceStatus.UNCOLLECTIBLE})
"""An invoice in these counts no more usage; a draft still does, and of a void one nothing is asked."""


async def told_late(
    work: Work, customer_id: str, subscription_id: str, features: Mapping[str, datetime]
) -> list[LineView]:
    """Make lines of what was used before these instants, by feature, and is more by now than was invoiced."""
    made: list[LineView] = []
    resource = await work.subscriptions.resource(subscription_id)
    for feature_id, start in features.items():
        place = Place(customer_id, feature_id, resource)
        reach = await work.usage.told_late(place, subscription_id, start)
        if reach is None:
            continue
        billed = [
            line for line in await work.invoices.usage_of(subscription_id, reach[0]) if line.feature_id == feature_id
        ]
        made += await _more(work, resource, [line for line in billed if line.period and line.period.start <= reach[1]])
    return made


async def wait_for_rest(work: Work, place: Place, whens: Collection[datetime], ended: Collection[str] = ()) -> None:
    """Let usage of these instants wait for the customer's next invoice, where no period to come will bill it.

    That is usage of an item that has left its subscription, or of a subscription that has ended: told late, or used
    while one of those that have `ended` still gave what was paid for. What an end dropped stays dropped.
    """
    lines = await work.invoices.usage_within(place, min(whens), max(whens))
    named = {line.subscription_id for line in lines} | set(ended)
    views = await work.subscriptions.at_resource(place.customer_id, place.scope) if named else []
    for view in (each for each in views if each.id in named):
        cursors = await work.invoices.cursors(view.id)
        prices = await work.catalog.prices_by_id(sorted(cursors))
        if all(price.feature_id != place.feature_id for price in prices.values()):
            own = [line for line in lines if line.subscription_id == view.id]
            kept = await _not_dropped(work, view.facts, own)
            await work.invoices.add_lines(await _more(work, place.scope, kept, views))
            await work.invoices.add_lines(await _after_the_end(work, place, view.facts, whens, views))


async def _not_dropped(work: Work, facts: Facts, lines: list[LineView]) -> list[LineView]:
    """Leave out the lines of prices whose usage an end dropped: up to there it was not measured."""
    if all(_reaches(facts, line) for line in lines):
        return lines
    later = await work.invoices.usage_of(facts.id, min(line.period.start for line in lines if line.period))
    measured = {line.price_id for line in later if _reaches(facts, line)}
    return [line for line in lines if line.price_id in measured]


def _reaches(facts: Facts, line: LineView) -> bool:
    """Whether a line is of usage up to the end that its price came to, or of a price that came to none."""
    over = facts.ended_at if any(item.price_id == line.price_id for item in facts.items) else facts.went_on_at
    return over is None or line.period is None or line.period.end >= over


async def _after_the_end(
    work: Work, place: Place, facts: Facts, whens: Collection[datetime], views: Sequence[SubscriptionView]
) -> list[LineView]:
    """Begin the line of what is used after an end, while what was paid for goes on; once begun it is counted again."""
    if facts.ended_at is None or facts.access_until is None:
        return []
    piece = Period(facts.ended_at, facts.access_until)
    if not any(piece.contains(when) for when in whens):
        return []
    begun = {line.price_id for line in await work.invoices.usage_of(facts.id, piece.start) if line.period == piece}
    prices = await work.catalog.prices_by_id(sorted({item.price_id for item in facts.items} - {""}))
    items = [each for each in metered(facts.items, prices) if each.price_id not in begun]
    policy = await work.environments.billing(work.environment_id)
    customer = await work.customers.by_id(place.customer_id)
    tax = policy.tax_for(customer.country if customer else None)
    lines = [
        (usage_line(work, place.customer_id, facts.id, item, prices[item.price_id], piece, tax), prices[item.price_id])
        for item in items
        if prices[item.price_id].feature_id == place.feature_id
    ]
    made = [
        await counted(work, line, price, place.scope, within=await own_time(work, line, views)) for line, price in lines
    ]
    return [line for line in made if line.quantity]


async def _more(
    work: Work, resource: str, billed: list[LineView], views: Sequence[SubscriptionView] = ()
) -> list[LineView]:
    """What is more by now of each piece that was billed, priced and taxed as it was billed first."""
    invoices = await work.invoices.by_ids({line.invoice_id for line in billed} - {""})
    final = {each.id for each in invoices.values() if each.status in FINAL}
    prices: dict[str, PriceView] = await work.catalog.prices_by_id(sorted({line.price_id for line in billed}))
    made: list[LineView] = []
    while billed:
        first, *rest = billed
        piece = [first, *(line for line in rest if same_piece(line, first))]
        billed = [line for line in rest if not same_piece(line, first)]
        if all(line.invoice_id in final for line in piece):
            own = await own_time(work, first, views)
            more = await counted(work, _begun(work, first), prices[first.price_id], resource, piece, own)
            made += [more] if more.quantity else []
    return made


def _begun(work: Work, first: LineView) -> LineView:
    return replace(
        first,
        id=work.ids.new("lin"),
        invoice_id="",
        credit_note_id="",
        position=0,
        discount=0,
        discount_id="",
        discount_ppm=None,
        discount_amount=None,
        tax=replace(first.tax, amount=0),
        created_at=work.at,
    )
