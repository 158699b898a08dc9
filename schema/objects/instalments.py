"""How far a subscription is paid that is paid in parts."""

from datetime import datetime

from billing.instalments import AccessAfterCompletion
from resolvers.instalments import InstalmentsView
from schema.objects.money import Money
from schema.promise import about, object_type


@object_type
class Instalments:
    """A sum that is paid in so many parts, after which the subscription is completed. (K4)"""

    count: int = about("How many payments were agreed.")
    paid: int = about("How many are paid.")
    remaining: int = about("How many will be invoiced, or are invoiced and not paid.")
    balance: Money = about(
        "What is still owed: what is unpaid, and what will be invoiced with the discounts and the tax of today."
    )
    completes_at: datetime = about("When the last paid period ends: once all is paid by then, it is completed.")
    access_after_completion: AccessAfterCompletion = about("Whether what was bought is kept after that.")

    @classmethod
    def of(cls, view: InstalmentsView) -> "Instalments":
        """Show them."""
        return cls(
            count=view.count,
            paid=view.paid,
            remaining=view.remaining,
            balance=Money.of(view.balance, view.currency),
            completes_at=view.completes_at,
            access_after_completion=view.after,
        )
