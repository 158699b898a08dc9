"""What a plan costs."""

from typing import Final

import strawberry
from strawberry import ID

from billing import money
from billing.amounts import format_amount
from billing.catalog.values import PriceModel, PriceUsage, TierDef
from models.columns import WHOLE
from models.views import PriceView
from schema.columns import Columns
from schema.info import Info
from schema.objects.feature import Feature
from schema.objects.period import Interval
from schema.promise import about, field, object_type, shown
from schema.relay import sure
from schema.scalars import Amount


@object_type
class UnitPrice:
    """An exact price, which may be finer than the currency's smallest coin."""

    amount: Amount = about("The price in whole units of the currency, with up to nine decimals.")
    currency: str = about("The ISO 4217 code of the currency.")

    @classmethod
    def of(cls, nano: int, currency: str) -> "UnitPrice":
        """Show a number of billionths of the currency."""
        return cls(amount=Amount(money.UnitPrice(nano, currency).format()), currency=currency)


@object_type
class PriceTier:
    """A step of a tiered price."""

    up_to: Amount | None = about("The last amount that belongs to the tier; null is all further ones.")
    unit_amount: UnitPrice = about("What each unit costs.")
    flat_amount: UnitPrice = about("What is added once a unit falls into the tier.")

    @classmethod
    def of(cls, tier: TierDef, currency: str, scale: int) -> "PriceTier":
        """Show a tier."""
        return cls(
            up_to=None if tier.up_to is None else Amount(format_amount(tier.up_to, scale)),
            unit_amount=UnitPrice.of(tier.unit_amount, currency),
            flat_amount=UnitPrice.of(tier.flat_amount, currency),
        )


@object_type
class Price:
    """One price of a plan version, in one currency and interval. It never changes: another price is another version."""

    view: strawberry.Private[PriceView]
    id: ID = shown("The id of the price.", "id")
    key: str = shown("The merchant's own name for it, unique in the plan.", "key")
    currency: str = shown("The ISO 4217 code of the currency.", "currency")
    interval: Interval = shown("How often it is billed.", lambda view: Interval.of(view.interval))
    model: PriceModel = shown("How a quantity becomes an amount.", "model")
    usage: PriceUsage = shown("Whether it bills what is agreed or what is measured.", "usage")
    unit_amount: UnitPrice | None = shown(
        "The whole amount of a flat price, or the price of one unit or package; null where there are tiers.",
        lambda view: None if view.unit_amount is None else UnitPrice.of(view.unit_amount, view.currency),
    )

    @classmethod
    def of(cls, view: PriceView) -> "Price":
        """Show a price; what is not asked for of it is not written, and need not be there."""
        return cls(view=view)

    @field
    async def feature(self, info: Info) -> Feature | None:
        """The feature whose usage it bills, or whose limit grows with its quantity."""
        wanted = self.view.feature_id
        return Feature.of(sure(await info.context.loaders.feature.load(wanted))) if wanted else None

    @field
    async def package_size(self, info: Info) -> Amount | None:
        """How many units a package holds, of a price per package."""
        size = self.view.package_size
        return None if size is None else Amount(format_amount(size, await self._scale(info)))

    @field
    async def tiers(self, info: Info) -> list[PriceTier]:
        """The steps of a tiered price, lowest first; empty for others."""
        if not self.view.tiers:
            return []
        scale = await self._scale(info)
        return [PriceTier.of(tier, self.view.currency, scale) for tier in self.view.tiers]

    async def _scale(self, info: Info) -> int:
        """Only what is measured has the decimals of its feature; quantities that are agreed are whole."""
        if self.view.usage is PriceUsage.LICENSED or not self.view.feature_id:
            return 0
        return sure(await info.context.loaders.feature.load(self.view.feature_id)).scale


COLUMNS: Final = Columns(Price, interval=WHOLE, unitAmount="unit_amount currency", feature="feature_id")
