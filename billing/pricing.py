"""What a quantity costs at a price, exactly, in 10^-9 of the currency's major unit; money rounds once, at the end."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from billing.amounts import MAX_SCALE
from billing.catalog.values import PriceModel
from billing.dataclass import dataclass
from billing.money import Money, exponent, rounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from billing.catalog.values import PriceDef, TierDef


@dataclass(frozen=True, slots=True)
class TierShare:
    """The part of a quantity that one tier prices, in 10^-scale units, and what it comes to."""

    up_to: int | None
    quantity: int
    amount: Fraction


@dataclass(frozen=True, slots=True)
class Priced:
    """A quantity and what it costs: its share of each tier it reaches, or the packages begun; `exact` is all of it."""

    quantity: int
    exact: Fraction
    tiers: tuple[TierShare, ...] = ()
    packages: int | None = None

    def money(self, currency: str) -> Money:
        """The line's amount, rounded once, half away from zero."""
        return Money(rounded(self.exact / 10 ** (MAX_SCALE - exponent(currency))), currency)


def price_of(price: PriceDef, quantity: int, scale: int = 0) -> Priced:
    """Price a quantity of 10^-scale units: of a metered price the feature's scale, else 0."""
    return priced(
        price.model,
        quantity,
        unit_amount=price.unit_amount,
        package_size=price.package_size,
        tiers=price.tiers,
        scale=scale,
    )


def priced(
    model: PriceModel,
    quantity: int,
    *,
    unit_amount: int | None,
    package_size: int | None = None,
    tiers: Sequence[TierDef] = (),
    scale: int = 0,
) -> Priced:
    """Price a whole quantity: flat, per unit, by packages begun, by graduated tiers, or by the volume's one tier."""
    amount, unit = unit_amount or 0, 10**scale
    if model is PriceModel.FLAT:
        return Priced(quantity, Fraction(amount))
    if model is PriceModel.PER_UNIT:
        return Priced(quantity, Fraction(amount * quantity, unit))
    if model is PriceModel.PACKAGE:
        packages = -(-quantity // (package_size or 1))
        return Priced(quantity, Fraction(amount * packages), packages=packages)
    graduated = model is PriceModel.TIERED_GRADUATED
    shares = tuple(_graduated(quantity, tiers, unit) if graduated else _volume(quantity, tiers, unit))
    return Priced(quantity, sum((share.amount for share in shares), Fraction(0)), shares)


def total_of(
    model: PriceModel,
    quantity: int,
    *,
    unit_amount: int | None,
    package_size: int | None = None,
    tiers: Sequence[TierDef] = (),
) -> int:
    """What a whole quantity of whole units costs, in 10^-9."""
    return int(priced(model, quantity, unit_amount=unit_amount, package_size=package_size, tiers=tiers).exact)


def _share(tier: TierDef, quantity: int, unit: int) -> TierShare:
    return TierShare(tier.up_to, quantity, Fraction(tier.unit_amount * quantity, unit) + tier.flat_amount)


def _graduated(quantity: int, tiers: Sequence[TierDef], unit: int) -> Iterator[TierShare]:
    floor = 0
    for tier in tiers:
        if quantity <= floor:
            return
        inside = (quantity if tier.up_to is None else min(quantity, tier.up_to)) - floor
        yield _share(tier, inside, unit)
        floor += inside


def _volume(quantity: int, tiers: Sequence[TierDef], unit: int) -> Iterator[TierShare]:
    tier = next((tier for tier in tiers if tier.up_to is None or quantity <= tier.up_to), None)
    if tier is not None and quantity:
        yield _share(tier, quantity, unit)
