"""Cancelling many: what was asked for, what became of each, and what that did in money."""

from datetime import datetime

from strawberry import ID

from billing.ending import EndAccess, EndPreset, EndRefund, OpenInvoices, PendingItems
from billing.lifecycle import CancelReason, CancelTiming, State
from models.job_views import JobItemView, MoneyMoved
from resolvers import bulk_cancellation as resolved
from schema.objects.money import Money
from schema.promise import about, object_type


@object_type
class JobMoney:
    """What a job, or one item of it, did in money of one currency; of a dry run, what it would do."""

    currency: str = about("The ISO 4217 code of the currency.")
    invoiced: Money = about("The total of invoices made at once; negative: put on the credit balance.")
    credited: Money = about("The total of credit notes.")
    refunded: Money = about("What goes back to where it was paid from; credit notes tell it too.")
    waiting: Money = about("What of the subscriptions then waits for an invoice, before tax.")

    @classmethod
    def of(cls, money: MoneyMoved) -> "JobMoney":
        """Show money."""
        return cls(
            currency=money.currency,
            invoiced=Money.of(money.invoiced, money.currency),
            credited=Money.of(money.credited, money.currency),
            refunded=Money.of(money.refunded, money.currency),
            waiting=Money.of(money.waiting, money.currency),
        )


@object_type
class BulkCancellationEnd:
    """How a bulk cancellation ended a subscription."""

    effective_at: datetime = about("When it ended or will.")
    already_pending: bool = about("Whether just this end was pending before, so that nothing was done.")

    @classmethod
    def of(cls, view: JobItemView) -> "BulkCancellationEnd":
        """Show an end."""
        at, already = datetime.fromisoformat(str(view.result["effective_at"])), bool(view.result["already"])
        return cls(effective_at=at, already_pending=already)


@object_type
class BulkCancellationFilter:
    """Which subscriptions a bulk cancellation is about; null is any."""

    ids: list[ID] | None = about("These.")
    plan_id: ID | None = about("On this plan.")
    states: list[State] | None = about("In one of these states.")
    customer_ids: list[ID] | None = about("Of one of these customers.")


@object_type
class BulkCancellation:
    """What a job of kind CANCELLATION cancels, and on which terms; null is what was not said."""

    subscriptions: BulkCancellationFilter = about("Which subscriptions.")
    timing: CancelTiming | None = about("When each takes effect.")
    date: datetime | None = about("On which date.")
    cycles: int | None = about("After how many periods.")
    notice_days: int | None = about("After a notice of how many days.")
    notice_months: int | None = about("After a notice of how many months.")
    prorate: bool | None = about("Whether paid time that is cut off is credited.")
    invoice_now: bool | None = about("Whether what waits is invoiced at once.")
    refund: EndRefund | None = about("What is paid back.")
    clear_usage: bool | None = about("Whether usage that is not billed yet is dropped.")
    open_invoices: OpenInvoices | None = about("What becomes of drafts and unpaid invoices.")
    pending_items: PendingItems | None = about("What becomes of items that wait for an invoice.")
    access: EndAccess | None = about("Until when access goes on.")
    preset: EndPreset | None = about("Whose defaults speak where nothing is said.")
    reason: CancelReason | None = about("Why.")
    undoes: ID | None = about("The job whose undo is tried, of a dry run of that.")

    @classmethod
    def of(cls, wanted: resolved.BulkCancellation) -> "BulkCancellation":
        """Show what was asked for."""
        terms, money = wanted.terms, wanted.terms.money
        return cls(
            subscriptions=BulkCancellationFilter(
                ids=_ids(wanted.ids),
                plan_id=None if wanted.plan_id is None else ID(wanted.plan_id),
                states=None if wanted.states is None else list(wanted.states),
                customer_ids=_ids(wanted.customer_ids),
            ),
            timing=terms.timing,
            date=terms.date,
            cycles=terms.cycles,
            notice_days=terms.notice.days if terms.notice else None,
            notice_months=terms.notice.months if terms.notice else None,
            prorate=money.prorate,
            invoice_now=money.invoice_now,
            refund=money.refund,
            clear_usage=money.clear_usage,
            open_invoices=money.open_invoices,
            pending_items=money.pending_items,
            access=money.access,
            preset=money.preset,
            reason=terms.reason,
            undoes=ID(wanted.undoes) if wanted.undoes else None,
        )


def _ids(ids: tuple[str, ...] | None) -> list[ID] | None:
    return None if ids is None else [ID(each) for each in ids]
