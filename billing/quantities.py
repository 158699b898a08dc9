"""Another quantity of the plan or of an add-on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from billing.subscriptions import Facts


def with_quantity(facts: Facts, item: str, quantity: int) -> Facts:
    """Set the quantity of the plan ('') or of one add-on; an add-on at 0 goes."""
    items = tuple(
        replace(i, quantity=quantity) if (i.plan_id == item if item else not i.add_on) else i for i in facts.items
    )
    return replace(facts, items=tuple(i for i in items if i.quantity > 0))
