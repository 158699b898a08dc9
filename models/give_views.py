"""What plan versions give, as lists show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from billing.entitlements.sources import FeatureKind

if TYPE_CHECKING:
    from billing.entitlements.sources import Give
    from models.views import FeatureView


class GiveView(NamedTuple):
    """What a plan version gives of a feature; of both only what was asked for is there."""

    give: Give
    feature: FeatureView

    @property
    def metered(self) -> bool:
        """Whether it is counted."""
        return self.feature.kind is FeatureKind.METERED

    @property
    def rollover_minimum(self) -> int | None:
        """Where less is unspent nothing rolls over; None where nothing does."""
        return None if self.give.rollover_maximum is None else self.give.rollover_minimum
