"""Money, exact to the currency's smallest coin."""

from billing import money
from schema.promise import about, object_type
from schema.scalars import Amount


@object_type
class Money:
    """An amount of one currency. Nothing is ever converted."""

    amount: Amount = about("In whole units with all of the currency's decimals, like `12.30`; negative: given back.")
    currency: str = about("The ISO 4217 code of the currency.")

    @classmethod
    def of(cls, minor: int, currency: str) -> "Money":
        """Show a number of the currency's smallest coins."""
        return cls(amount=Amount(money.Money(minor, currency).format()), currency=currency)
