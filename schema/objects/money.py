"""Money, exact to the currency's smallest coin."""

import strawberry

from billing import money
from schema.promise import field, object_type
from schema.scalars import Amount


@object_type
class Money:
    """An amount of one currency. Nothing is ever converted."""

    minor: strawberry.Private[int]
    code: strawberry.Private[str]

    @classmethod
    def of(cls, minor: int, currency: str) -> "Money":
        """Show a number of the currency's smallest coins, once it is asked for."""
        return cls(minor=minor, code=currency)

    @field
    def amount(self) -> Amount:
        """In whole units with all of the currency's decimals, like `12.30`; negative: given back."""
        return Amount(money.Money(self.minor, self.code).format())

    @field
    def currency(self) -> str:
        """The ISO 4217 code of the currency."""
        return self.code
