"""What a quantity costs at a price, exactly, in 10^-9 of the currency's major unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.catalog.values import PriceModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.catalog.values import TierDef


def total_of(
    model: PriceModel,
    quantity: int,
    *,
    unit_amount: int | None,
    package_size: int | None = None,
    tiers: Sequence[TierDef] = (),
) -> int:
    """Price a whole quantity: flat, per unit, by packages begun, by graduated tiers, or by the volume's one tier."""
    amount = unit_amount or 0
    if model is PriceModel.FLAT:
        return amount
    if model is PriceModel.PER_UNIT:
        return amount * quantity
    if model is PriceModel.PACKAGE:
        return amount * -(-quantity // (package_size or 1))
    if model is PriceModel.TIERED_VOLUME:
        tier = next((t for t in tiers if t.up_to is None or quantity <= t.up_to), None)
        return tier.unit_amount * quantity + tier.flat_amount if tier and quantity else 0
    return _graduated(quantity, tiers)


def _graduated(quantity: int, tiers: Sequence[TierDef]) -> int:
    total, floor = 0, 0
    for tier in tiers:
        if quantity <= floor:
            break
        inside = (quantity if tier.up_to is None else min(quantity, tier.up_to)) - floor
        total += inside * tier.unit_amount + tier.flat_amount
        floor += inside
    return total
