"""The payments overview."""

from datetime import datetime

from billing.lifecycle import State
from models import invoice_views
from resolvers import payments_overview as resolved
from schema.objects.money import Money
from schema.promise import about, object_type


@object_type
class StateCount:
    """How many subscriptions are in one state."""

    state: State = about("The state.")
    count: int = about("How many.")


@object_type
class MonthlyRevenue:
    """What the subscriptions in one state bring in a month."""

    state: State = about("The state.")
    amount: Money = about("What they bring; the amounts of a currency's states sum to its total.")

    @classmethod
    def of(cls, revenue: resolved.Revenue) -> "MonthlyRevenue":
        """Show what a state brings."""
        return cls(state=revenue.state, amount=Money.of(revenue.minor, revenue.currency))


@object_type
class OpenInvoices:
    """The open invoices of one currency."""

    count: int = about("How many there are.")
    remaining: Money = about("What is left to pay of them.")

    @classmethod
    def of(cls, found: invoice_views.OpenInvoices) -> "OpenInvoices":
        """Show them."""
        return cls(count=found.count, remaining=Money.of(found.remaining, found.currency))


@object_type
class PaymentsOverview:
    """How many subscriptions stand where, what they bring in a month, and what customers still have to pay. (K13)

    Monthly recurring revenue counts the licensed prices of subscriptions that are billed for time (ACTIVE, PAST_DUE,
    UNPAID, and those of them with a pending cancellation), normalised to a month, less the recurring discounts that
    run. Trials, paused subscriptions and collection, metered prices and discounts for one invoice are left out.
    """

    at: datetime = about("The environment's present, as of which everything is counted.")
    counts: list[StateCount] = about(
        "How many subscriptions are in each state, each in exactly one; every state is told."
    )
    mrr: list[MonthlyRevenue] = about("Monthly recurring revenue by currency and state.")
    mrr_totals: list[Money] = about("Monthly recurring revenue of each currency, rounded once.")
    open_invoices: list[OpenInvoices] = about("The invoices that are final and not paid, by currency.")

    @classmethod
    def of(cls, found: resolved.PaymentsOverview) -> "PaymentsOverview":
        """Show the overview."""
        return cls(
            at=found.at,
            counts=[StateCount(state=state, count=found.counts.get(state, 0)) for state in State],
            mrr=[MonthlyRevenue.of(each) for each in found.revenues],
            mrr_totals=[Money.of(minor, currency) for currency, minor in found.totals],
            open_invoices=[OpenInvoices.of(each) for each in found.open_invoices],
        )
