"""Between the rows of invoices and their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.calendar import Period
from models.invoice_views import InvoiceView, LineView, TaxShare, WaiverView

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def line_view(found: Mapping[str, Any]) -> LineView:
    """Read a line."""
    return LineView(
        id=found["id"],
        customer_id=found["customer_id"],
        subscription_id=found["subscription_id"],
        invoice_id=found["invoice_id"],
        credit_note_id=found["credit_note_id"],
        position=found["position"],
        kind=found["kind"],
        proration=found["proration"],
        plan_id=found["plan_id"],
        price_id=found["price_id"],
        add_on=found["add_on"],
        feature_id=found["feature_id"],
        description=found["description"],
        name=found["name"],
        unit=found["unit"],
        quantity=found["quantity"],
        currency=found["currency"],
        period=_period(found, "period"),
        natural=_period(found, "natural"),
        gross=found["gross"],
        discount=found["discount"],
        net=found["net"],
        discount_id=found["discount_id"],
        discount_ppm=found["discount_ppm"],
        discount_amount=found["discount_amount"],
        credits_line_id=found["credits_line_id"],
        tax=TaxShare(
            ppm=found["tax_ppm"],
            name=found["tax_name"],
            country=found["tax_country"],
            inclusive=found["tax_inclusive"],
            amount=found["tax"],
        ),
        created_at=found["created_at"],
    )


def line_columns(line: LineView) -> dict[str, Any]:
    """The columns that keep a line, apart from the environment."""
    return {
        "id": line.id,
        "customer_id": line.customer_id,
        "subscription_id": line.subscription_id,
        "invoice_id": line.invoice_id,
        "credit_note_id": line.credit_note_id,
        "position": line.position,
        "kind": line.kind,
        "proration": line.proration,
        "plan_id": line.plan_id,
        "price_id": line.price_id,
        "add_on": line.add_on,
        "feature_id": line.feature_id,
        "description": line.description,
        "name": line.name,
        "unit": line.unit,
        "quantity": line.quantity,
        "currency": line.currency,
        "period_start": line.period.start if line.period else None,
        "period_end": line.period.end if line.period else None,
        "natural_start": line.natural.start if line.natural else None,
        "natural_end": line.natural.end if line.natural else None,
        "gross": line.gross,
        "discount": line.discount,
        "net": line.net,
        "discount_id": line.discount_id,
        "discount_ppm": line.discount_ppm,
        "discount_amount": line.discount_amount,
        "credits_line_id": line.credits_line_id,
        "tax_ppm": line.tax.ppm,
        "tax_name": line.tax.name,
        "tax_country": line.tax.country,
        "tax_inclusive": line.tax.inclusive,
        "tax": line.tax.amount,
        "created_at": line.created_at,
    }


def invoice_view(found: Mapping[str, Any]) -> InvoiceView:
    """Read an invoice."""
    return InvoiceView(
        id=found["id"],
        customer_id=found["customer_id"],
        subscription_id=found["subscription_id"],
        number=found["number"],
        status=found["status"],
        reason=found["reason"],
        currency=found["currency"],
        collection_method=found["collection_method"],
        auto_advance=found["auto_advance"],
        period=_period(found, "period"),
        subtotal=found["subtotal"],
        discount=found["discount"],
        tax=found["tax"],
        total=found["total"],
        balance_applied=found["balance_applied"],
        credited=found["credited"],
        paid=found["paid"],
        remaining=found["remaining"],
        paid_out_of_band=found["paid_out_of_band"],
        seller=found["seller"],
        buyer=found["buyer"],
        memo=found["memo"],
        due_at=found["due_at"],
        payable_by=found["payable_by"],
        created_at=found["created_at"],
        finalized_at=found["finalized_at"],
        settled_at=found["settled_at"],
    )


def invoice_columns(invoice: InvoiceView) -> dict[str, Any]:
    """The columns that keep an invoice, apart from the environment."""
    period = invoice.period
    return {
        "id": invoice.id,
        "customer_id": invoice.customer_id,
        "subscription_id": invoice.subscription_id,
        "number": invoice.number,
        "status": invoice.status,
        "reason": invoice.reason,
        "currency": invoice.currency,
        "collection_method": invoice.collection_method,
        "auto_advance": invoice.auto_advance,
        "period_start": period.start if period else None,
        "period_end": period.end if period else None,
        "subtotal": invoice.subtotal,
        "discount": invoice.discount,
        "tax": invoice.tax,
        "total": invoice.total,
        "balance_applied": invoice.balance_applied,
        "credited": invoice.credited,
        "paid": invoice.paid,
        "remaining": invoice.remaining,
        "paid_out_of_band": invoice.paid_out_of_band,
        "seller": invoice.seller,
        "buyer": invoice.buyer,
        "memo": invoice.memo,
        "due_at": invoice.due_at,
        "payable_by": invoice.payable_by,
        "created_at": invoice.created_at,
        "finalized_at": invoice.finalized_at,
        "settled_at": invoice.settled_at,
    }


def waiver_view(found: Mapping[str, Any]) -> WaiverView:
    """Read a waiver."""
    return WaiverView(
        id=found["id"],
        stands_on=found["stands_on"],
        plan_id=found["plan_id"],
        price_id=found["price_id"],
        add_on=found["add_on"],
        quantity=found["quantity"],
        period=Period(found["period_start"], found["period_end"]),
        cause=found["cause"],
        change_id=found["change_id"],
    )


def _period(found: Mapping[str, Any], name: str) -> Period | None:
    start, end = found[f"{name}_start"], found[f"{name}_end"]
    return None if start is None or end is None else Period(start, end)
