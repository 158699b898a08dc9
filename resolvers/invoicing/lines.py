"""Making lines: of what reconciling found, of what was measured, and of what the merchant adds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.invoicing.values import LineKind
from models.invoice_views import LineView, TaxShare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.invoicing.policy import TaxRule
    from billing.invoicing.values import Charge, Credit
    from models.reader import Reader
    from models.work import Work


def line_of(
    work: Work, kind: LineKind, customer_id: str, subscription_id: str, currency: str, tax: TaxRule | None
) -> LineView:
    """Begin a line of a kind; it costs nothing yet and waits for an invoice."""
    return LineView(
        id=work.ids.new("lin"),
        customer_id=customer_id,
        subscription_id=subscription_id,
        invoice_id="",
        credit_note_id="",
        position=0,
        kind=kind,
        proration=False,
        plan_id="",
        price_id="",
        add_on=False,
        feature_id="",
        description="",
        quantity=1,
        currency=currency,
        period=None,
        natural=None,
        gross=0,
        discount=0,
        net=0,
        discount_id="",
        discount_ppm=None,
        discount_amount=None,
        credits_line_id="",
        tax=TaxShare() if tax is None else TaxShare(tax.ppm, tax.name, tax.country, tax.inclusive),
        created_at=work.at,
    )


def charged(
    work: Work,
    customer_id: str,
    subscription_id: str,
    charge: Charge,
    tax: TaxRule | None,
    before: LineView | None = None,
) -> LineView:
    """Make the line of a charge for licensed time; what is charged again is taxed as the line `before` was."""
    slot, rebate = charge.due.slot, charge.rebate
    line = replace(
        line_of(work, LineKind.PERIOD, customer_id, subscription_id, slot.terms.currency, tax),
        proration=charge.proration,
        plan_id=slot.plan_id,
        price_id=slot.price_id,
        add_on=slot.add_on,
        quantity=charge.due.quantity,
        period=charge.period,
        natural=charge.due.natural,
        gross=charge.gross,
        discount=charge.discount,
        net=charge.net,
        discount_id=rebate.discount_id if rebate else "",
        discount_ppm=rebate.ppm if rebate else None,
        discount_amount=rebate.amount if rebate else None,
    )
    return line if before is None else replace(line, tax=replace(before.tax, amount=0))


def credited(work: Work, credit: Credit, billed: Mapping[str, LineView]) -> LineView:
    """Make the line that gives a piece of another line back, at that line's own tax."""
    line = billed[credit.billed.line_id]
    return replace(
        line_of(work, LineKind.CREDIT, line.customer_id, line.subscription_id, line.currency, None),
        proration=True,
        plan_id=line.plan_id,
        price_id=line.price_id,
        add_on=line.add_on,
        quantity=line.quantity,
        period=credit.period,
        natural=line.natural,
        gross=-credit.amount,
        net=-credit.amount,
        credits_line_id=line.id,
        tax=replace(line.tax, amount=0),
    )


def same_piece(line: LineView, other: LineView) -> bool:
    """Whether two usage lines are of the same price and the same time."""
    return (line.price_id, line.period) == (other.price_id, other.period)


def told_at_once(line: LineView) -> bool:
    """Whether a usage line was made as its piece ended: what is told late, and what is used after an end, is not."""
    return line.period is not None and line.created_at == line.period.end


async def earlier(read: Reader, line: LineView) -> list[LineView]:
    """List the usage lines that billed the same piece before: what is told late has some, and nothing else has.

    A line that was made as its piece ended bills that first; one made later may be of an act under a preview token, and
    one made before is of what is used after an end.
    """
    if line.period is None:
        raise LookupError(line.id)
    if told_at_once(line):
        return []
    found = await read.invoices.usage_of(line.subscription_id, line.period.start)
    before = [each for each in found if (each.created_at, each.id) < (line.created_at, line.id)]
    return [each for each in before if same_piece(each, line)]
