"""Telling that a mail went out: which, about what, and never to which address or in which words. (C2)"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from models.work import Happening

if TYPE_CHECKING:
    from models.invoice_views import InvoiceView
    from models.work import Work
    from resolvers.context import Context


class MailKind(StrEnum):
    """What a mail says."""

    PAYMENT_FAILED = "PAYMENT_FAILED"
    PAST_DUE = "PAST_DUE"


async def tell_mailed(ctx: Context, kind: MailKind, invoice: InvoiceView) -> None:
    """Write down that a customer was told of an invoice, whatever of theirs is due: that cannot stand in the way."""

    async def unit(work: Work) -> None:
        await work.bump(invoice.customer_id)
        told = {"mail": kind.value, "number": invoice.number, "subscriptionId": invoice.subscription_id or None}
        await work.record(invoice.customer_id, Happening("mail.sent", invoice.id, {}, told))

    await ctx.worked(unit)
