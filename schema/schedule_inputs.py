"""Inputs of schedules."""

from datetime import datetime

from strawberry import ID, UNSET

from billing.schedules import MOST_CYCLES, MOST_PHASES, Lasts, PhaseAnchor, ProrationBehavior
from resolvers import checks
from resolvers.scheduling import PhaseAsked
from schema.inputs import AddOnInput, IntervalInput, add_ons_of, identifier_or_key, interval_of
from schema.promise import about, input_type, one_of_type
from schema.texts import given, optional_text, optional_whole, short_enough


@one_of_type
class PhaseEndInput:
    """How long a phase lasts."""

    ends_at: datetime | None = about("Until then.", default=UNSET)
    cycles: int | None = about(
        "For so many billing periods; the one in which the phase begins, or that runs now, is the first.",
        default=UNSET,
    )

    def to_lasts(self, field: str) -> Lasts:
        """Check the count."""
        return Lasts(given(self.ends_at), optional_whole(self.cycles, f"{field}.cycles", most=MOST_CYCLES))


@input_type
class SchedulePhaseInput:
    """A phase that is to come; what is not said is as in the phase before it."""

    plan_id: ID | None = about("The plan, by id or key.", default=UNSET)
    version: int | None = about("Its version; the latest published one unless said.", default=UNSET)
    interval: IntervalInput | None = about("How often it renews.", default=UNSET)
    quantity: int | None = about("How many of the plan.", default=UNSET)
    add_ons: list[AddOnInput] | None = about("The whole set of add-ons.", default=UNSET)
    lasts: PhaseEndInput | None = about(
        "How long it lasts; the last phase of a schedule with endBehavior RELEASE can leave it out: it has no end.",
        default=UNSET,
    )
    anchor: PhaseAnchor = about(
        "From when periods are counted; not of a trial, whose end becomes the anchor.", default=PhaseAnchor.KEEP
    )
    trial: bool = about("Whether nothing is paid for while it lasts.", default=False)
    coupon_id: ID | None = about(
        "A coupon, by id or key, that is taken off until the phase is over, or for as long as it says itself.",
        default=UNSET,
    )
    promotion_code: str | None = about("A promotion code instead of a coupon.", default=UNSET)
    proration_behavior: ProrationBehavior = about(
        "What its beginning does with time that is billed already.", default=ProrationBehavior.CREATE_PRORATIONS
    )

    def to_phase(self) -> PhaseAsked:
        """Check every value."""
        plan, coupon, lasts = given(self.plan_id), given(self.coupon_id), given(self.lasts)
        return PhaseAsked(
            plan=None if plan is None else identifier_or_key(plan, "phases.planId"),
            version=optional_whole(self.version, "phases.version"),
            interval=interval_of(self.interval),
            quantity=optional_whole(self.quantity, "phases.quantity", most=checks.MOST_QUANTITY),
            add_ons=add_ons_of(self.add_ons),
            lasts=Lasts() if lasts is None else lasts.to_lasts("phases.lasts"),
            anchor=self.anchor,
            trial=self.trial,
            coupon=None if coupon is None else identifier_or_key(coupon, "phases.couponId"),
            promotion_code=optional_text(self.promotion_code, "phases.promotionCode"),
            proration=self.proration_behavior,
        )


def phases_of(asked: list[SchedulePhaseInput]) -> tuple[PhaseAsked, ...]:
    """Take the phases that are to come."""
    short_enough(asked, "phases", MOST_PHASES)
    return tuple(each.to_phase() for each in asked)
